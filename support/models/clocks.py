"""Clock cycles: what events, policy and calendar came to, kept so that pages and queues can ask."""

from typing import Self

from django.db import models
from django.db.models import Q

from contracts.models import BusinessCalendarVersion, SlaPolicyVersion
from support.models.tickets import Ticket


class CycleQuerySet(models.QuerySet["Cycle"]):
    def open(self) -> Self:
        return self.filter(outcome="")


class Cycle(models.Model):
    """One promise being kept or not. Open while `outcome` is empty; then nothing rewrites it.

    Seconds are open time of the calendar. `due_at` None: no due, for the reason in `why`.
    """

    class Metric(models.TextChoices):
        FIRST_RESPONSE = "first_response", "First response"
        NEXT_RESPONSE = "next_response", "Next response"

    class Outcome(models.TextChoices):
        MET = "met", "met"
        MISSED = "missed", "missed"
        CANCELLED = "cancelled", "cancelled"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="cycles")
    metric = models.CharField(max_length=24, choices=Metric)
    started_at = models.DateTimeField()
    target_seconds = models.PositiveIntegerField()
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    elapsed_seconds = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    counted = models.JSONField(default=list, blank=True)
    why = models.JSONField(default=list, blank=True)
    policy_version = models.ForeignKey(
        SlaPolicyVersion, on_delete=models.PROTECT, related_name="cycles"
    )
    calendar_version = models.ForeignKey(
        BusinessCalendarVersion, on_delete=models.PROTECT, related_name="cycles"
    )

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["ticket", "started_at", "metric"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "metric", "started_at"], name="a_cycle_starts_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None)
                | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="a_cycle_has_an_end_once_it_has_an_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(outcome=""), name="open_cycles_by_due_instant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.ticket_id}"
