"""Facts files: the vectors of the specification, and everything that is refused with its place."""

import time
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.domain.calendars import NotUnderstood
from support.domain.clock_facts import explain, parse_instant

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


def weekly(*intervals: list[str]) -> dict[str, list[list[str]]]:
    return {day: [*intervals] for day in WORKDAYS}


B: dict[str, Any] = {"zone": "Europe/Berlin", "weekly": weekly(["09:00", "17:00"])}
L: dict[str, Any] = B | {"weekly": weekly(["09:00", "12:00"], ["13:00", "17:00"])}
N: dict[str, Any] = B | {"zone": "America/New_York"}
FILE: dict[str, Any] = {
    "calendar": B,
    "policy": {"targets": {"high": {"first_response": "4h", "next_response": "8h"}}},
    "priority": "high",
    "events": [{"at": "2026-11-13T16:00:00+01:00", "kind": "customer_message"}],
}


def asked(**changes: Any) -> dict[str, Any]:
    return deepcopy(FILE) | changes


def event(at: str, kind: str = "customer_message", **more: Any) -> dict[str, Any]:
    return {"at": at, "kind": kind} | more


def only_cycle(document: dict[str, Any], now: datetime = NOW) -> dict[str, Any]:
    (cycle,) = explain(document, now=now)["cycles"]
    return dict(cycle)


def with_target(hours: str) -> dict[str, Any]:
    return {"targets": {"high": {"first_response": hours}}}


VECTORS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "over a weekend": (B, "2026-11-13T16:00:00+01:00", "4h", "2026-11-16T11:00:00Z"),
    "from a Saturday night": (B, "2026-11-14T03:00:00+01:00", "4h", "2026-11-16T12:00:00Z"),
    "from the second it closes": (B, "2026-11-13T17:00:00+01:00", "1h", "2026-11-16T09:00:00Z"),
    "a whole day": (B, "2026-11-16T09:00:00+01:00", "8h", "2026-11-16T16:00:00Z"),
    "over Christmas": (
        B | {"closed": ["2026-12-25", "2027-01-01"]},
        "2026-12-24T16:00:00+01:00",
        "4h",
        "2026-12-28T11:00:00Z",
    ),
    "over lunch": (L, "2026-11-16T11:30:00+01:00", "2h", "2026-11-16T13:30:00Z"),
    "over the end of summer time": (
        B,
        "2026-10-23T16:00:00+02:00",
        "4h",
        "2026-10-26T11:00:00Z",
    ),
    "in New York": (N, "2026-11-13T16:00:00-05:00", "4h", "2026-11-16T17:00:00Z"),
}


@pytest.mark.parametrize("sentence", VECTORS)
def test_the_vectors_of_the_specification(sentence: str) -> None:
    calendar, start, target, due = VECTORS[sentence]
    document = asked(calendar=calendar, policy=with_target(target), events=[event(start)])
    assert only_cycle(document)["due_at"] == due


def test_a_reply_on_the_second_it_is_due_meets_it() -> None:
    events = [event("2026-11-16T09:00:00+01:00"), event("2026-11-16T17:00:00+01:00", "staff_reply")]
    assert only_cycle(asked(policy=with_target("8h"), events=events))["state"] == "met"


def test_raised_on_monday_noon_it_is_due_two_hours_later() -> None:
    targets = {"high": {"first_response": "8h"}, "urgent": {"first_response": "2h"}}
    events = [
        event("2026-11-16T09:00:00+01:00"),
        event("2026-11-16T12:00:00+01:00", "priority", value="urgent"),
    ]
    document = asked(policy={"targets": targets}, events=events)
    assert only_cycle(document)["due_at"] == "2026-11-16T13:00:00Z"


def test_an_answer_holds_every_promised_key() -> None:
    document = asked(
        events=[
            event("2026-11-13T16:00:00+01:00"),
            event("2026-11-16T09:30:00+01:00", "staff_reply"),
        ]
    )
    assert only_cycle(document) == {
        "metric": "first_response",
        "started_at": "2026-11-13T15:00:00Z",
        "target_seconds": 4 * 3600,
        "due_at": "2026-11-16T11:00:00Z",
        "ended_at": "2026-11-16T08:30:00Z",
        "elapsed_seconds": 5400,
        "state": "met",
        "pauses": [],
        "counted": [
            ["2026-11-13T15:00:00Z", "2026-11-13T16:00:00Z"],
            ["2026-11-16T08:00:00Z", "2026-11-16T08:30:00Z"],
        ],
        "why": [
            "They wrote on Fri 13 Nov 2026, 16:00 CET.",
            "At high, a first response is promised within 4 h.",
            "Counted: Fri 13 Nov 16:00 to 17:00, Mon 16 Nov 09:00 to 09:30.",
            "It falls due on Mon 16 Nov 2026, 12:00 CET.",
            "Ended on Mon 16 Nov 2026, 09:30 CET, after 1 h 30 min: met.",
        ],
    }


def test_an_open_cycle_has_no_end_and_stands_as_of_now() -> None:
    cycle = only_cycle(asked(), now=datetime(2026, 11, 16, 11, 0, 1, tzinfo=UTC))
    assert (cycle["ended_at"], cycle["state"], cycle["elapsed_seconds"]) == (
        None,
        "overdue",
        4 * 3600 + 1,
    )


def test_what_never_falls_due_says_so() -> None:
    cycle = only_cycle(asked(policy=with_target("99999h")))
    assert cycle["due_at"] is None
    assert cycle["why"][-1].startswith("Ten years of support hours")


def test_a_calendar_that_changes_counts_from_then() -> None:
    longer = B | {"weekly": weekly(["09:00", "20:00"])}
    events = [
        event("2026-11-16T12:00:00+01:00", "calendar", value=longer),
        event("2026-11-16T16:00:00+01:00"),
    ]
    cycle = only_cycle(asked(events=events))
    assert cycle["due_at"] == "2026-11-16T19:00:00Z"
    assert cycle["why"][0] == "They wrote on Mon 16 Nov 2026, 16:00 CET."


def test_words_are_in_the_zone_of_the_calendar_in_which_the_cycle_began() -> None:
    events = [
        event("2026-11-16T12:00:00+01:00", "calendar", value=N),
        event("2026-11-16T16:00:00+01:00"),
    ]
    assert only_cycle(asked(events=events))["why"][0] == (
        "They wrote on Mon 16 Nov 2026, 10:00 EST."
    )


def test_every_kind_of_event_is_understood() -> None:
    at = "2026-11-16T12:00:00+01:00"
    plain = ("internal_note", "bot_comment", "thanks", "bug_confirmed", "workaround")
    events = [event(at, kind) for kind in (*plain, "fix_proposed", "fix_delivered", "staff_reply")]
    events += [event(at, "status", value="waiting-on-upstream")]
    events += [event(at, "contract", value="suspended")]
    # Thanks while the ticket is open are a message, and the answer comes in the same second.
    assert only_cycle(asked(events=events))["state"] == "met"


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": ({"colour": 1}, "colour"),
    "no calendar": ({"calendar": None}, "calendar"),
    "a calendar never open": ({"calendar": {"zone": "Europe/Berlin"}}, "calendar.weekly"),
    "no policy": ({"policy": None}, "policy"),
    "an unknown metric": (
        {"policy": {"targets": {"high": {"mood": "4h"}}}},
        "policy.targets.high.mood",
    ),
    "an unknown priority": ({"priority": "immediate"}, "priority"),
    "no priority": ({"priority": None}, "priority"),
    "no list of events": ({"events": {}}, "events"),
    "an event that is none": ({"events": ["hello"]}, "events[0]"),
    "an unknown key of an event": (
        {"events": [event("2026-11-16T12:00:00Z", who="me")]},
        "events[0].who",
    ),
    "an unknown kind": ({"events": [event("2026-11-16T12:00:00Z", "shouting")]}, "events[0].kind"),
    "no kind": ({"events": [{"at": "2026-11-16T12:00:00Z"}]}, "events[0].kind"),
    "a wall-clock time": ({"events": [event("2026-11-16T12:00:00")]}, "events[0].at"),
    "no instant": ({"events": [event("tomorrow")]}, "events[0].at"),
    "a number for an instant": ({"events": [{"at": 7, "kind": "thanks"}]}, "events[0].at"),
    "an instant out of all time": ({"events": [event("0001-01-01T00:00:00Z")]}, "events[0].at"),
    "an unknown status": (
        {"events": [event("2026-11-16T12:00:00Z", "status", value="asleep")]},
        "events[0].value",
    ),
    "a priority without its word": (
        {"events": [event("2026-11-16T12:00:00Z", "priority")]},
        "events[0].value",
    ),
    "a broken calendar later on": (
        {"events": [event("2026-11-16T12:00:00Z", "calendar", value={"zone": "Mars/Base"})]},
        "events[0].value.zone",
    ),
    "a value where there is none": (
        {"events": [event("2026-11-16T12:00:00Z", "thanks", value="so much")]},
        "events[0].value",
    ),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_what_is_not_understood_is_refused_with_its_place(sentence: str) -> None:
    changes, place = MISTAKES[sentence]
    with pytest.raises(NotUnderstood) as refusal:
        explain(asked(**changes), now=NOW)
    assert refusal.value.place == place


def test_a_file_that_is_no_object_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="the file"):
        explain([], now=NOW)


def test_an_instant_keeps_its_offset() -> None:
    assert parse_instant("2026-11-16T12:00:00+05:30", place="x") == datetime(
        2026, 11, 16, 6, 30, tzinfo=UTC
    )


def test_where_the_process_lives_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    here = explain(asked(), now=NOW)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        there = explain(asked(), now=NOW)
    time.tzset()
    assert there == here
