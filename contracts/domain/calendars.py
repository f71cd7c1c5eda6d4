"""Business calendars as people and files write them, read into `Calendar`; nonsense is refused."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import TypedDict
from zoneinfo import ZoneInfo, available_timezones

from contracts.domain.business_time import Calendar, Minutes
from web.errors import HeadwaterError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = {"zone", "always", "weekly", "closed"}
_TIME = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class CalendarWords(TypedDict):
    """A calendar as it is written and kept."""

    zone: str
    always: bool
    weekly: dict[str, list[list[str]]]
    closed: list[str]


class NotUnderstood(HeadwaterError):
    """A calendar or policy that makes no sense. `place` is a path such as `calendar.weekly.mon`."""

    code = "not-understood"

    def __init__(self, place: str, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{place}: {message}", remedy=remedy)
        self.place = place


def parse_calendar(document: object, *, place: str = "calendar") -> Calendar:
    """The calendar of `{"zone", "always", "weekly", "closed"}` as sla.md words it.

    `weekly` maps mon..sun to lists of ["09:00", "17:00"]; "24:00" is a legal close. Hours and
    dates beside `always` are checked and count for nothing. Raises `NotUnderstood`.
    """
    if not isinstance(document, Mapping):
        raise NotUnderstood(place, "a calendar is an object with zone, always, weekly, closed.")
    if unknown := sorted(set(document) - _KEYS):
        raise NotUnderstood(f"{place}.{unknown[0]}", "is no part of a calendar.")
    calendar = Calendar(
        zone=require_zone(document.get("zone"), place=f"{place}.zone"),
        always=_flag(document.get("always", False), f"{place}.always"),
        weekly=_weekly(document.get("weekly", {}), f"{place}.weekly"),
        closed=_dates(document.get("closed", []), f"{place}.closed"),
    )
    if not calendar.always and not any(calendar.weekly):
        raise NotUnderstood(
            f"{place}.weekly", "is never open.", remedy="Give at least one interval, or `always`."
        )
    return calendar


def calendar_words(calendar: Calendar) -> CalendarWords:
    """What `parse_calendar` reads as that calendar."""
    weekly = {
        day: [[_time(opens), _time(closes)] for opens, closes in hours]
        for day, hours in zip(DAYS, calendar.weekly, strict=True)
        if hours
    }
    return CalendarWords(
        zone=calendar.zone.key,
        always=calendar.always,
        weekly=weekly,
        closed=sorted(day.isoformat() for day in calendar.closed),
    )


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Those of places; what the machine itself is set to is none of them."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


def require_zone(name: object, *, place: str) -> ZoneInfo:
    """The IANA time zone of that name, or `NotUnderstood`."""
    if not isinstance(name, str) or name not in _zones():
        raise NotUnderstood(place, f"{name!r} is no IANA time zone such as Europe/Berlin.")
    return ZoneInfo(name)


def _flag(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise NotUnderstood(place, f"{value!r} is neither true nor false.")
    return value


def _weekly(document: object, place: str) -> tuple[tuple[Minutes, ...], ...]:
    if not isinstance(document, Mapping):
        raise NotUnderstood(place, "is an object of lists by day, mon to sun.")
    if unknown := sorted(set(document) - set(DAYS)):
        raise NotUnderstood(
            f"{place}.{unknown[0]}", "is none of mon, tue, wed, thu, fri, sat, sun."
        )
    return tuple(_hours(document.get(day, []), f"{place}.{day}") for day in DAYS)


def _hours(pairs: object, place: str) -> tuple[Minutes, ...]:
    if not isinstance(pairs, list):
        raise NotUnderstood(place, 'is a list of pairs such as ["09:00", "17:00"].')
    hours = [_pair(pair, f"{place}[{index}]") for index, pair in enumerate(pairs)]
    for index, (earlier, later) in enumerate(pairwise(hours), start=1):
        if later[0] < earlier[1]:
            raise NotUnderstood(f"{place}[{index}]", "opens before the interval before it closes.")
    return tuple(hours)


def _pair(pair: object, place: str) -> Minutes:
    if not isinstance(pair, list) or len(pair) != 2:
        raise NotUnderstood(place, 'is a pair such as ["09:00", "17:00"].')
    opens, closes = (_minute(time, f"{place}[{index}]") for index, time in enumerate(pair))
    if opens >= closes:
        raise NotUnderstood(
            place,
            "closes no later than it opens.",
            remedy="Write overnight hours as two intervals.",
        )
    return opens, closes


def _minute(time: object, place: str) -> int:
    match = _TIME.fullmatch(time) if isinstance(time, str) else None
    if match is None:
        raise NotUnderstood(place, f"{time!r} is no time from 00:00 to 24:00.")
    return 60 * int(match[1]) + int(match[2]) if match[1] else 24 * 60


def _dates(days: object, place: str) -> frozenset[date]:
    if not isinstance(days, list):
        raise NotUnderstood(place, 'is a list of dates such as "2026-12-25".')
    return frozenset(_date(day, f"{place}[{index}]") for index, day in enumerate(days))


def _date(day: object, place: str) -> date:
    refusal = NotUnderstood(place, f"{day!r} is no date such as 2026-12-25.")
    if not isinstance(day, str) or not _DATE.fullmatch(day):
        raise refusal
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise refusal from None
