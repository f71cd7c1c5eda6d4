"""Policies and calendars, and their versions, which are published and never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from contracts.admin.actor import actor_of
from contracts.admin.version_forms import CalendarVersionForm, PolicyVersionForm
from contracts.domain.calendars import DAYS
from contracts.domain.promises import PRIORITIES
from contracts.domain.service_levels import (
    publish_calendar_version,
    publish_policy_version,
    save_calendar,
    save_policy,
)
from contracts.models import (
    BusinessCalendar,
    BusinessCalendarVersion,
    SlaPolicy,
    SlaPolicyVersion,
)
from web.admin import ManagedAdmin


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(ManagedAdmin[BusinessCalendar]):
    fields = ["name"]
    list_display = ["name"]
    search_fields = ["name"]

    def save(
        self,
        request: HttpRequest,
        row: BusinessCalendar,
        form: ModelForm[BusinessCalendar],
        *,
        is_new: bool,
    ) -> None:
        save_calendar(actor=actor_of(request), calendar=row)


@admin.register(SlaPolicy)
class SlaPolicyAdmin(ManagedAdmin[SlaPolicy]):
    fields = ["name", "calendar"]
    list_display = ["name", "calendar"]
    list_select_related = ["calendar"]
    search_fields = ["name"]
    autocomplete_fields = ["calendar"]

    def save(
        self, request: HttpRequest, row: SlaPolicy, form: ModelForm[SlaPolicy], *, is_new: bool
    ) -> None:
        save_policy(actor=actor_of(request), policy=row)


class VersionAdmin(ManagedAdmin[Any]):
    """Published once: there is a form to add one, and afterwards it is only looked at."""

    written: list[str] = []
    """The fields of the form that publishes it; the model's own are shown later."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.written if obj is None else list(self.fields)


@admin.register(BusinessCalendarVersion)
class BusinessCalendarVersionAdmin(VersionAdmin):
    form = CalendarVersionForm
    written = ["calendar", "zone", "always", *DAYS, "closed_dates", "valid_from"]
    fields = ["calendar", "number", "zone", "always", "weekly", "closed", "valid_from"]
    list_display = ["calendar", "number", "zone", "always", "valid_from"]
    list_filter = ["calendar"]
    list_select_related = ["calendar"]
    autocomplete_fields = ["calendar"]

    def save(self, request: HttpRequest, row: Any, form: Any, *, is_new: bool) -> None:
        published = publish_calendar_version(
            actor=actor_of(request),
            calendar=row.calendar,
            document=form.document(),
            valid_from=row.valid_from,
            now=timezone.now(),
        )
        row.pk, row.number = published.pk, published.number


@admin.register(SlaPolicyVersion)
class SlaPolicyVersionAdmin(VersionAdmin):
    form = PolicyVersionForm
    written = ["policy", *PRIORITIES, "grace", "reopen", "thanks_grace"]
    fields = [
        "policy",
        "number",
        "targets",
        "grace_seconds",
        "reopen",
        "thanks_grace_seconds",
        "created_at",
    ]
    list_display = ["policy", "number", "created_at"]
    list_filter = ["policy"]
    list_select_related = ["policy"]
    autocomplete_fields = ["policy"]

    def save(self, request: HttpRequest, row: Any, form: Any, *, is_new: bool) -> None:
        published = publish_policy_version(
            actor=actor_of(request),
            policy=row.policy,
            document=form.document(),
            now=timezone.now(),
        )
        row.pk, row.number = published.pk, published.number
