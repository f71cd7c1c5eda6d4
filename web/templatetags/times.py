"""`<time>` elements in the viewer's zone; the page's `now` comes from the context."""

from datetime import datetime, tzinfo
from typing import Protocol

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from web import times

register = template.Library()


def time_element(at: datetime, words: str, *, comes_nearer: bool = False) -> SafeString:
    """The words with the instant behind them; the script keeps words that grow old up to date."""
    zone = timezone.get_current_timezone()
    local = at.astimezone(zone)
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        local.isoformat(timespec="seconds" if comes_nearer else "minutes"),
        times.absolute(at, zone),
        mark_safe(" data-near") if comes_nearer else "",
        words,
    )


class Telling(Protocol):
    def __call__(self, at: datetime, *, now: datetime, zone: tzinfo) -> str: ...


def _said(context: Context, at: datetime | None, tell: Telling) -> SafeString | str:
    if at is None:
        return ""
    words = tell(at, now=context["now"], zone=timezone.get_current_timezone())
    return time_element(at, words)


@register.simple_tag(takes_context=True)
def until(context: Context, at: datetime | None) -> SafeString | str:
    """ "in 2 h 29 min", "tomorrow 09:40", "41 min late"."""
    if at is None:
        return ""
    words = times.until(at, now=context["now"], zone=timezone.get_current_timezone())
    is_relative = words.startswith("in ") or words.endswith(" late")
    return time_element(at, words, comes_nearer=is_relative)


@register.simple_tag(takes_context=True)
def since(context: Context, at: datetime | None) -> SafeString | str:
    """ "12 min ago", "yesterday 18:40", "Tue 1 Sep, 16:12"."""
    return _said(context, at, times.since)


@register.simple_tag(takes_context=True)
def day_and_time(context: Context, at: datetime | None) -> SafeString | str:
    """ "today 17:00", "Mon 12:00"."""
    return _said(context, at, times.day_and_time)


@register.simple_tag(takes_context=True)
def day(context: Context, at: datetime | None) -> SafeString | str:
    """ "24 August"."""
    return _said(context, at, times.day)


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as people say them; nothing for None."""
    return "" if seconds is None else times.duration_words(seconds)


@register.filter
def minutes(count: int) -> str:
    """Minutes as people say them: "10 h", "1 h 30 min"."""
    return times.duration_words(count * times.MINUTE)


@register.filter
def absolute(at: datetime) -> str:
    """ "Thursday 27 August 2026, 17:00 CEST"."""
    return times.absolute(at, timezone.get_current_timezone())
