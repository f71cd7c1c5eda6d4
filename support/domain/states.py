"""The state of a ticket changes, and the fact is written down."""

from datetime import datetime

from contracts.models import User
from support.domain.events import note_event
from support.models import Ticket, TicketEvent

State = Ticket.State
Kind = TicketEvent.Kind


def move(
    *, ticket: Ticket, state: Ticket.State, actor: User | None, at: datetime, note: str = ""
) -> bool:
    """Put `ticket`, which the caller holds, into `state`; False where it is there already."""
    if ticket.state == state:
        return False
    ticket.state = state
    ticket.save(update_fields=["state"])
    note_event(ticket=ticket, kind=Kind.STATUS, at=at, actor=actor, value=state, note=note)
    return True


def wake_by_customer(*, ticket: Ticket, actor: User | None, at: datetime) -> None:
    """A customer wrote: what waited on them, or was done, is ours again (sla.md, rule 1).

    A message that is older than the state (GitHub was late) still ends it, at once: nobody has
    read it yet.
    """
    if ticket.state == State.WAITING_ON_CUSTOMER:
        note = "They answered."
    elif not ticket.is_open:
        note = "Reopened by their message."
    else:
        return
    since = ticket.events.filter(kind=Kind.STATUS).order_by("-at", "-id").first()
    begins = max(at, since.at) if since else at
    move(ticket=ticket, state=State.OPEN, actor=actor, at=begins, note=note)
