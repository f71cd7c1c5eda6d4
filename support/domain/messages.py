"""Messages as they are kept: who wrote, what, with which files, and the fact it is for clocks."""

import hashlib
import re
from datetime import datetime
from typing import Final
from uuid import UUID

from support.domain.events import note_event
from support.domain.speakers import Role, Speaker
from support.domain.texts import clean_file_name, require_size
from support.models import Attachment, Message, Ticket, TicketEvent
from support.models.tickets import Channel

Kind = TicketEvent.Kind
FACTS: Final = {
    Role.CUSTOMER: Kind.CUSTOMER_MESSAGE,
    Role.COLLEAGUE: Kind.SEATLESS,
    Role.STAFF: Kind.STAFF_REPLY,
    Role.BOT: Kind.BOT_COMMENT,
}
# The whole message has to be made of these words: a question behind the thanks reopens.
_THANKS: Final = re.compile(
    r"(?:(?:many|big|a|lot|so|much|very|for|the|your|quick|fast|great|perfect|wonderful|help|fix"
    r"|support|all|again|thanks|thank|you|thx|cheers|that|it|this|works?|worked|solved|now|ok|okay"
    r"|got|and|team|everyone|everybody)\b[\s.,!:)+-]*)+",
    re.IGNORECASE,
)
_SAID: Final = re.compile(r"\b(?:thanks|thank|thx|cheers)\b", re.IGNORECASE)
THANKS_CHARACTERS: Final = 120


def write_message(
    *,
    ticket: Ticket,
    speaker: Speaker,
    body: str,
    channel: Channel,
    now: datetime,
    kind: TicketEvent.Kind | None = None,
    is_internal: bool = False,
    idempotency_key: UUID | None = None,
    comment_id: int | None = None,
) -> Message:
    """Keep a message and its fact; `kind` where it is another one than the author's role says."""
    message = Message.objects.create(
        ticket=ticket,
        author=speaker.user,
        author_name=speaker.name,
        author_role=speaker.role,
        is_internal=is_internal,
        body=body,
        channel=channel,
        created_at=now,
        idempotency_key=idempotency_key,
        comment_id=comment_id,
    )
    note_event(
        ticket=ticket,
        kind=kind or _fact(speaker),
        at=now,
        actor=speaker.user,
        is_public=not is_internal,
        message=message,
    )
    return message


def attach(*, message: Message, content: bytes, name: str) -> Attachment:
    """Keep a file as it came. Raises `FileTooLarge`."""
    kept_name = clean_file_name(name)
    require_size(content, name=kept_name)
    return Attachment.objects.create(
        message=message,
        name=kept_name,
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def is_thanks(body: str) -> bool:
    """Whether a message only says thanks, so that it asks for nothing."""
    text = re.sub(r"[^\w\s.,!?:)+-]", " ", body).strip()
    return bool(len(text) <= THANKS_CHARACTERS and _SAID.search(text) and _THANKS.fullmatch(text))


def _fact(speaker: Speaker) -> TicketEvent.Kind:
    """Somebody to whom we must answer "please ask ..." starts no clock, whatever their role."""
    return Kind.SEATLESS if speaker.answer else FACTS[speaker.role]
