"""Tickets: opened, spoken on, assigned, ranked, moved from state to state.

Each verb is one transaction that holds the ticket's row, writes the facts, settles the clocks and
queues what the customer's tracker shall know. `now` is the instant of origin: GitHub's, where a
message comes from there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from contracts.models import Organization, Project, User
from support.domain.drafts import forget_draft
from support.domain.events import note_event
from support.domain.locking import locked
from support.domain.messages import write_message
from support.domain.refusals import (
    AssigneeRefused,
    NothingAwaited,
    PriorityRefused,
    StateRefused,
    require_staff,
)
from support.domain.settling import settle
from support.domain.speakers import OPEN_DOORS, Role, of_staff, opener_of, speaker_on
from support.domain.speaking import Words, speak
from support.domain.states import move
from support.domain.texts import TextRefused, clean_body, clean_title, fitting_title
from support.models import Message, Ticket, TicketEvent
from support.models.tickets import Channel, Priority

State = Ticket.State


@transaction.atomic
def open_ticket(
    *,
    organization: Organization,
    project: Project | None,
    opened_by: User | None,
    title: str,
    body: str,
    channel: Channel,
    now: datetime,
    severity: str = Priority.NORMAL,
    author_name: str = "",
    dask_release: str = "",
    python_version: str = "",
    script: bytes | None = None,
    script_name: str = "script.py",
    files: Mapping[str, bytes] | None = None,
    idempotency_key: UUID | None = None,
) -> Ticket:
    """Open a ticket with its first message; its script, if there is one, is run at once.

    `files` is the data that the script reads beside itself, name -> content.
    The same `idempotency_key` of the same person opens nothing twice. `opened_by` None: an account
    that we do not know. Whoever holds no seat gets `NotEntitled`; what they write on GitHub is
    kept and answered, and no clock starts. Raises `TextRefused`, `FileTooLarge` and
    `PriorityRefused`.
    """
    speaker, project = opener_of(
        organization=organization,
        project=project,
        user=opened_by,
        name=author_name,
        channel=channel,
        now=now,
    )
    facts: dict[str, Any] = {
        "organization": organization,
        "project": project,
        "title": fitting_title(title) if channel in OPEN_DOORS else clean_title(title),
        "state": State.OPEN if speaker.role == Role.STAFF else State.NEW,
        "severity": _priority(severity),
        "priority": _priority(severity),
        "channel": channel,
        "opened_by": opened_by,
        "opened_at": now,
        "dask_release": dask_release.strip()[:32],
        "python_version": python_version.strip()[:16],
        "sla_policy_version": speaker.policy_version,
        "idempotency_key": idempotency_key,
    }
    ticket, is_new = _opened_once(facts)
    if is_new:
        words = Words(body=body, script=script, script_name=script_name, files=files or {})
        speak(ticket=ticket, speaker=speaker, words=words, channel=channel, now=now)
        settle(ticket=ticket, now=now)
    return ticket


@transaction.atomic
def add_message(
    *,
    ticket: Ticket,
    author: User | None,
    body: str,
    channel: Channel,
    now: datetime,
    author_name: str = "",
    is_bot: bool = False,
    script: bytes | None = None,
    script_name: str = "script.py",
    files: Mapping[str, bytes] | None = None,
    idempotency_key: UUID | None = None,
    comment_id: int | None = None,
) -> Message:
    """Add a public message of anybody; what it does to state and clocks follows from who writes.

    Sent again with the same key or comment id it is the same message. A customer's ends "waiting
    on customer" and reopens what was resolved, unless it only says thanks; one of ours ends the
    response clock. Raises `NotEntitled` (never for GitHub), `TextRefused` and `FileTooLarge`.
    """
    words = Words(
        body=body,
        script=script,
        script_name=script_name,
        files=files or {},
        idempotency_key=idempotency_key,
        comment_id=comment_id,
    )
    return _say(ticket, author, author_name, is_bot, words, channel, now)[0]


@transaction.atomic
def reply(
    *,
    ticket: Ticket,
    actor: User,
    body: str,
    now: datetime,
    then_wait_on_customer: bool = False,
    idempotency_key: UUID | None = None,
) -> Message:
    """Answer the customer from the desk: the response clock ends. Raises `StaffOnly`."""
    require_staff(actor)
    words = Words(body=body, idempotency_key=idempotency_key)
    message, is_new = _say(ticket, actor, actor.name, False, words, Channel.DESK, now)
    if is_new and then_wait_on_customer:
        set_state(ticket=ticket, state=State.WAITING_ON_CUSTOMER, actor=actor, now=now)
    return message


@transaction.atomic
def write_note(
    *,
    ticket: Ticket,
    actor: User,
    body: str,
    now: datetime,
    idempotency_key: UUID | None = None,
) -> Message:
    """Keep an internal note, which never leaves the desk. Raises `StaffOnly`, `TextRefused`."""
    require_staff(actor)
    held = locked(ticket)
    if known := _said_before(held, idempotency_key, None):
        return known
    text = clean_body(body)
    if not text.strip():
        raise TextRefused("The note is empty.", remedy="Write something first.")
    note = write_message(
        ticket=held,
        speaker=of_staff(actor),
        body=text,
        channel=Channel.DESK,
        now=now,
        kind=TicketEvent.Kind.INTERNAL_NOTE,
        is_internal=True,
        idempotency_key=idempotency_key,
    )
    forget_draft(ticket=held, actor=actor)
    return note


@transaction.atomic
def assign(*, ticket: Ticket, assignee: User | None, actor: User, now: datetime) -> Ticket:
    """Give the ticket to somebody of ours, or to nobody. Raises `StaffOnly`, `AssigneeRefused`."""
    require_staff(actor)
    if assignee is not None and not (assignee.is_staff and assignee.is_active):
        raise AssigneeRefused(
            f"{assignee.name} is nobody of ours.", remedy="Choose a support engineer."
        )
    held = locked(ticket)
    if held.assignee_id == (assignee.pk if assignee else None):
        return held
    held.assignee = assignee
    held.save(update_fields=["assignee"])
    note_event(
        ticket=held,
        kind=TicketEvent.Kind.ASSIGNEE,
        at=now,
        actor=actor,
        value=str(assignee.pk) if assignee else "",
        note=f"{assignee.name} has it." if assignee else "Nobody has it any more.",
        is_public=False,
    )
    return held


@transaction.atomic
def set_priority(
    *, ticket: Ticket, priority: str, actor: User, now: datetime, reason: str = ""
) -> Ticket:
    """Agree on a priority: open clocks move (sla.md, rule 4); the stated severity is kept.

    Raises `StaffOnly` and `PriorityRefused`.
    """
    require_staff(actor)
    wanted = _priority(priority)
    held = locked(ticket)
    if held.priority == wanted:
        return held
    held.priority = wanted
    held.save(update_fields=["priority"])
    note_event(
        ticket=held,
        kind=TicketEvent.Kind.PRIORITY,
        at=now,
        actor=actor,
        value=wanted,
        note=f"{actor.name} set the priority to {wanted.label}: {reason}" if reason else "",
    )
    settle(ticket=held, now=now)
    return held


@transaction.atomic
def set_state(*, ticket: Ticket, state: str, actor: User, now: datetime, note: str = "") -> Ticket:
    """Put a ticket into a state of `Ticket.State` but NEW; into the one it has: nothing happens.

    Raises `StaffOnly`, `StateRefused`, and `NothingAwaited` for "waiting on upstream" without a
    public issue.
    """
    require_staff(actor)
    if state not in State.values or state == State.NEW:
        raise StateRefused(
            f"A ticket cannot be put into the state {state!r}.",
            remedy=f"Choose one of {', '.join(set(State.values) - {State.NEW.value})}.",
        )
    held = locked(ticket)
    if state == State.WAITING_ON_UPSTREAM and not held.upstream_links.exists():
        raise NothingAwaited(
            "The ticket names no public issue that it could wait for.",
            remedy="Link the upstream issue first.",
        )
    if move(ticket=held, state=State(state), actor=actor, at=now, note=note):
        settle(ticket=held, now=now)
    return held


def resolve(*, ticket: Ticket, actor: User, now: datetime, note: str = "") -> Ticket:
    """The problem is solved: every open clock ends. Raises `StaffOnly`."""
    return set_state(ticket=ticket, state=State.RESOLVED, actor=actor, now=now, note=note)


def reopen(*, ticket: Ticket, actor: User, now: datetime, note: str = "") -> Ticket:
    """It is not solved after all. Raises `StaffOnly`."""
    return set_state(ticket=ticket, state=State.OPEN, actor=actor, now=now, note=note)


def _opened_once(facts: dict[str, Any]) -> tuple[Ticket, bool]:
    """The ticket of this submission, and whether it is new; two at once end as one."""
    if facts["idempotency_key"] is None:
        return Ticket.objects.create(**facts), True
    return Ticket.objects.get_or_create(
        opened_by=facts.pop("opened_by"),
        idempotency_key=facts.pop("idempotency_key"),
        defaults=facts,
    )


def _say(
    ticket: Ticket,
    author: User | None,
    author_name: str,
    is_bot: bool,
    words: Words,
    channel: Channel,
    now: datetime,
) -> tuple[Message, bool]:
    """The message of these words, and whether it is new."""
    held = locked(ticket)
    if known := _said_before(held, words.idempotency_key, words.comment_id):
        return known, False
    speaker = speaker_on(
        organization=held.organization,
        project=held.project,
        user=author,
        name=author_name,
        is_bot=is_bot,
        channel=channel,
        now=now,
    )
    message = speak(ticket=held, speaker=speaker, words=words, channel=channel, now=now)
    if author is not None:
        forget_draft(ticket=held, actor=author)
    settle(ticket=held, now=now)
    return message, True


def _said_before(ticket: Ticket, key: UUID | None, comment_id: int | None) -> Message | None:
    """The caller holds the ticket's row, so that two at once come one after the other."""
    if comment_id is not None:
        return ticket.messages.filter(comment_id=comment_id).first()
    return ticket.messages.filter(idempotency_key=key).first() if key is not None else None


def _priority(word: str) -> Priority:
    if word not in Priority.values:
        raise PriorityRefused(
            f"{word!r} is no priority.", remedy=f"Choose one of {', '.join(Priority.values)}."
        )
    return Priority(word)
