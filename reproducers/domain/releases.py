"""The releases of Dask that can be tried, as the index named them when it was last read.

They lie in the database, so that neither a request nor a transaction waits for the index.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from packaging.version import Version

from reproducers.domain.reports import storable
from reproducers.engine.releases import Release
from reproducers.models import DaskRelease

NEWEST: Final = "newest"
"""Stands for the newest release that nothing speaks against, at the moment a plan is made."""

STALE_AFTER: Final = timedelta(hours=1)
SENTENCE: Final = 400


def newest_release() -> str | None:
    """The highest version that nothing speaks against; None where the index was never read."""
    usable = DaskRelease.objects.current().filter(skipped_because="")
    return max(usable.values_list("version", flat=True), key=Version, default=None)


def are_releases_stale(*, now: datetime) -> bool:
    """Whether the index should be read again."""
    return not DaskRelease.objects.filter(seen_at__gt=now - STALE_AFTER).exists()


@transaction.atomic
def record_releases(*, releases: Iterable[Release], now: datetime) -> None:
    """Keep what the index names."""
    rows = [
        DaskRelease(
            version=release.version,
            uploaded_at=release.uploaded_at,
            skipped_because=storable(release.skipped_because or "")[:SENTENCE],
            seen_at=now,
        )
        for release in releases
    ]
    DaskRelease.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=["uploaded_at", "skipped_because", "seen_at"],
    )
