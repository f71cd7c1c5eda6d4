"""Asking a clock without a ticket: facts as a file tells them in, cycles out. Pure.

The format is that of sla.md, "Asking a clock without a ticket". What is not understood is refused
with its place in the file, so that no misspelt word is silently worth nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from contracts.domain.business_time import Calendar, Timeline
from contracts.domain.calendars import NotUnderstood, parse_calendar
from contracts.domain.promises import PRIORITIES, Policy, parse_policy
from support.domain.clock_events import Fact, Kind, Standing, Status
from support.domain.clock_words import why
from support.domain.clocks import Cycle, cycles

CALENDAR: Final = "calendar"
KINDS: Final = (*Kind, CALENDAR)
YEARS: Final = range(1971, 2200)
_KEYS: Final = {"calendar", "policy", "priority", "events"}
_EVENT_KEYS: Final = {"at", "kind", "value"}
_VALUES: Final[dict[str, Sequence[str]]] = {
    Kind.STATUS: tuple(Status),
    Kind.PRIORITY: PRIORITIES,
    Kind.CONTRACT: tuple(Standing),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A file, understood."""

    hours: Timeline
    policy: Policy
    priority: str
    facts: tuple[Fact, ...]


def explain(document: object, *, now: datetime) -> dict[str, Any]:
    """The answer to a facts file: `{"cycles": [...]}`, instants in UTC. Raises `NotUnderstood`."""
    question = parse_question(document)
    found = cycles(
        question.facts,
        priority=question.priority,
        policy=question.policy,
        hours=question.hours,
        now=now,
    )
    return {"cycles": [_answer(cycle, question.hours) for cycle in found]}


def parse_question(document: object) -> Question:
    """What the file asks. Raises `NotUnderstood`."""
    asked = _object(document, "the file")
    _require_keys(asked, _KEYS, place="")
    first = parse_calendar(asked.get("calendar"))
    events = asked.get("events")
    if not isinstance(events, list):
        raise NotUnderstood("events", "is a list of what happened.")
    facts: list[Fact] = []
    changes: list[tuple[datetime, Calendar]] = []
    for index, event in enumerate(events):
        _read_event(event, f"events[{index}]", facts, changes)
    return Question(
        hours=Timeline(first=first, later=tuple(sorted(changes, key=lambda change: change[0]))),
        policy=parse_policy(asked.get("policy")),
        priority=_word(asked.get("priority"), PRIORITIES, "priority"),
        facts=tuple(facts),
    )


def parse_instant(value: object, *, place: str) -> datetime:
    """An instant such as 2026-11-13T16:00:00+01:00 or ...Z. Raises `NotUnderstood`."""
    refusal = NotUnderstood(
        place, f"{value!r} is no instant with an offset such as 2026-11-13T16:00:00+01:00."
    )
    if not isinstance(value, str):
        raise refusal
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise refusal from None
    if at.tzinfo is None:
        raise refusal
    if at.year not in YEARS:
        raise NotUnderstood(place, f"is not between {YEARS[0]} and {YEARS[-1]}.")
    return at.astimezone(UTC)


def written(at: datetime) -> str:
    """The instant in UTC with Z, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_event(
    event: object, place: str, facts: list[Fact], changes: list[tuple[datetime, Calendar]]
) -> None:
    read = _object(event, place)
    _require_keys(read, _EVENT_KEYS, place=f"{place}.")
    at = parse_instant(read.get("at"), place=f"{place}.at")
    kind = _word(read.get("kind"), KINDS, f"{place}.kind")
    value = read.get("value")
    if kind == CALENDAR:
        changes.append((at, parse_calendar(value, place=f"{place}.value")))
    elif kind in _VALUES:
        facts.append(Fact(at, Kind(kind), _word(value, _VALUES[kind], f"{place}.value")))
    elif value is not None:
        raise NotUnderstood(f"{place}.value", f"{kind} takes no value.")
    else:
        facts.append(Fact(at, Kind(kind)))


def _object(value: object, place: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise NotUnderstood(place, "is an object.")
    return value


def _require_keys(read: Mapping[str, object], known: set[str], *, place: str) -> None:
    if unknown := sorted(set(read) - known):
        raise NotUnderstood(f"{place}{unknown[0]}", f"is none of {', '.join(sorted(known))}.")


def _word(value: object, known: Sequence[str], place: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise NotUnderstood(place, f"{value!r} is none of {', '.join(known)}.")
    return value


def _answer(cycle: Cycle, hours: Timeline) -> dict[str, Any]:
    return {
        "metric": cycle.metric,
        "started_at": written(cycle.started_at),
        "target_seconds": cycle.target_seconds,
        "due_at": written(cycle.due_at) if cycle.due_at else None,
        "ended_at": written(cycle.ended_at) if cycle.ended_at else None,
        "elapsed_seconds": cycle.elapsed_seconds,
        "state": str(cycle.state),
        "pauses": [],  # no metric that may pause is measured yet
        "counted": [[written(opens), written(closes)] for opens, closes in cycle.counted],
        "why": why(cycle, hours=hours, zone=_zone(hours, cycle.started_at)),
    }


def _zone(hours: Timeline, at: datetime) -> ZoneInfo:
    """The one of the calendar in which the cycle began."""
    begun = [calendar for change, calendar in hours.later if change <= at]
    return (begun[-1] if begun else hours.first).zone
