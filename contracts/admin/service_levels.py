"""Policies and calendars, and their versions, which are published and never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from contracts.admin.actor import actor_of
from contracts.admin.version_forms import (
    CalendarVersionForm,
    PolicyVersionForm,
    written_hours,
    written_targets,
)
from contracts.domain.calendars import DAYS
from contracts.domain.promises import PRIORITIES, write_duration
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
    fields = ["name", "published"]
    readonly_fields = ["published"]
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

    @admin.display(description="Versions")
    def published(self, calendar: BusinessCalendar) -> SafeString:
        return _versions(
            "businesscalendarversion",
            calendar.versions.order_by("number"),
            f"calendar={calendar.pk}",
        )


@admin.register(SlaPolicy)
class SlaPolicyAdmin(ManagedAdmin[SlaPolicy]):
    fields = ["name", "calendar", "published"]
    readonly_fields = ["published"]
    list_display = ["name", "calendar"]
    list_select_related = ["calendar"]
    search_fields = ["name"]
    autocomplete_fields = ["calendar"]

    def save(
        self, request: HttpRequest, row: SlaPolicy, form: ModelForm[SlaPolicy], *, is_new: bool
    ) -> None:
        save_policy(actor=actor_of(request), policy=row)

    @admin.display(description="Versions")
    def published(self, policy: SlaPolicy) -> SafeString:
        return _versions(
            "slapolicyversion", policy.versions.order_by("number"), f"policy={policy.pk}"
        )


def _versions(model: str, versions: QuerySet[Any], of: str) -> SafeString:
    """Links to each version, and to the form of the next, which begins as the newest one."""
    base = f"admin:contracts_{model}"
    links = [
        (reverse(f"{base}_change", args=[version.pk]), f"Version {version.number}")
        for version in versions
    ]
    links.append((f"{reverse(f'{base}_add')}?{of}", "Publish a new version"))
    return format_html_join(", ", '<a class="text-primary-600 underline" href="{}">{}</a>', links)


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

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The newest version of the calendar that the address names, to be changed."""
        calendar = _key(request.GET.get("calendar", ""))
        newest = BusinessCalendarVersion.objects.filter(calendar=calendar).last()
        return {"calendar": calendar} | _written_calendar(newest)

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
        "promised",
        "grace_seconds",
        "reopen",
        "thanks_grace_seconds",
        "created_at",
    ]
    readonly_fields = ["promised"]
    list_display = ["policy", "number", "promised", "created_at"]
    list_filter = ["policy"]
    list_select_related = ["policy"]
    autocomplete_fields = ["policy"]

    @admin.display(description="Targets")
    def promised(self, version: SlaPolicyVersion) -> SafeString:
        """In words, as they were written."""
        lines = [
            (priority, written_targets(version.targets[priority]).replace("\n", ", "))
            for priority in PRIORITIES
            if version.targets.get(priority)
        ]
        return format_html_join(mark_safe("<br>"), "{}: {}", lines)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The newest version of the policy that the address names, to be changed."""
        policy = _key(request.GET.get("policy", ""))
        newest = SlaPolicyVersion.objects.filter(policy=policy).last()
        return {"policy": policy} | _written_policy(newest)

    def save(self, request: HttpRequest, row: Any, form: Any, *, is_new: bool) -> None:
        published = publish_policy_version(
            actor=actor_of(request),
            policy=row.policy,
            document=form.document(),
            now=timezone.now(),
        )
        row.pk, row.number = published.pk, published.number


def _key(text: str) -> int | None:
    """The key in an address; anybody may have typed it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _written_calendar(version: BusinessCalendarVersion | None) -> dict[str, Any]:
    if version is None:
        return {}
    hours = {day: written_hours(version.weekly.get(day, [])) for day in DAYS}
    return {"zone": version.zone, "always": version.always, "closed_dates": version.closed} | hours


def _written_policy(version: SlaPolicyVersion | None) -> dict[str, Any]:
    if version is None:
        return {}
    targets = {name: written_targets(version.targets.get(name, {})) for name in PRIORITIES}
    grace = version.grace_seconds
    return targets | {
        "grace": "" if grace is None else write_duration(grace),
        "reopen": version.reopen,
        "thanks_grace": write_duration(version.thanks_grace_seconds),
    }
