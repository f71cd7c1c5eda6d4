"""Celery tasks of support: ids in, one call into the domain."""

from support.tasks import trackers

__all__ = ["trackers"]
