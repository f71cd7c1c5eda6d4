"""Organizations, their projects, and who holds a seat."""

from functools import partial

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from contracts.admin.actor import actor_of
from contracts.domain.organizations import save_organization, save_project
from contracts.domain.seats import SeatRefused, end_seat, grant_seat
from contracts.models import Organization, Project, Seat
from web.admin import ManagedAdmin
from web.forms import LinesField


class OrganizationForm(forms.ModelForm[Organization]):
    aliases = LinesField(
        required=False,
        help_text="Other names, domains and hosts it is known by, one a line: none of them may "
        "leave the desk.",
    )

    class Meta:
        model = Organization
        fields = ["name", "slug", "aliases", "may_be_named"]


@admin.register(Organization)
class OrganizationAdmin(ManagedAdmin[Organization]):
    form = OrganizationForm
    list_display = ["name", "slug", "may_be_named", "created_at"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def save(
        self,
        request: HttpRequest,
        row: Organization,
        form: ModelForm[Organization],
        *,
        is_new: bool,
    ) -> None:
        save_organization(actor=actor_of(request), organization=row)


@admin.register(Project)
class ProjectAdmin(ManagedAdmin[Project]):
    fields = ["organization", "name", "slug", "dask_release", "python_version"]
    list_display = ["name", "organization", "dask_release", "python_version"]
    list_filter = ["organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "organization__name"]
    autocomplete_fields = ["organization"]
    prepopulated_fields = {"slug": ["name"]}

    def save(
        self, request: HttpRequest, row: Project, form: ModelForm[Project], *, is_new: bool
    ) -> None:
        save_project(actor=actor_of(request), project=row)


@admin.register(Seat)
class SeatAdmin(ManagedAdmin[Seat]):
    """A seat is granted and ended; in between nothing about it changes."""

    fields = ["project", "user", "starts_at", "ends_at"]
    list_display = ["user", "project", "starts_at", "ends_at"]
    list_filter = ["project__organization"]
    list_select_related = ["user", "project__organization"]
    search_fields = ["user__name", "project__name", "project__organization__name"]
    autocomplete_fields = ["project", "user"]
    actions = ["end_now"]

    def get_readonly_fields(self, request: HttpRequest, obj: Seat | None = None) -> list[str]:
        return ["project", "user", "starts_at"] if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, object]:
        given: dict[str, object] = super().get_changeform_initial_data(request)
        return {"starts_at": timezone.now()} | given

    def save(self, request: HttpRequest, row: Seat, form: ModelForm[Seat], *, is_new: bool) -> None:
        actor, now = actor_of(request), timezone.now()
        if is_new:
            granted = grant_seat(
                actor=actor,
                user=row.user,
                project=row.project,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                now=now,
            )
            row.pk = granted.pk
        elif "ends_at" in form.changed_data:
            if row.ends_at is None:
                raise SeatRefused(
                    "An end can be moved but not taken away.", remedy="Choose a later end."
                )
            end_seat(actor=actor, seat=row, at=row.ends_at, now=now)

    @admin.action(description="End now", permissions=["change"])
    def end_now(self, request: HttpRequest, seats: QuerySet[Seat]) -> None:
        actor, now = actor_of(request), timezone.now()
        for seat in seats:
            end = partial(end_seat, actor=actor, seat=seat, now=now)
            self.act(request, f"The seat of {seat} has ended.", end)
