"""Hosts that run trials."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

SILENCE = timedelta(seconds=30)
"""A runner that was not heard for so long counts as gone."""


class RunnerQuerySet(models.QuerySet["Runner"]):
    def alive(self, now: datetime) -> "RunnerQuerySet":
        return self.filter(heartbeat_at__gt=now - SILENCE, stopped_at=None)


class Runner(models.Model):
    """A process that leases trials and runs them, with what its host really offers.

    `session` names the process that holds the name now: an older one learns that it was replaced.
    """

    name = models.CharField(max_length=120, unique=True)
    session = models.UUIDField()
    slots = models.PositiveSmallIntegerField(default=1)
    gpus = models.PositiveSmallIntegerField(default=0)
    isolation = models.CharField(max_length=16, blank=True)
    limits = models.CharField(max_length=16, blank=True)
    registered_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Runner"]] = RunnerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_alive(self, *, at: datetime) -> bool:
        return self.stopped_at is None and self.heartbeat_at > at - SILENCE
