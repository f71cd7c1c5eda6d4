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

AT_RISK: Final = Fraction(8, 10)
"""The last warning fraction below 1 (rule 11): from then on an open cycle is at risk."""


class Kind(StrEnum):
    """What may have happened. The words are those of facts files and of `TicketEvent`."""

    CUSTOMER_MESSAGE = "customer_message"
    THANKS = "thanks"
    STAFF_REPLY = "staff_reply"
    INTERNAL_NOTE = "internal_note"
    BOT_COMMENT = "bot_comment"
    BUG_CONFIRMED = "bug_confirmed"
    WORKAROUND = "workaround"
    FIX_PROPOSED = "fix_proposed"
    FIX_DELIVERED = "fix_delivered"
    STATUS = "status"
    PRIORITY = "priority"
    CONTRACT = "contract"


class Status(StrEnum):
    OPEN = "open"
    WAITING_ON_CUSTOMER = "waiting-on-customer"
    WAITING_ON_UPSTREAM = "waiting-on-upstream"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    SPAM = "spam"


class Standing(StrEnum):
    """How a contract stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class State(StrEnum):
    """How a cycle stands; the last three are final."""

    PENDING = "pending"
    AT_RISK = "at-risk"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, at the instant of its origin; `value` of status, priority and
    contract."""

    at: datetime
    kind: Kind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a metric ran. `cancelled` says why it was called off."""

    metric: str
    started_at: datetime
    ended_at: datetime | None = None
    cancelled: str = ""


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
    made = (_cycle(span, ordered, priority, policy, hours, _whole(now)) for span in spans)
    return sorted(
        (cycle for cycle in made if cycle is not None),
        key=lambda cycle: (cycle.started_at, METRICS.index(cycle.metric)),
    )


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """By instant, in whole seconds. At the same one (rule 10): customer before staff, and of
    ours what resumes, stops, pauses, starts."""
    whole = [replace(fact, at=_whole(fact.at)) for fact in facts]
    return sorted(whole, key=lambda fact: (fact.at, _rank(fact)))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _rank(fact: Fact) -> int:
    if fact.kind in {Kind.CUSTOMER_MESSAGE, Kind.THANKS}:
        return 0
    resumes = fact.value in {Status.OPEN, Standing.ACTIVE}
    stops = fact.kind == Kind.STAFF_REPLY or fact.value in _ENDS or fact.value == Standing.ENDED
    pauses = fact.kind in {Kind.STATUS, Kind.CONTRACT}
    return 1 if resumes else 2 if stops else 3 if pauses else 4


_ENDS: Final = {Status.RESOLVED, Status.CLOSED}
_CALLED_OFF: Final = {
    Status.MERGED: "it was merged into another ticket",
    Status.SPAM: "it was spam",
}


class _Responses:
    """Which customer message waits for an answer: for the first one until somebody of ours has
    written, from then on for the next one."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.waits_since: datetime | None = None
        self.is_answered = False
        self.ended_at: datetime | None = None
        self.is_called_off = False
        self.is_out_of_contract = False
        self.spans: list[Span] = []

    def read(self, fact: Fact) -> None:
        match fact.kind:
            case Kind.CUSTOMER_MESSAGE:
                self._hear(fact.at)
            case Kind.THANKS if not self._is_within_grace(fact.at):
                self._hear(fact.at)
            case Kind.STAFF_REPLY:
                self._stop(fact.at)
                self.is_answered = True
            case Kind.STATUS:
                self._turn(fact)
            case Kind.CONTRACT:
                self._stand(fact)

    def _hear(self, at: datetime) -> None:
        if self.is_called_off or self.is_out_of_contract:
            return
        if self.ended_at is not None and self.policy.reopen == "ignore":
            return
        self.ended_at = None
        self.waits_since = self.waits_since or at

    def _is_within_grace(self, at: datetime) -> bool:
        """Thanks within the grace period after the end ask for nothing (rule 8)."""
        if self.ended_at is None:
            return False
        return (at - self.ended_at).total_seconds() <= self.policy.thanks_grace_seconds

    def _turn(self, fact: Fact) -> None:
        self.is_called_off = fact.value in _CALLED_OFF
        if self.is_called_off:
            self._stop(fact.at, cancelled=_CALLED_OFF[Status(fact.value)])
        elif fact.value in _ENDS:
            self._stop(
                fact.at, cancelled="" if self.is_answered else f"it was {fact.value} unanswered"
            )
            self.ended_at = fact.at
        elif self.policy.reopen != "ignore":
            self.ended_at = None

    def _stand(self, fact: Fact) -> None:
        self.is_out_of_contract = fact.value == Standing.ENDED
        if self.is_out_of_contract:
            self._stop(fact.at, cancelled="the contract ended")

    def _stop(self, at: datetime, *, cancelled: str = "") -> None:
        if self.waits_since is not None:
            self.spans.append(Span(self._metric, self.waits_since, at, cancelled))
        self.waits_since = None

    @property
    def _metric(self) -> str:
        return "next_response" if self.is_answered else "first_response"

    def result(self) -> list[Span]:
        if self.waits_since is None:
            return self.spans
        return [*self.spans, Span(self._metric, self.waits_since)]


def _responses(facts: Sequence[Fact], policy: Policy) -> list[Span]:
    machine = _Responses(policy)
    for fact in facts:
        machine.read(fact)
    return machine.result()


Reader = Callable[[Sequence[Fact], Policy], Iterable[Span]]
READERS: Final[tuple[Reader, ...]] = (_responses,)
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
