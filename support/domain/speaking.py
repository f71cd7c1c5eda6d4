"""Somebody writes: the message is kept, and what follows from it happens in the same breath."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from support.domain.experiments import request_experiment
from support.domain.messages import attach, is_thanks, write_message
from support.domain.reported import python_in, release_in
from support.domain.scripts import (
    Offer,
    ask_for_script,
    is_meant_to_replace,
    offer_in,
    supply_script,
)
from support.domain.speakers import OPEN_DOORS, Role, Speaker
from support.domain.states import move, wake_by_customer
from support.domain.texts import TextRefused, clean_body, fitting_body
from support.models import Message, Ticket, TicketEvent
from support.models.tickets import Channel

Kind = TicketEvent.Kind
OUR_NAME: Final = "Headwater"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said: a text, perhaps with a script and the files that it reads (name -> content).

    By `idempotency_key` or `comment_id` it is known if it comes again.
    """

    body: str
    script: bytes | None = None
    script_name: str = "script.py"
    files: Mapping[str, bytes] = field(default_factory=dict)
    idempotency_key: UUID | None = None
    comment_id: int | None = None


def speak(
    *, ticket: Ticket, speaker: Speaker, words: Words, channel: Channel, now: datetime
) -> Message:
    """Keep the message, move the state, take the script. The caller holds the ticket's row."""
    body = _body(words, channel)
    only_thanks = _is_thanks(ticket, speaker, words, body, now)
    message = write_message(
        ticket=ticket,
        speaker=speaker,
        body=body,
        channel=channel,
        now=now,
        kind=Kind.THANKS if only_thanks else None,
        idempotency_key=words.idempotency_key,
        comment_id=words.comment_id,
    )
    if words.script is not None:
        attach(message=message, content=words.script, name=words.script_name)
    for name, content in words.files.items():
        attach(message=message, content=content, name=name)
    if speaker.answer:
        _ask_contacts(ticket, speaker, now)
    elif speaker.is_customer and not only_thanks:
        _hear_customer(ticket, speaker, now)
    elif speaker.role == Role.STAFF and ticket.state == Ticket.State.NEW:
        move(ticket=ticket, state=Ticket.State.OPEN, actor=speaker.user, at=now)
    _take_script(ticket, speaker, message, now)
    return message


def _body(words: Words, channel: Channel) -> str:
    if channel in OPEN_DOORS:
        return fitting_body(words.body)
    body = clean_body(words.body)
    if not body.strip() and words.script is None and not words.files:
        raise TextRefused("There is nothing to send yet.", remedy="Write a message first.")
    return body


def _is_thanks(ticket: Ticket, speaker: Speaker, words: Words, body: str, now: datetime) -> bool:
    """Thanks after the end do not reopen within the policy's grace period (sla.md, rule 8)."""
    if ticket.is_open or not speaker.is_customer or words.script is not None or words.files:
        return False
    version = ticket.sla_policy_version
    ended = ticket.events.filter(kind=Kind.STATUS).order_by("-at", "-id").first()
    if version is None or ended is None:
        return False
    grace = timedelta(seconds=version.thanks_grace_seconds)
    return now <= ended.at + grace and is_thanks(body)


def _ask_contacts(ticket: Ticket, speaker: Speaker, now: datetime) -> None:
    """Answer somebody without a seat, once a ticket however much they write."""
    if ticket.messages.filter(author_role=Role.BOT, author=None, channel=Channel.DESK).exists():
        return
    us = Speaker(user=None, name=OUR_NAME, role=Role.BOT)
    body = f"Thank you, {speaker.name}; your message is kept. {speaker.answer}"
    write_message(ticket=ticket, speaker=us, body=body, channel=Channel.DESK, now=now)


def _hear_customer(ticket: Ticket, speaker: Speaker, now: datetime) -> None:
    if ticket.sla_policy_version is None and speaker.policy_version is not None:
        # Begun by somebody without a seat: the promise is made now.
        ticket.sla_policy_version = speaker.policy_version
        ticket.save(update_fields=["sla_policy_version"])
    wake_by_customer(ticket=ticket, actor=speaker.user, at=now)


def _take_script(ticket: Ticket, speaker: Speaker, message: Message, now: datetime) -> None:
    """Run what a customer brings, or what one of ours attaches; never what was only quoted."""
    found = _offered(ticket, speaker, message)
    if found is None:
        if ticket.reproducer_id is None and not ticket.missing:
            ask_for_script(ticket=ticket)
        return
    source, offer = found
    if supply_script(ticket=ticket, offer=offer, message=source, now=now) is not None:
        _note_versions(ticket, source.body)
        request_experiment(ticket=ticket, actor=speaker.user, now=now)


def _offered(ticket: Ticket, speaker: Speaker, message: Message) -> tuple[Message, Offer] | None:
    if speaker.role == Role.STAFF and not message.attachments.exists():
        return None
    if not (speaker.is_customer or speaker.role == Role.STAFF):
        return None
    offer = offer_in(message)
    if ticket.reproducer_id is not None:
        is_wanted = offer is not None and is_meant_to_replace(offer, message)
        return (message, offer) if offer is not None and is_wanted else None
    return (message, offer) if offer is not None else _kept_offer(ticket)


def _kept_offer(ticket: Ticket) -> tuple[Message, Offer] | None:
    """A script that somebody without a seat had sent before a contact spoke up."""
    for message in ticket.messages.filter(author_role=Role.COLLEAGUE).order_by("created_at", "id"):
        if offer := offer_in(message):
            return message, offer
    return None


def _note_versions(ticket: Ticket, body: str) -> None:
    """Versions that the text names, where the form did not ask for them."""
    ticket.dask_release = ticket.dask_release or release_in(body)
    ticket.python_version = ticket.python_version or python_in(body)
    ticket.save(update_fields=["dask_release", "python_version"])
