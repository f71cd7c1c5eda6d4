"""The facts that clocks read, and the order in which they count. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final


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


ENDS: Final = {Status.RESOLVED, Status.CLOSED}


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """By instant, in whole seconds. At the same one (rule 10): customer before staff, and of
    ours what resumes, stops, pauses, starts."""
    whole = [replace(fact, at=whole_second(fact.at)) for fact in facts]
    return sorted(whole, key=lambda fact: (fact.at, _rank(fact)))


def whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _rank(fact: Fact) -> int:
    if fact.kind in {Kind.CUSTOMER_MESSAGE, Kind.THANKS}:
        return 0
    resumes = fact.value in {Status.OPEN, Standing.ACTIVE}
    stops = fact.kind == Kind.STAFF_REPLY or fact.value in ENDS or fact.value == Standing.ENDED
    pauses = fact.kind in {Kind.STATUS, Kind.CONTRACT}
    return 1 if resumes else 2 if stops else 3 if pauses else 4
