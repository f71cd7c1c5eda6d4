"""SLA clocks: facts in, cycles out. Pure: no I/O, no clock on the wall.

A reader goes through the facts in order and says from when until when its metrics ran (`READERS`);
what was promised for such a span, and whether it was kept, is the same for all of them. Source:
sla.md, metrics and rules 3, 4, 7, 8, 9, 10 and 13.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from contracts.domain.business_time import Hours, Interval
from contracts.domain.promises import METRICS, Policy
from support.domain.clock_events import Fact, Kind, Span, in_order, whole_second
from support.domain.responses import read_responses

AT_RISK: Final = Fraction(8, 10)
"""The last warning fraction below 1 (rule 11): from then on an open cycle is at risk."""


class State(StrEnum):
    """How a cycle stands; the last three are final."""

    PENDING = "pending"
    AT_RISK = "at-risk"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Retarget:
    """A promise that moved while it ran (rule 4): from `at` on this target and due count."""

    at: datetime
    priority: str
    target_seconds: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One promise. Seconds are open time. `due_at` None: later than the horizon of the calendar.

    `counted` are the open intervals that explain it: to its end for a finished cycle (together
    `elapsed_seconds`), to its due instant for an open one.
    """

    metric: str
    priority: str
    started_at: datetime
    target_seconds: int
    due_at: datetime | None
    ended_at: datetime | None
    elapsed_seconds: int
    state: State
    counted: tuple[Interval, ...] = ()
    retargets: tuple[Retarget, ...] = ()
    cancelled: str = ""

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


def cycles(
    facts: Iterable[Fact], *, priority: str, policy: Policy, hours: Hours, now: datetime
) -> list[Cycle]:
    """Every cycle that the facts make, in the order of their beginnings.

    `priority` is the one that the ticket began with. A metric without a target is not measured.
    """
    ordered = in_order(facts)
    spans = [span for read in READERS for span in read(ordered, policy)]
    made = (_cycle(span, ordered, priority, policy, hours, whole_second(now)) for span in spans)
    return sorted(
        (cycle for cycle in made if cycle is not None),
        key=lambda cycle: (cycle.started_at, METRICS.index(cycle.metric)),
    )


Reader = Callable[[Sequence[Fact], Policy], Iterable[Span]]
READERS: Final[tuple[Reader, ...]] = (read_responses,)
"""Each says when its metrics ran; every span they give becomes a cycle where it has a target."""


@dataclass(frozen=True, slots=True)
class _Promise:
    """What counts at the end of a span. `lost_at`: from then on nothing was promised."""

    priority: str
    target: int | None
    due_at: datetime | None = None
    retargets: tuple[Retarget, ...] = ()
    lost_at: datetime | None = None


def _cycle(
    span: Span,
    facts: Sequence[Fact],
    priority: str,
    policy: Policy,
    hours: Hours,
    now: datetime,
) -> Cycle | None:
    promise = _promise(span, facts, priority, policy, hours)
    if promise.target is None:
        return None
    if promise.lost_at is not None:
        span = replace(
            span,
            ended_at=promise.lost_at,
            cancelled=f"nothing is promised at {promise.priority}",
        )
    elapsed = hours.between(span.started_at, span.ended_at or now)
    explained = span.ended_at or promise.due_at
    return Cycle(
        metric=span.metric,
        priority=promise.priority,
        started_at=span.started_at,
        target_seconds=promise.target,
        due_at=promise.due_at,
        ended_at=span.ended_at,
        elapsed_seconds=elapsed,
        state=_state(span, promise, hours, elapsed, now),
        counted=tuple(hours.counted(span.started_at, explained)) if explained else (),
        retargets=promise.retargets,
        cancelled=span.cancelled,
    )


def _promise(
    span: Span, facts: Sequence[Fact], priority: str, policy: Policy, hours: Hours
) -> _Promise:
    changes = [fact for fact in facts if fact.kind == Kind.PRIORITY]
    before = [change.value for change in changes if change.at <= span.started_at]
    begins_with = before[-1] if before else priority
    target = policy.target(priority=begins_with, metric=span.metric)
    due = None if target is None else hours.add(span.started_at, target)
    promise = _Promise(begins_with, target, due)
    for change in changes:
        if span.started_at < change.at and (span.ended_at is None or change.at < span.ended_at):
            promise = _retargeted(promise, change, span, policy, hours)
            if promise.lost_at is not None:
                break
    return promise


def _retargeted(
    promise: _Promise, change: Fact, span: Span, policy: Policy, hours: Hours
) -> _Promise:
    target = policy.target(priority=change.value, metric=span.metric)
    changed = replace(promise, priority=change.value)
    if target == promise.target or _is_late(promise, change.at):
        return changed  # what is missed stays missed
    if target is None:
        return replace(changed, lost_at=change.at)
    due = hours.add(span.started_at, target)
    if promise.target is None or target < promise.target:
        grace = target if policy.grace_seconds is None else policy.grace_seconds
        due = _later(due, hours.add(change.at, grace))
    retarget = Retarget(change.at, change.value, target, due)
    retargets = (*promise.retargets, retarget)
    return replace(changed, target=target, due_at=due, retargets=retargets)


def _is_late(promise: _Promise, at: datetime) -> bool:
    return promise.due_at is not None and at > promise.due_at


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one is not None and other is not None else None


def _state(span: Span, promise: _Promise, hours: Hours, elapsed: int, now: datetime) -> State:
    due = promise.due_at
    if span.cancelled:
        return State.CANCELLED
    if span.ended_at is not None:
        return State.MET if due is None or span.ended_at <= due else State.MISSED
    if due is None:
        return State.PENDING
    if now > due:
        return State.OVERDUE
    whole = hours.between(span.started_at, due)
    return State.AT_RISK if elapsed >= AT_RISK * whole else State.PENDING
