"""Whose turn it is on a ticket, and until when: its open clock in the words of a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Max, Q

from support.models import Cycle, Ticket, TicketEvent
from web.times import NEAR

Owner = Literal["us", "customer", "upstream", "nobody"]
SOON = timedelta(minutes=30)
OWNERS: dict[str, Owner] = {
    Ticket.State.NEW: "us",
    Ticket.State.OPEN: "us",
    Ticket.State.WAITING_ON_CUSTOMER: "customer",
    Ticket.State.WAITING_ON_UPSTREAM: "upstream",
}
METRICS = {
    Cycle.Metric.FIRST_RESPONSE: "first answer",
    Cycle.Metric.NEXT_RESPONSE: "answer",
}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """`cycle` is the clock that is due first, if one runs; `since` when the state began."""

    owner: Owner
    cycle: Cycle | None
    since: datetime
    now: datetime

    @property
    def metric(self) -> str:
        """ "first answer"; empty while no clock runs."""
        return METRICS[Cycle.Metric(self.cycle.metric)] if self.cycle else ""

    @property
    def due_at(self) -> datetime | None:
        return self.cycle.due_at if self.cycle else None

    @property
    def waited(self) -> float:
        """Seconds by the clock on the wall since the state began."""
        return (self.now - self.since).total_seconds()

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and self.due_at < self.now

    @property
    def is_near(self) -> bool:
        """Whether the due time is told as a distance, so that it needs the time of day as well."""
        return self.due_at is not None and self.due_at < self.now + NEAR

    @property
    def is_soon(self) -> bool:
        return self.due_at is not None and self.now <= self.due_at < self.now + SOON


def turns_of(tickets: Iterable[Ticket], *, now: datetime) -> dict[int, Turn]:
    """The turn of each ticket by its key, in two queries."""
    wanted = list(tickets)
    cycles: dict[int, Cycle] = {}
    running = Cycle.objects.filter(ticket__in=wanted, outcome="")
    for cycle in running.order_by("-due_at", "-started_at"):
        cycles[cycle.ticket_id] = cycle
    since = _since(wanted)
    return {
        ticket.pk: Turn(
            owner=OWNERS.get(ticket.state, "nobody"),
            cycle=cycles.get(ticket.pk),
            since=since.get(ticket.pk, ticket.opened_at),
            now=now,
        )
        for ticket in wanted
    }


def _since(tickets: list[Ticket]) -> dict[int, datetime]:
    """When each ticket came into the state that it is in."""
    entered = Q(ticket__in=tickets, kind=TicketEvent.Kind.STATUS)
    rows = TicketEvent.objects.filter(entered).order_by().values("ticket").annotate(at=Max("at"))
    return {row["ticket"]: row["at"] for row in rows}
