"""Private GitHub repositories mirrored here: the door, the inbox and the outbox.

Keys are GitHub's ids; names are attributes (tracker.md, 1).
"""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from contracts.models import Organization, Project
from support.models.tickets import Message, Ticket


class Tracker(models.Model):
    """One private repository of one organization (or of one of its projects)."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="trackers"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="trackers"
    )
    repository_id = models.BigIntegerField(unique=True)
    full_name = models.CharField(max_length=140)
    installation_id = models.BigIntegerField(null=True, blank=True)
    connected_at = models.DateTimeField()
    last_hint_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_cause = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["full_name"]

    def __str__(self) -> str:
        return self.full_name


class TrackedIssue(models.Model):
    """An issue of a tracker and the ticket it is. The verdict comment is edited in place."""

    tracker = models.ForeignKey(Tracker, on_delete=models.PROTECT, related_name="issues")
    issue_id = models.BigIntegerField(unique=True)
    number = models.PositiveIntegerField()
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="tracked_issue")
    verdict_comment_id = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["tracker", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["tracker", "number"], name="an_issue_number_is_used_once_in_a_tracker"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tracker}#{self.number}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def pending(self) -> Self:
        return self.filter(state=Delivery.State.PENDING)


class Delivery(models.Model):
    """The inbox: a webhook as it came, stored once per (endpoint, GUID). A hint, not the truth."""

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        APPLIED = "applied", "applied"
        IGNORED = "ignored", "ignored"
        FAILED = "failed", "failed"

    endpoint = models.CharField(max_length=32)
    guid = models.CharField(max_length=64)
    event = models.CharField(max_length=64)
    action = models.CharField(max_length=64, blank=True)
    repository_id = models.BigIntegerField(null=True, blank=True)
    issue_number = models.PositiveIntegerField(null=True, blank=True)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=400, blank=True)

    objects: ClassVar[models.Manager["Delivery"]] = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["received_at", "id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "guid"], name="a_delivery_is_stored_once"),
        ]
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(state="pending"), name="pending_deliveries"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.guid}"


class OutgoingChangeQuerySet(models.QuerySet["OutgoingChange"]):
    def unsettled(self) -> Self:
        return self.filter(state__in=["pending", "sent", "unknown"])

    def due(self, now: datetime) -> Self:
        return self.unsettled().filter(Q(not_before=None) | Q(not_before__lte=now))


class OutgoingChange(models.Model):
    """The outbox: a change for GitHub, written with the local change (tracker.md, 7).

    `payload` is what is to be sent; `marker` stands invisibly in the text, so that an unknown
    outcome is settled by reading back. One lane an issue: in order of `id`.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment", "comment"
        VERDICT = "verdict", "verdict comment"
        LABELS = "labels", "labels"

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        SENT = "sent", "sent"
        CONFIRMED = "confirmed", "confirmed"
        UNKNOWN = "unknown", "unknown"
        REFUSED = "refused", "refused"
        SUPERSEDED = "superseded", "superseded"

    issue = models.ForeignKey(TrackedIssue, on_delete=models.CASCADE, related_name="outgoing")
    kind = models.CharField(max_length=16, choices=Kind)
    payload = models.JSONField()
    marker = models.UUIDField(unique=True)
    message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="outgoing_change"
    )
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    comment_id = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=400, blank=True)

    objects: ClassVar[models.Manager["OutgoingChange"]] = OutgoingChangeQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "id"]
        indexes = [
            models.Index(
                fields=["issue", "id"],
                condition=Q(state__in=["pending", "sent", "unknown"]),
                name="unsettled_changes_by_issue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.issue}"
