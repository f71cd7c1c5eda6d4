"""Releases come from the index, stand in the order of their versions, and have neighbours."""

from datetime import date

import pytest

from reproducers.engine import releases
from reproducers.engine.errors import EnvironmentServiceError, MissingPython, UnknownRelease
from reproducers.engine.releases import (
    as_of,
    known_releases,
    newest,
    newest_listed,
    python_for,
    release,
)
from tests.engine.indexes import Index


@pytest.fixture
def dask(own_index: Index) -> Index:
    """An index with a few releases, a late backport, a yanked one and a pre-release."""
    for version, uploaded in {
        "2021.1.0": "2021-01-15T00:00:00Z",
        "2022.11.0": "2022-11-15T19:40:00Z",
        "2024.9.1": "2024-09-28T00:59:00Z",
        "2024.10.0": "2024-10-17T09:13:00Z",
        "2025.4.0": "2025-04-22T18:32:00Z",
        "2025.3.1": "2026-01-29T15:38:00Z",
        "2026.1.0": "2026-01-16T11:44:00Z",
        "2026.8.1rc1": "2026-08-20T00:00:00Z",
    }.items():
        own_index.add("dask", version, uploaded=uploaded, requires_python=">=3.8")
    own_index.add("dask", "2024.11.0", uploaded="2024-11-08T17:45:00Z", yanked="too slow")
    own_index.add("dask", "2024.11.1", uploaded="2024-11-11T16:00:00Z", yanked=True)
    return own_index


def test_they_stand_in_the_order_of_their_versions_and_not_of_their_dates(dask: Index) -> None:
    assert [found.version for found in known_releases()] == [
        "2022.11.0",
        "2024.9.1",
        "2024.10.0",
        "2024.11.0",
        "2024.11.1",
        "2025.3.1",
        "2025.4.0",
        "2026.1.0",
    ]


def test_those_that_plans_leave_out_say_why(dask: Index) -> None:
    assert {
        found.version: found.skipped_because for found in known_releases() if found.skipped_because
    } == {
        "2024.11.0": "it was yanked: too slow",
        "2024.11.1": "it was yanked",
        "2026.1.0": "its distributed pins an older dask",
    }


def test_the_newest_is_the_highest_version_that_nothing_speaks_against(dask: Index) -> None:
    assert newest().version == "2025.4.0"


def test_the_newest_that_was_listed_needs_no_network(dask: Index) -> None:
    assert newest_listed() is None
    known_releases()
    asked = len(dask.asked)
    found = newest_listed()
    assert found is not None
    assert (found.version, len(dask.asked)) == ("2025.4.0", asked)


def test_an_index_without_dask_is_an_error_of_the_service(own_index: Index) -> None:
    with pytest.raises(EnvironmentServiceError, match="The index has no releases of dask"):
        known_releases()


@pytest.mark.parametrize("spelled", ["2024.10.0", "2024.10", "v2024.10.0"])
def test_a_release_is_found_however_it_is_spelled(dask: Index, spelled: str) -> None:
    assert release(spelled).version == "2024.10.0"


def test_a_release_that_was_listed_before_needs_no_network(dask: Index) -> None:
    known_releases()
    dask.answers["/simple/dask/"] = (503, "text/plain", b"")
    assert release("2024.10.0").version == "2024.10.0"
    assert dask.asked == ["/simple/dask/"]


def test_a_release_that_is_not_in_the_list_is_looked_for_again(dask: Index) -> None:
    known_releases()
    dask.add("dask", "2026.9.0", uploaded="2026-09-20T00:00:00Z")
    assert release("2026.9.0").version == "2026.9.0"


@pytest.mark.parametrize(
    ("asked", "message", "remedy"),
    [
        (
            "2024.10.7",
            "There is no Dask 2024.10.7.",
            "Nearest are 2024.9.1, 2024.10.0, 2024.11.0 and 2024.11.1.",
        ),
        ("2099.1.0", "There is no Dask 2099.1.0.", "Nearest are 2025.4.0 and 2026.1.0."),
        (
            "2021.1.0",
            "Dask 2021.1.0 is older than 2022.11.0, the oldest that can be run here.",
            "Nearest are 2022.11.0 and 2024.9.1.",
        ),
        ("newest", "'newest' is no release of Dask.", "Name one such as 2024.12.1."),
    ],
)
def test_an_unknown_release_is_answered_with_its_neighbours(
    dask: Index, asked: str, message: str, remedy: str
) -> None:
    with pytest.raises(UnknownRelease) as caught:
        release(asked)
    assert (str(caught.value), caught.value.remedy) == (message, remedy)


def test_a_release_gets_the_best_python_that_is_here(dask: Index) -> None:
    assert python_for(release("2024.10.0"), here=("3.9", "3.12")) == "3.12"
    assert python_for(release("2022.11.0"), here=("3.9", "3.12")) == "3.9"


def test_a_python_that_is_not_here_is_named_with_the_remedy(dask: Index) -> None:
    with pytest.raises(MissingPython, match=r"dask 2022\.11\.0 needs Python 3\.10 or 3\.9 or 3\.8"):
        python_for(release("2022.11.0"), here=("3.12",))


def test_a_wish_that_no_python_fulfils_is_told_from_a_missing_one(dask: Index) -> None:
    with pytest.raises(MissingPython, match=r"No Python fits both dask 2022\.11\.0 and requires"):
        python_for(release("2022.11.0"), ">=3.12")


def test_an_environment_is_as_of_a_week_after_its_release(dask: Index) -> None:
    assert as_of(release("2024.10.0"), ["dask[complete]", "pandas>=2"]) == date(2024, 10, 24)


def test_a_younger_requirement_that_is_pinned_moves_the_day(dask: Index) -> None:
    dask.add("pandas", "2.3.0", uploaded="2025-06-05T10:00:00Z", tag="cp311-cp311-any")
    dask.add("pandas", "2.3.0", uploaded="2025-06-04T10:00:00Z", tag="cp312-cp312-any")
    assert as_of(release("2024.10.0"), ["pandas==2.3"]) == date(2025, 6, 4)
    assert as_of(release("2025.4.0"), ["dask[complete]==2025.4.0"]) == date(2025, 4, 29)


@pytest.mark.parametrize(
    "loose", ["pandas==2.*", "pandas>=2,<3", "nowhere==1.0", "pandas==9", "pandas===any"]
)
def test_what_is_not_pinned_or_not_there_moves_nothing(dask: Index, loose: str) -> None:
    dask.add("pandas", "2.3.0", uploaded="2025-06-05T10:00:00Z")
    assert as_of(release("2024.10.0"), [loose]) == date(2024, 10, 24)


def test_today_is_that_of_the_index() -> None:
    assert isinstance(releases.today(), date)
