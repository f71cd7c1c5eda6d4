"""Ticket events: the book of what happened, of which clocks and timeline are made."""

from datetime import datetime

from contracts.models import User
from support.models import Message, Ticket, TicketEvent

VALUE_CHARACTERS, NOTE_CHARACTERS = 120, 400


def note_event(
    *,
    ticket: Ticket,
    kind: TicketEvent.Kind,
    at: datetime,
    actor: User | None = None,
    value: str = "",
    note: str = "",
    is_public: bool = True,
    message: Message | None = None,
) -> TicketEvent:
    """Write one fact down. `at` is the instant of its origin; `note` is a sentence for people."""
    return TicketEvent.objects.create(
        ticket=ticket,
        kind=kind,
        at=at,
        actor=actor,
        value=value[:VALUE_CHARACTERS],
        note=note[:NOTE_CHARACTERS],
        is_public=is_public,
        message=message,
    )
