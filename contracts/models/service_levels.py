"""What is promised, and in which hours it counts: policies and calendars in immutable versions."""

from django.db import models
from django.db.models.functions import Lower


class BusinessCalendar(models.Model):
    """Support hours under one name; the hours themselves stand in its versions."""

    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="a_calendar_is_named_once",
                violation_error_message="Another calendar has this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BusinessCalendarVersion(models.Model):
    """The hours in force from `valid_from` on. Never changed: a change is a new version.

    `weekly` maps mon..sun to lists of ["09:00", "17:00"] pairs of wall-clock times in `zone`,
    half-open, "24:00" being a legal close; `closed` lists ISO dates. `always` means 24x7.
    """

    calendar = models.ForeignKey(
        BusinessCalendar, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    zone = models.CharField("time zone", max_length=64, default="Europe/Berlin")
    always = models.BooleanField("around the clock", default=False)
    weekly = models.JSONField(default=dict, blank=True)
    closed = models.JSONField(default=list, blank=True)
    valid_from = models.DateTimeField()

    class Meta:
        ordering = ["calendar", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "number"], name="a_calendar_version_has_its_own_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar}, version {self.number}"


class SlaPolicy(models.Model):
    """What is promised, under one name; the targets stand in its versions."""

    name = models.CharField(max_length=120)
    calendar = models.ForeignKey(
        BusinessCalendar, on_delete=models.PROTECT, related_name="policies"
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="a_policy_is_named_once",
                violation_error_message="Another policy has this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SlaPolicyVersion(models.Model):
    """Targets by priority and metric. Never changed: a change is a new version.

    `targets` maps a priority to {metric: seconds of open time}; a metric without a target is not
    measured. `grace_seconds` None: the new target (sla.md, rule 4).
    """

    class Reopen(models.TextChoices):
        NEW_CYCLE = "new-cycle", "a new cycle"
        RESUME = "resume", "resume the old cycle"
        IGNORE = "ignore", "ignore"

    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    targets = models.JSONField()
    grace_seconds = models.PositiveIntegerField(null=True, blank=True)
    reopen = models.CharField(max_length=16, choices=Reopen, default=Reopen.NEW_CYCLE)
    thanks_grace_seconds = models.PositiveIntegerField(default=24 * 3600)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["policy", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "number"], name="a_policy_version_has_its_own_number"
            ),
        ]
        verbose_name = "SLA policy version"

    def __str__(self) -> str:
        return f"{self.policy}, version {self.number}"
