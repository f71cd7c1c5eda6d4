"""What an organization bought."""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast

from contracts.models.organizations import Organization
from contracts.models.service_levels import SlaPolicy

if TYPE_CHECKING:
    from datetime import datetime


class ContractQuerySet(models.QuerySet["Contract"]):
    def in_force(self, at: "datetime") -> "ContractQuerySet":
        """Those whose days, in their own zones, hold that instant."""
        wall = Func(F("zone"), Value(at), function="timezone", output_field=models.DateTimeField())
        return (
            self.exclude(signed_at=None)
            .alias(day=Cast(wall, models.DateField()))
            .filter(starts_on__lte=F("day"), ends_on__gt=F("day"))
        )


class Contract(models.Model):
    """In force from `starts_on` until before `ends_on`, once signed; days begin in `zone`."""

    class Kind(models.TextChoices):
        LONG_TERM_SUPPORT = "long-term-support", "long-term support"
        FEATURE = "feature", "feature build-out"
        CONSULTING = "consulting", "consulting"
        GRANT = "grant", "grant"
        INTERNAL = "internal", "internal"

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="contracts"
    )
    kind = models.CharField(max_length=24, choices=Kind, default=Kind.LONG_TERM_SUPPORT)
    signed_at = models.DateTimeField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    zone = models.CharField("time zone", max_length=64, default="Europe/Berlin")
    monthly_minutes = models.PositiveIntegerField("office-hour minutes a month")
    seats_per_project = models.PositiveSmallIntegerField(default=2)
    sla_policy = models.ForeignKey(
        SlaPolicy, on_delete=models.PROTECT, related_name="contracts", verbose_name="SLA policy"
    )
    annual_value_cents = models.PositiveBigIntegerField("annual value in cents", default=0)
    currency = models.CharField(max_length=3, default="EUR")

    objects: ClassVar[models.Manager["Contract"]] = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="a_contract_ends_after_it_starts",
                violation_error_message="A contract ends after it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.get_kind_display()} from {self.starts_on}"
