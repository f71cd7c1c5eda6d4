"""The single runs of an experiment, and the files they left."""

import json
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from reproducers.models.experiments import Experiment
from reproducers.models.runners import Runner


class TrialQuerySet(models.QuerySet["Trial"]):
    def open(self) -> "TrialQuerySet":
        return self.filter(state__in=[Trial.State.QUEUED, Trial.State.LEASED])

    def running(self) -> "TrialQuerySet":
        return self.filter(state=Trial.State.LEASED)

    def ready(self, now: datetime) -> "TrialQuerySet":
        """What a runner may take."""
        return self.filter(state=Trial.State.QUEUED, ready_at__lte=now)

    def lost(self, now: datetime) -> "TrialQuerySet":
        """Leased by a runner that was not heard in time."""
        return self.running().filter(lease_expires_at__lte=now)


class Trial(models.Model):
    """One run of one reproducer in one environment. `job` is the engine's Job as JSON.

    `job` is None where none could be made; such a trial has ended with the reason. While leased,
    `progress` holds the engine's newest event and `since`, when its phase began (Unix seconds).
    Once ended, `verdict` and `report` stand, and the database lets nobody change them.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        LEASED = "leased", "running"
        ENDED = "ended", "ended"
        CANCELLED = "cancelled", "cancelled"

    class Verdict(models.TextChoices):
        REPRODUCED = "reproduced", "reproduced"
        DIFFERENT = "different", "different"
        CLEAN = "clean", "clean"
        BAD_ENVIRONMENT = "bad-environment", "could not be judged"
        UNSATISFIABLE = "unsatisfiable", "could not be judged"
        LIMIT = "limit", "could not be judged"
        INFRASTRUCTURE = "infrastructure", "could not be judged"

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="trials")
    position = models.PositiveIntegerField()
    dask = models.CharField(max_length=32)
    python = models.CharField(max_length=16, blank=True)
    as_of = models.DateField(null=True, blank=True)
    gpus = models.PositiveSmallIntegerField(default=0)
    job = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    ready_at = models.DateTimeField(help_text="From when on a runner may take it.")
    runner = models.ForeignKey(
        Runner, null=True, blank=True, on_delete=models.SET_NULL, related_name="trials"
    )
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    progress = models.JSONField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    report = models.JSONField(null=True, blank=True)

    objects: ClassVar[models.Manager["Trial"]] = TrialQuerySet.as_manager()

    class Meta:
        ordering = ["experiment", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "position"], name="a_trial_has_its_own_place_in_the_plan"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="leased",
                    lease_token__isnull=False,
                    lease_expires_at__isnull=False,
                    started_at__isnull=False,
                )
                | (~Q(state="leased") & Q(lease_token=None, lease_expires_at=None)),
                name="a_trial_is_leased_with_a_token_until_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", report__isnull=False, ended_at__isnull=False)
                & ~Q(verdict="")
                | (~Q(state="ended") & Q(verdict="", report=None)),
                name="a_trial_ends_with_a_verdict_and_a_report",
            ),
            models.CheckConstraint(
                condition=Q(state="ended") | Q(job__isnull=False),
                name="a_trial_without_a_job_has_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ready_at", "id"], condition=Q(state="queued"), name="trials_to_take"
            ),
            models.Index(
                fields=["lease_expires_at"], condition=Q(state="leased"), name="trials_being_run"
            ),
        ]

    def __str__(self) -> str:
        return f"Trial {self.pk} on {self.dask}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.LEASED}

    def job_json(self) -> str:
        """The Job as it travels to the engine."""
        return json.dumps(self.job)


class Artifact(models.Model):
    """A file that a trial left: text or JSON of ours, bounded, never rendered unescaped."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    size = models.PositiveIntegerField("size in bytes")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["trial", "name"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "name"], name="an_artifact_has_its_own_name"),
        ]

    def __str__(self) -> str:
        return self.name
