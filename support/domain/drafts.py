"""Unsent answers, kept by the server: one a person and ticket."""

from datetime import datetime

from contracts.models import User
from support.domain.texts import clean_body
from support.models import Draft, Ticket


def save_draft(
    *, ticket: Ticket, actor: User, body: str, now: datetime, is_internal: bool = False
) -> Draft | None:
    """Keep what `actor` is writing; an empty text drops the draft. Raises `TextRefused`."""
    text = clean_body(body)
    if not text.strip():
        forget_draft(ticket=ticket, actor=actor)
        return None
    draft, _ = Draft.objects.update_or_create(
        ticket=ticket,
        user=actor,
        defaults={"body": text, "is_internal": is_internal, "saved_at": now},
    )
    return draft


def forget_draft(*, ticket: Ticket, actor: User) -> None:
    """The answer was sent, or given up."""
    Draft.objects.filter(ticket=ticket, user=actor).delete()
