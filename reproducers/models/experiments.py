"""A plan being carried out, and its single runs."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from contracts.models import Organization
from reproducers.models.reproducers import Reproducer
from reproducers.models.runners import Runner


class Experiment(models.Model):
    """One reproducer tried by one plan. `plan_arguments` is what the plan is rebuilt from."""

    class Plan(models.TextChoices):
        MATRIX = "matrix", "matrix"

    class State(models.TextChoices):
        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        ENDED = "ended", "ended"
        CANCELLED = "cancelled", "cancelled"

    reproducer = models.ForeignKey(Reproducer, on_delete=models.PROTECT, related_name="experiments")
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="experiments",
        help_text="Whose share of the runners it uses; none: our own suite.",
    )
    plan = models.CharField(max_length=16, choices=Plan, default=Plan.MATRIX)
    plan_arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], ended_at=None)
                | Q(state__in=["ended", "cancelled"], ended_at__isnull=False),
                name="an_experiment_has_an_end_once_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"Experiment {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}


class TrialQuerySet(models.QuerySet["Trial"]):
    def open(self) -> "TrialQuerySet":
        return self.filter(state__in=[Trial.State.QUEUED, Trial.State.LEASED])

    def ready(self, now: datetime) -> "TrialQuerySet":
        """What a runner may take: queued, or leased by one that was lost."""
        return self.filter(
            Q(state=Trial.State.QUEUED) | Q(state=Trial.State.LEASED, lease_expires_at__lte=now),
            cancel_requested_at=None,
        )


class Trial(models.Model):
    """One run of one reproducer in one environment. `job` is the engine's Job as JSON.

    While leased, `progress` holds the engine's newest event. Once ended, `verdict` and `report`
    stand and nothing changes them.
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
    job = models.JSONField()
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
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
                condition=Q(state="leased", lease_token__isnull=False)
                | (~Q(state="leased") & Q(lease_token=None)),
                name="a_trial_is_leased_with_a_token",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", report__isnull=False, ended_at__isnull=False)
                & ~Q(verdict="")
                | (~Q(state="ended") & Q(verdict="", report=None)),
                name="a_trial_ends_with_a_verdict_and_a_report",
            ),
        ]
        indexes = [models.Index(fields=["state", "queued_at"], name="trials_by_state")]

    def __str__(self) -> str:
        return f"Trial {self.pk} on {self.dask}"


class Artifact(models.Model):
    """A file that a trial left: text or JSON of ours, bounded, never rendered unescaped."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["trial", "name"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "name"], name="an_artifact_has_its_own_name"),
        ]

    def __str__(self) -> str:
        return self.name
