"""Calendars and policies as people and files write them."""

from copy import deepcopy
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.domain.business_time import Calendar
from contracts.domain.calendars import NotUnderstood, calendar_words, parse_calendar
from contracts.domain.promises import Policy, parse_duration, parse_policy, write_duration

WRITTEN: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "always": False,
    "weekly": {"mon": [["09:00", "12:00"], ["13:00", "24:00"]], "tue": [["00:00", "06:30"]]},
    "closed": ["2026-12-25"],
}


def test_a_calendar_is_read() -> None:
    assert parse_calendar(WRITTEN) == Calendar(
        zone=ZoneInfo("Europe/Berlin"),
        weekly=(((540, 720), (780, 1440)), ((0, 390),), (), (), (), (), ()),
        closed=frozenset({date(2026, 12, 25)}),
    )


def test_what_is_left_out_is_empty() -> None:
    assert parse_calendar({"zone": "UTC", "always": True}) == Calendar(ZoneInfo("UTC"), always=True)


def test_a_calendar_is_written_as_it_was_read() -> None:
    assert calendar_words(parse_calendar(WRITTEN)) == WRITTEN


def test_hours_may_touch() -> None:
    touching = WRITTEN | {"weekly": {"mon": [["09:00", "12:00"], ["12:00", "13:00"]]}}
    assert parse_calendar(touching).weekly[0] == ((540, 720), (720, 780))


REFUSED_CALENDARS: dict[str, tuple[Any, str]] = {
    "no object": ([], "calendar"),
    "a word of nobody's": (WRITTEN | {"holidays": []}, "calendar.holidays"),
    "no zone": ({"weekly": WRITTEN["weekly"]}, "calendar.zone"),
    "a zone of nobody's": (WRITTEN | {"zone": "Europe/Atlantis"}, "calendar.zone"),
    "a zone that is a path": (WRITTEN | {"zone": "../etc/passwd"}, "calendar.zone"),
    "the zone of the machine": (WRITTEN | {"zone": "localtime"}, "calendar.zone"),
    "a zone that is a number": (WRITTEN | {"zone": 1}, "calendar.zone"),
    "a flag that is a word": (WRITTEN | {"always": "yes"}, "calendar.always"),
    "never open": (WRITTEN | {"weekly": {}}, "calendar.weekly"),
    "open on days without hours": (WRITTEN | {"weekly": {"mon": []}}, "calendar.weekly"),
    "a week that is a list": (WRITTEN | {"weekly": []}, "calendar.weekly"),
    "an unknown day": (WRITTEN | {"weekly": {"monday": []}}, "calendar.weekly.monday"),
    "a day that is a text": (WRITTEN | {"weekly": {"mon": "09:00"}}, "calendar.weekly.mon"),
    "half a pair": (WRITTEN | {"weekly": {"mon": [["09:00"]]}}, "calendar.weekly.mon[0]"),
    "a pair that is a text": (WRITTEN | {"weekly": {"mon": ["09"]}}, "calendar.weekly.mon[0]"),
    "a time past midnight": (
        WRITTEN | {"weekly": {"mon": [["09:00", "24:01"]]}},
        "calendar.weekly.mon[0][1]",
    ),
    "a time that is a number": (
        WRITTEN | {"weekly": {"mon": [[9, "17:00"]]}},
        "calendar.weekly.mon[0][0]",
    ),
    "a time without minutes": (
        WRITTEN | {"weekly": {"mon": [["9", "17:00"]]}},
        "calendar.weekly.mon[0][0]",
    ),
    "a close at the opening": (
        WRITTEN | {"weekly": {"mon": [["09:00", "09:00"]]}},
        "calendar.weekly.mon[0]",
    ),
    "a night in one interval": (
        WRITTEN | {"weekly": {"mon": [["22:00", "06:00"]]}},
        "calendar.weekly.mon[0]",
    ),
    "overlapping hours": (
        WRITTEN | {"weekly": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}},
        "calendar.weekly.mon[1]",
    ),
    "dates that are a text": (WRITTEN | {"closed": "2026-12-25"}, "calendar.closed"),
    "a date that is none": (WRITTEN | {"closed": ["2026-02-30"]}, "calendar.closed[0]"),
    "a date of weeks": (WRITTEN | {"closed": ["2026-12-25", "2026-W52-5"]}, "calendar.closed[1]"),
    "a date that is a number": (WRITTEN | {"closed": [20261225]}, "calendar.closed[0]"),
}


@pytest.mark.parametrize("sentence", REFUSED_CALENDARS)
def test_a_calendar_is_refused_with_the_place(sentence: str) -> None:
    document, place = REFUSED_CALENDARS[sentence]
    with pytest.raises(NotUnderstood) as refusal:
        parse_calendar(document)
    assert refusal.value.place == place
    assert str(refusal.value).startswith(f"{place}: ")


POLICY: dict[str, Any] = {
    "targets": {"high": {"first_response": "4h", "update": "90m"}, "low": {}},
    "grace": None,
    "reopen": "resume",
    "thanks_grace": "30s",
}


def test_a_policy_is_read() -> None:
    assert parse_policy(POLICY) == Policy(
        targets={"high": {"first_response": 14400, "update": 5400}, "low": {}},
        grace_seconds=None,
        reopen="resume",
        thanks_grace_seconds=30,
    )


def test_a_policy_has_defaults() -> None:
    policy = parse_policy({"targets": {"high": {"first_response": "4h"}}, "grace": "1h"})
    assert policy == Policy(
        targets={"high": {"first_response": 14400}},
        grace_seconds=3600,
        reopen="new-cycle",
        thanks_grace_seconds=86400,
    )


def test_what_has_no_target_is_not_promised() -> None:
    policy = parse_policy(POLICY)
    asked = [("high", "update"), ("low", "update"), ("urgent", "update")]
    answers = [policy.target(priority=priority, metric=metric) for priority, metric in asked]
    assert answers == [5400, None, None]


REFUSED_POLICIES: dict[str, tuple[Any, str]] = {
    "no object": ("4h", "policy"),
    "a word of nobody's": (POLICY | {"pause": "1h"}, "policy.pause"),
    "no targets": ({}, "policy.targets"),
    "empty targets": (POLICY | {"targets": {}}, "policy.targets"),
    "a priority of nobody's": (POLICY | {"targets": {"asap": {}}}, "policy.targets.asap"),
    "targets that are a text": (POLICY | {"targets": {"high": "4h"}}, "policy.targets.high"),
    "a metric of nobody's": (
        POLICY | {"targets": {"high": {"joy": "4h"}}},
        "policy.targets.high.joy",
    ),
    "a target of no time": (
        POLICY | {"targets": {"high": {"update": "0h"}}},
        "policy.targets.high.update",
    ),
    "a target in days": (
        POLICY | {"targets": {"high": {"update": "2d"}}},
        "policy.targets.high.update",
    ),
    "a target that is a number": (
        POLICY | {"targets": {"high": {"update": 4}}},
        "policy.targets.high.update",
    ),
    "a grace that is none": (POLICY | {"grace": "soon"}, "policy.grace"),
    "a reopening of nobody's": (POLICY | {"reopen": "maybe"}, "policy.reopen"),
    "a reopening that is a list": (POLICY | {"reopen": []}, "policy.reopen"),
    "thanks for ever": (POLICY | {"thanks_grace": None}, "policy.thanks_grace"),
}


@pytest.mark.parametrize("sentence", REFUSED_POLICIES)
def test_a_policy_is_refused_with_the_place(sentence: str) -> None:
    document, place = REFUSED_POLICIES[sentence]
    with pytest.raises(NotUnderstood) as refusal:
        parse_policy(deepcopy(document))
    assert refusal.value.place == place


@pytest.mark.parametrize("text", ["1s", "90s", "5m", "4h", "40h"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert write_duration(parse_duration(text)) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0h"), (60, "1m"), (3600, "1h"), (5400, "90m")])
def test_a_duration_is_written_in_its_largest_unit(seconds: int, text: str) -> None:
    assert write_duration(seconds) == text


@pytest.mark.parametrize("text", ["", "4", "h", "-4h", "4.5h", "4 h", "٤h", "9999999999h", "4h\n"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse_duration(text)
