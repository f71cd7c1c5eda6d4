"""When a response is awaited: first response and next response, which nothing pauses. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from contracts.domain.promises import Policy
from support.domain.clock_events import ENDS, Fact, Kind, Span, Standing, Status

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
        self.has_heard = False
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
                self.is_answered = self.has_heard
            case Kind.STATUS:
                self._turn(fact)
            case Kind.CONTRACT:
                self._stand(fact)

    def _hear(self, at: datetime) -> None:
        if self.is_called_off or self.is_out_of_contract:
            return
        if self.ended_at is not None and self.policy.reopen == "ignore":
            return
        self.has_heard = True
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
        elif fact.value in ENDS:
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


def read_responses(facts: Sequence[Fact], policy: Policy) -> list[Span]:
    """The spans of both metrics, in the order of their ends; an open one is the last."""
    machine = _Responses(policy)
    for fact in facts:
        machine.read(fact)
    return machine.result()
