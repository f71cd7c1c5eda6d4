"""Customers and the groups inside them."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser


class Organization(models.Model):
    """A customer. `may_be_named` is its consent to be named in public."""

    name = models.CharField(max_length=120)
    slug = models.SlugField("short name")
    aliases = models.JSONField(
        default=list, blank=True, help_text="Other names, domains and hosts it is known by."
    )
    may_be_named = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="an_organization_is_named_once",
                violation_error_message="Another organization has this name.",
            ),
            models.UniqueConstraint(
                fields=["slug"],
                name="an_organization_has_its_own_short_name",
                violation_error_message="Another organization has this short name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProjectQuerySet(models.QuerySet["Project"]):
    def with_a_seat_of(self, user: "AbstractBaseUser", *, at: "datetime") -> Self:
        """Those that `user` may talk to us for at that instant."""
        seats = Seat.objects.held_at(at).filter(user=user.pk, project=OuterRef("pk"))
        return self.filter(Exists(seats))


class Project(models.Model):
    """A group inside an organization that uses the library; seats hang on it."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="projects"
    )
    name = models.CharField(max_length=120)
    slug = models.SlugField("short name")
    dask_release = models.CharField(
        max_length=32, blank=True, help_text="The release it runs today, such as 2025.5.1."
    )
    python_version = models.CharField(max_length=16, blank=True)

    objects: ClassVar[models.Manager["Project"]] = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["organization", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "slug"],
                name="a_project_is_named_once_in_its_organization",
                violation_error_message="Another project of this organization has this short name.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.name}"


def _just(field: str) -> Func:
    """Equality for an exclusion constraint without btree_gist, which PostgreSQL's core lacks."""
    return Func(
        F(field), F(field), Value("[]"), function="int8range", output_field=BigIntegerField()
    )


class SeatQuerySet(models.QuerySet["Seat"]):
    def held_at(self, at: "datetime") -> "SeatQuerySet":
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at)


class Seat(models.Model):
    """A person may talk to us for a project, from `starts_at` until before `ends_at`."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="seats")
    user = models.ForeignKey("contracts.User", on_delete=models.PROTECT, related_name="seats")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Seat"]] = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["project", "starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="a_seat_ends_after_it_starts",
                violation_error_message="A seat ends after it starts.",
            ),
            ExclusionConstraint(
                name="a_person_holds_a_project_seat_once_at_a_time",
                violation_error_message="This person already holds a seat on it at that time.",
                expressions=[
                    (_just("project"), RangeOperators.OVERLAPS),
                    (_just("user"), RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.project}"
