"""What was said and what happened, in one order, as the reader may see it."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from contracts.models import User
from support.models import Attachment, Message, Ticket, TicketEvent
from support.models.tickets import Priority

BY_MESSAGE = {
    TicketEvent.Kind.CUSTOMER_MESSAGE,
    TicketEvent.Kind.STAFF_REPLY,
    TicketEvent.Kind.INTERNAL_NOTE,
    TicketEvent.Kind.BOT_COMMENT,
    TicketEvent.Kind.SEATLESS,
    TicketEvent.Kind.THANKS,
}


STATES: dict[str, str] = {
    Ticket.State.OPEN: "it is with us",
    Ticket.State.WAITING_ON_CUSTOMER: "it waits on {organization}",
    Ticket.State.WAITING_ON_UPSTREAM: "it waits on upstream",
    Ticket.State.RESOLVED: "resolved",
    Ticket.State.CLOSED: "closed",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Either a message or an event that is none."""

    at: datetime
    message: Message | None = None
    event: TicketEvent | None = None
    words: str = ""


def thread_of(ticket: Ticket, *, reader: User) -> Sequence[Entry]:
    """Messages and events that `reader` may see, oldest first."""
    messages = Message.objects.filter(ticket=ticket).visible_to(reader)
    files = Attachment.objects.defer("content")
    said = messages.select_related("author").prefetch_related(Prefetch("attachments", files))
    events = ticket.events.select_related("actor").exclude(kind__in=BY_MESSAGE)
    if not reader.is_staff:
        events = events.filter(is_public=True)
    by_message = {(message.created_at, message.author_id) for message in said}
    entries = [
        *(Entry(at=message.created_at, message=message) for message in said),
        *(
            Entry(at=event.at, event=event, words=event_words(event, ticket=ticket))
            for event in events
            if not _goes_without_saying(event, by_message)
        ),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _goes_without_saying(
    event: TicketEvent, by_message: Container[tuple[datetime, int | None]]
) -> bool:
    """Whoever writes moves the ticket: the message above says as much."""
    is_status = event.kind == TicketEvent.Kind.STATUS and event.value == Ticket.State.OPEN
    return is_status and (event.at, event.actor_id) in by_message


def event_words(event: TicketEvent, *, ticket: Ticket) -> str:
    """One event as a line: its own note, or what its kind and value mean."""
    if event.note:
        return event.note
    who = event.actor.name if event.actor else "Headwater"
    match event.kind:
        case TicketEvent.Kind.STATUS:
            told = STATES.get(event.value, event.value)
            return f"{who}: {told.format(organization=ticket.organization.name)}."
        case TicketEvent.Kind.PRIORITY:
            label = dict(Priority.choices).get(Priority(event.value), event.value)
            return f"{who} set the priority to {label}."
    return f"{event.get_kind_display().capitalize()}: {event.value}".rstrip(": ") + "."
