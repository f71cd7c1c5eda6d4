"""Which releases of Dask the index has, so that nobody asks it in a request or a transaction."""

from typing import ClassVar

from django.db import models


class DaskReleaseQuerySet(models.QuerySet["DaskRelease"]):
    def current(self) -> "DaskReleaseQuerySet":
        """Those that the index named when it was last read."""
        last = self.order_by("-seen_at").values("seen_at")[:1]
        return self.filter(seen_at=models.Subquery(last))


class DaskRelease(models.Model):
    """A release of Dask, as the index named it when it was last read, at `seen_at`.

    `skipped_because` says why plans leave it out (it was yanked, say); empty for most.
    """

    version = models.CharField(max_length=32, unique=True)
    uploaded_at = models.DateTimeField()
    skipped_because = models.CharField(max_length=400, blank=True)
    seen_at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager["DaskRelease"]] = DaskReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.version
