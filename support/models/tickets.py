"""A problem somebody has, what was said about it, and everything that happened to it."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contracts.models import Organization, Project, Seat, SlaPolicyVersion, User
from reproducers.models import Reproducer


class Priority(models.TextChoices):
    URGENT = "urgent", "Urgent"
    HIGH = "high", "High"
    NORMAL = "normal", "Normal"
    LOW = "low", "Low"


class Channel(models.TextChoices):
    PORTAL = "portal", "portal"
    DESK = "desk", "desk"
    GITHUB = "github", "GitHub"
    API = "api", "API"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: User) -> Self:
        """Staff see all; a customer those of their organization, while they hold a seat in it.

        Who may see what is decided as of this statement, by the database's clock.
        """
        if user.is_staff and user.is_active:
            return self
        theirs = Seat.objects.filter(
            Q(ends_at=None) | Q(ends_at__gt=Now()),
            starts_at__lte=Now(),
            user_id=user.pk,
            user__is_active=True,
            project__organization=F("user__organization"),
        )
        return self.filter(organization_id__in=theirs.values("project__organization_id"))

    def open(self) -> Self:
        return self.exclude(state__in=[Ticket.State.RESOLVED, Ticket.State.CLOSED])


class Ticket(models.Model):
    """One problem of one organization. Its number, as people say it, is its key.

    `severity` is the customer's word and kept; `priority` is agreed and starts as the severity.
    """

    class State(models.TextChoices):
        NEW = "new", "new"
        OPEN = "open", "open"
        WAITING_ON_CUSTOMER = "waiting-on-customer", "waiting on customer"
        WAITING_ON_UPSTREAM = "waiting-on-upstream", "waiting on upstream"
        RESOLVED = "resolved", "resolved"
        CLOSED = "closed", "closed"

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="tickets")
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    title = models.CharField(max_length=256)
    state = models.CharField(max_length=24, choices=State, default=State.NEW)
    severity = models.CharField(max_length=8, choices=Priority, default=Priority.NORMAL)
    priority = models.CharField(max_length=8, choices=Priority, default=Priority.NORMAL)
    channel = models.CharField(max_length=8, choices=Channel)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opened_tickets",
    )
    opened_at = models.DateTimeField()
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assigned_tickets",
        limit_choices_to={"is_staff": True},
    )
    dask_release = models.CharField("affected Dask release", max_length=32, blank=True)
    python_version = models.CharField(max_length=16, blank=True)
    sla_policy_version = models.ForeignKey(
        SlaPolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    reproducer = models.ForeignKey(
        Reproducer, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    missing = models.JSONField(
        default=list, blank=True, help_text="What a run still lacks, a sentence each."
    )
    idempotency_key = models.UUIDField(null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager["Ticket"]] = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opened_by", "idempotency_key"],
                name="a_ticket_is_opened_once_for_one_submission",
            ),
        ]
        indexes = [models.Index(fields=["organization", "state"], name="tickets_by_organization")]

    def __str__(self) -> str:
        return f"#{self.pk} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.state not in {self.State.RESOLVED, self.State.CLOSED}


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        """Internal notes never leave the desk."""
        return self if user.is_staff else self.public()

    def public(self) -> Self:
        return self.filter(is_internal=False)


class Message(models.Model):
    """What somebody wrote, byte for byte. `created_at` is the instant of its origin.

    `author_role` is the author's role at that time; `author_name` serves where there is no account.
    """

    class AuthorRole(models.TextChoices):
        CUSTOMER = "customer", "customer"
        COLLEAGUE = "colleague", "colleague without a seat"
        STAFF = "staff", "staff"
        BOT = "bot", "bot"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    author_name = models.CharField(max_length=120)
    author_role = models.CharField(max_length=16, choices=AuthorRole)
    is_internal = models.BooleanField("internal note", default=False)
    body = models.TextField()
    channel = models.CharField(max_length=8, choices=Channel)
    created_at = models.DateTimeField()
    idempotency_key = models.UUIDField(null=True, blank=True, editable=False)
    comment_id = models.BigIntegerField("GitHub comment id", null=True, blank=True, unique=True)

    objects: ClassVar[models.Manager["Message"]] = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["ticket", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "idempotency_key"],
                name="a_message_is_sent_once_for_one_submission",
            ),
            models.CheckConstraint(
                condition=Q(is_internal=False) | Q(author_role="staff"),
                name="only_staff_write_internal_notes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author_name} on {self.ticket_id}"


class Attachment(models.Model):
    """A file that came with a message; handed out as a download only, never inline."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    size = models.PositiveIntegerField("size in bytes")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["message", "name"]

    def __str__(self) -> str:
        return self.name


class TicketEvent(models.Model):
    """An immutable fact, of which clocks and timeline are made. `value` as sla.md words it."""

    class Kind(models.TextChoices):
        CUSTOMER_MESSAGE = "customer_message", "customer message"
        STAFF_REPLY = "staff_reply", "staff reply"
        INTERNAL_NOTE = "internal_note", "internal note"
        BOT_COMMENT = "bot_comment", "bot comment"
        STATUS = "status", "status"
        PRIORITY = "priority", "priority"
        ASSIGNEE = "assignee", "assignee"
        REPRODUCER = "reproducer", "script read"
        EXPERIMENT = "experiment", "experiment"
        UPSTREAM = "upstream", "upstream issue"
        SEATLESS = "seatless", "message of a colleague without a seat"
        THANKS = "thanks", "thanks"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=24, choices=Kind)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    value = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=400, blank=True)
    is_public = models.BooleanField(default=True)
    message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="event"
    )

    class Meta:
        ordering = ["ticket", "at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} on {self.ticket_id}"


class Draft(models.Model):
    """An unsent answer, kept by the server: one a person and ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    body = models.TextField(blank=True)
    is_internal = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "user"], name="a_person_has_one_draft_a_ticket"
            ),
        ]

    def __str__(self) -> str:
        return f"Draft of {self.user} on {self.ticket_id}"
