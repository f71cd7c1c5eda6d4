"""A plan being carried out."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from contracts.models import Organization
from reproducers.models.reproducers import Reproducer


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def open(self) -> "ExperimentQuerySet":
        return self.filter(state__in=[Experiment.State.QUEUED, Experiment.State.RUNNING])

    def to_advance(self) -> "ExperimentQuerySet":
        """Open ones whose plan has not heard of every verdict, or has made no trial yet."""
        ended = Count("trials", filter=Q(trials__state="ended"))
        counted = self.open().annotate(made=Count("trials"), ended=ended)
        return counted.filter(Q(made=0) | ~Q(ended=F("replayed")))


class Experiment(models.Model):
    """One reproducer tried by one plan.

    `plan_arguments` is what the plan is rebuilt from, `replayed` how many verdicts it has heard.
    """

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
    replayed = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[models.Manager["Experiment"]] = ExperimentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], ended_at=None)
                | Q(state__in=["ended", "cancelled"], ended_at__isnull=False),
                name="an_experiment_has_an_end_once_it_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=["queued", "running"]),
                name="open_experiments",
            ),
        ]

    def __str__(self) -> str:
        return f"Experiment {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}
