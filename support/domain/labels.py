"""The labels that GitHub users see: only those named here are ours to add or remove."""

from support.models import Ticket
from support.models.tickets import Priority

WAITING = "waiting on customer"
REPRODUCED = "reproduced"
NEEDS_REPRODUCER = "needs-reproducer"
UPSTREAM = "upstream"
PRIORITIES = {f"priority: {one}" for one in Priority.values}
OURS = PRIORITIES | {WAITING, REPRODUCED, NEEDS_REPRODUCER, UPSTREAM}


def labels_of(ticket: Ticket) -> set[str]:
    """What the issue of this ticket shall be labelled with, of ours."""
    held = {
        WAITING: ticket.state == Ticket.State.WAITING_ON_CUSTOMER,
        REPRODUCED: _is_reproduced(ticket),
        NEEDS_REPRODUCER: ticket.is_open and ticket.reproducer_id is None,
        UPSTREAM: ticket.upstream_links.exists(),
    }
    return {f"priority: {ticket.priority}"} | {name for name, holds in held.items() if holds}


def _is_reproduced(ticket: Ticket) -> bool:
    return ticket.ticket_experiments.filter(experiment__trials__verdict="reproduced").exists()
