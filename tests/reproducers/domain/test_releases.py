from datetime import UTC, datetime, timedelta

import pytest

from reproducers.domain.releases import are_releases_stale, newest_release, record_releases
from reproducers.engine.releases import Release
from reproducers.models import DaskRelease
from tests.factories import NOW
from tests.reproducers.factories import make_releases

pytestmark = pytest.mark.django_db

UPLOADED = datetime(2025, 5, 1, tzinfo=UTC)


def test_the_newest_is_the_highest_version_and_not_the_last_letter() -> None:
    make_releases("2025.9.2", "2025.10.0", "2025.2.0")

    assert newest_release() == "2025.10.0"


def test_without_a_list_there_is_no_newest() -> None:
    assert newest_release() is None


def test_a_release_that_something_speaks_against_is_not_the_newest() -> None:
    found = [
        Release(version="2025.1.0", uploaded_at=UPLOADED),
        Release(version="2026.2.0", uploaded_at=UPLOADED, yanked="broken"),
    ]

    record_releases(releases=found, now=NOW)

    assert newest_release() == "2025.1.0"
    yanked = DaskRelease.objects.get(version="2026.2.0")
    assert yanked.skipped_because == "it was yanked: broken"


def test_reading_the_index_again_adds_changes_and_forgets() -> None:
    make_releases("2025.1.0", "2025.2.0")
    found = [
        Release(version="2025.1.0", uploaded_at=UPLOADED, yanked=""),
        Release(version="2025.3.0", uploaded_at=UPLOADED),
    ]

    record_releases(releases=found, now=NOW + timedelta(hours=1))

    current = DaskRelease.objects.current().order_by("version")
    assert [(each.version, each.skipped_because) for each in current] == [
        ("2025.1.0", "it was yanked"),
        ("2025.3.0", ""),
    ]


@pytest.mark.parametrize(("minutes", "stale"), [(0, False), (59, False), (60, True)])
def test_the_list_is_stale_after_an_hour(minutes: int, stale: bool) -> None:
    make_releases(seen_at=NOW)

    assert are_releases_stale(now=NOW + timedelta(minutes=minutes)) is stale


def test_no_list_at_all_is_stale() -> None:
    assert are_releases_stale(now=NOW)
