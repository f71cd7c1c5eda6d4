"""The cycles of a ticket as they are kept: open ones follow the facts, finished ones are frozen."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.domain.service_levels import calendar_in_force, policy_of, timeline_of
from contracts.models import Organization, SlaPolicyVersion
from support.domain import clocks
from support.domain.clock_events import Fact, Kind
from support.domain.clock_facts import written
from support.domain.clock_words import why
from support.domain.locking import locked
from support.models import Cycle, Ticket

CLOCK_KINDS = {kind.value for kind in Kind}
FINAL = {clocks.State.MET, clocks.State.MISSED, clocks.State.CANCELLED}
OVERTAKEN = "Cancelled: a message that came late shows that nothing waited any more."


def settle_clocks(*, ticket: Ticket, now: datetime) -> None:
    """Compute the ticket's cycles from its facts and keep them; repeatable.

    The caller holds the ticket's row. What has finished is never rewritten, also where a message
    that comes late would tell another story; an open cycle is computed anew every time.
    """
    version = ticket.sla_policy_version
    if version is None:
        return
    rows = list(ticket.cycles.all())
    left = {(row.metric, row.started_at): row for row in rows if not row.outcome}
    for cycle in _unfrozen(_computed(ticket, version, now), rows):
        row = left.pop((cycle.metric, cycle.started_at), None) or _moved(left, cycle)
        _keep(row or Cycle(ticket=ticket, metric=cycle.metric), cycle, version)
    for row in left.values():
        _overtake(row, now)


def facts_of(ticket: Ticket) -> list[Fact]:
    """The ticket's events as far as clocks know them."""
    events = ticket.events.filter(kind__in=CLOCK_KINDS).values_list("at", "kind", "value")
    return [Fact(at, Kind(kind), value) for at, kind, value in events]


def _computed(ticket: Ticket, version: SlaPolicyVersion, now: datetime) -> list[clocks.Cycle]:
    return clocks.cycles(
        facts_of(ticket),
        priority=ticket.severity,
        policy=policy_of(version),
        hours=timeline_of(policy=version.policy),
        now=now,
    )


def _unfrozen(computed: Iterable[clocks.Cycle], rows: Iterable[Cycle]) -> list[clocks.Cycle]:
    """Those that begin after all that was frozen for their metric."""
    frozen = [row for row in rows if row.outcome and row.ended_at]
    return [
        cycle
        for cycle in computed
        if not any(_covers(row, cycle) for row in frozen if row.metric == cycle.metric)
    ]


def _covers(row: Cycle, cycle: clocks.Cycle) -> bool:
    assert row.ended_at is not None  # it is frozen
    return row.started_at == cycle.started_at or cycle.started_at < row.ended_at


def _moved(left: dict[tuple[str, datetime], Cycle], cycle: clocks.Cycle) -> Cycle | None:
    """The open row of that metric, where a late message says that it began at another instant."""
    key = next((key for key in left if key[0] == cycle.metric), None)
    return left.pop(key) if key else None


def _keep(row: Cycle, cycle: clocks.Cycle, version: SlaPolicyVersion) -> None:
    hours = timeline_of(policy=version.policy)
    calendar = calendar_in_force(policy=version.policy, at=cycle.started_at)
    sources = [f"Measured by {version}, and {calendar}."]
    row.started_at = cycle.started_at
    row.target_seconds = cycle.target_seconds
    row.due_at = cycle.due_at
    row.ended_at = cycle.ended_at
    row.elapsed_seconds = None if cycle.is_open else cycle.elapsed_seconds
    row.outcome = cycle.state if cycle.state in FINAL else ""
    row.counted = [[written(opens), written(closes)] for opens, closes in cycle.counted]
    row.why = why(cycle, hours=hours, zone=ZoneInfo(calendar.zone), sources=sources)
    row.policy_version = version
    row.calendar_version = calendar
    row.save()


def _overtake(row: Cycle, now: datetime) -> None:
    row.outcome = Cycle.Outcome.CANCELLED
    row.ended_at = max(now, row.started_at)
    row.why = [*row.why, OVERTAKEN]
    row.save(update_fields=["outcome", "ended_at", "why"])


def resettle_clocks(*, organization: Organization) -> int:
    """Compute an organization's open clocks anew, as hours have changed; how many tickets."""
    open_ones = Cycle.objects.open().filter(ticket__organization=organization)
    tickets = Ticket.objects.filter(pk__in=open_ones.values("ticket"))
    for ticket in tickets.order_by("pk"):
        held = locked(ticket)
        # No fact is new, so the newest one is late enough.
        settle_clocks(ticket=held, now=max(fact.at for fact in facts_of(held)))
    return len(tickets)
