"""Forms in which a manager writes hours and targets down, in words rather than in JSON."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contracts.domain.calendars import DAYS
from contracts.domain.promises import METRICS, PRIORITIES, write_duration
from contracts.models import BusinessCalendarVersion, SlaPolicyVersion
from web.forms import LinesField

_METRIC_LIST = f"Metrics: {', '.join(METRICS)}."


class HoursField(forms.CharField):
    """`09:00-12:00, 13:00-17:00` as pairs; the domain refuses what is no time."""

    widget = UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> list[list[str]]:  # type: ignore[override]
        parts = [part.strip() for part in (value or "").split(",") if part.strip()]
        return [[time.strip() for time in part.split("-")] for part in parts]


class TargetsField(forms.CharField):
    """`first_response 4h`, one a line, as a mapping."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]
        lines = [line.split() for line in (value or "").splitlines() if line.strip()]
        for words in lines:
            if len(words) != 2:
                raise forms.ValidationError("Write a metric and a duration, such as: update 16h")
        return dict(lines)


def _hours(label: str, *, is_office_day: bool = True) -> HoursField:
    return HoursField(
        label=label,
        required=False,
        initial="09:00-17:00" if is_office_day else "",
        help_text="Such as 09:00-12:00, 13:00-24:00.",
    )


def _targets(label: str, help_text: str = "") -> TargetsField:
    return TargetsField(label=label, required=False, help_text=help_text)


def written_targets(targets: dict[str, int]) -> str:
    """What `TargetsField` reads as those seconds, in the order in which metrics are known."""
    known = [metric for metric in METRICS if metric in targets]
    return "\n".join(f"{metric} {write_duration(targets[metric])}" for metric in known)


def written_hours(pairs: list[list[str]]) -> str:
    """What `HoursField` reads as those pairs."""
    return ", ".join("-".join(pair) for pair in pairs)


class CalendarVersionForm(forms.ModelForm[BusinessCalendarVersion]):
    mon = _hours("Monday")
    tue = _hours("Tuesday")
    wed = _hours("Wednesday")
    thu = _hours("Thursday")
    fri = _hours("Friday")
    sat = _hours("Saturday", is_office_day=False)
    sun = _hours("Sunday", is_office_day=False)
    closed_dates = LinesField(required=False, help_text="Such as 2026-12-25, one a line.")
    valid_from = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget, help_text="Empty: from now on."
    )

    class Meta:
        model = BusinessCalendarVersion
        fields = ["calendar", "zone", "always", "valid_from"]

    def document(self) -> dict[str, object]:
        """As `publish_calendar_version` reads it."""
        given = self.cleaned_data
        return {
            "zone": given["zone"],
            "always": given["always"],
            "weekly": {day: given[day] for day in DAYS if given[day]},
            "closed": given["closed_dates"],
        }


class PolicyVersionForm(forms.ModelForm[SlaPolicyVersion]):
    urgent = _targets("Urgent", f"A line each, such as: update 16h. {_METRIC_LIST}")
    high = _targets("High")
    normal = _targets("Normal")
    low = _targets("Low")
    grace = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="After a raised priority, such as 1h; none means the new target.",
    )
    thanks_grace = forms.CharField(
        initial="24h",
        widget=UnfoldAdminTextInputWidget,
        help_text="How long thanks after a resolve reopen nothing, by the clock on the wall.",
    )

    class Meta:
        model = SlaPolicyVersion
        fields = ["policy", "reopen"]

    def document(self) -> dict[str, object]:
        """As `publish_policy_version` reads it."""
        given = self.cleaned_data
        return {
            "targets": {name: given[name] for name in PRIORITIES if given[name]},
            "grace": given["grace"] or None,
            "reopen": given["reopen"],
            "thanks_grace": given["thanks_grace"],
        }
