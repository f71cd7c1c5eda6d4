"""A ticket's script: taken from what was sent, or the ticket says what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from reproducers.domain.reproducers import record_reproducer
from reproducers.engine import script
from reproducers.engine.errors import EngineError, MetadataError
from reproducers.engine.pep723 import find_block
from reproducers.engine.script import first_python_block
from reproducers.models import Reproducer
from support.domain.events import note_event
from support.models import Message, Ticket, TicketEvent

SCRIPT_BYTES: Final = script.SCRIPT_BYTES
"""A larger one is kept, but cannot be run."""

RELEASE_CHARACTERS: Final = 32
BLOCK_NAME: Final = "script.py"
NO_SCRIPT: Final = (
    "No script yet: attach one Python file that shows the problem, or write it into a message "
    "as a code block that begins with ```python."
)
TEMPLATE: Final = """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]", "pandas"]
#
# [tool.repro]
# reported = "2025.5.1"
# ///
import dask.dataframe as dd
import pandas as pd

if __name__ == "__main__":
    frame = dd.from_pandas(pd.DataFrame({"x": range(10)}), npartitions=2)
    result = frame.x.sum().compute()
    assert result == 45, f"expected 45, got {result}"
"""
"""What a ticket without a script shows to copy; it runs as it stands."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A script that somebody sent, as bytes, and what came with it: name -> content."""

    content: bytes
    name: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def offer_in(message: Message) -> Offer | None:
    """What a message brings: its attached script, else the first Python block of its text.

    The first file that ends with .py is the script, the others are data beside it. Files without
    a script complete the one that was sent before; with none before, the first is taken for one.
    """
    attached = _attached(message)
    block = first_python_block(message.body)
    name = next((name for name in attached if name.endswith(".py")), None)
    if name is not None:
        return Offer(attached.pop(name), name, attached)
    if block is not None:
        return Offer(block.encode("utf-8", "replace"), BLOCK_NAME, attached)
    return _completed(message, attached) if attached else None


def _completed(message: Message, files: dict[str, bytes]) -> Offer:
    said = message.ticket.messages.filter(author_role=message.author_role, pk__lt=message.pk)
    for earlier in said.order_by("-pk"):
        if offer := offer_in(earlier):
            return replace(offer, files={**offer.files, **files})
    name = next(iter(files))
    return Offer(files.pop(name), name, files)


def _attached(message: Message) -> dict[str, bytes]:
    return {file.name: bytes(file.content) for file in message.attachments.order_by("pk")}


def is_meant_to_replace(offer: Offer, message: Message) -> bool:
    """Whether a ticket that has a script already takes this one instead.

    A file is, and a block that states its metadata; a few quoted lines are not.
    """
    return message.attachments.exists() or _has_metadata(offer.content.decode("utf-8", "replace"))


def supply_script(
    *, ticket: Ticket, offer: Offer, message: Message, now: datetime
) -> Reproducer | None:
    """Read a script and make it the ticket's; None where it cannot be run, with the reason kept.

    The caller holds the ticket's row. A script that was there before stays until a better one is.
    """
    try:
        reproducer = record_reproducer(
            script=offer.content, name=offer.name, files=offer.files, now=now
        )
    except EngineError as error:
        ticket.missing = [f"{error.message} {error.remedy}"]
        ticket.save(update_fields=["missing"])
        _note(ticket, message, now, f"{offer.name} cannot be run: {error.message}")
        return None
    ticket.reproducer = reproducer
    ticket.missing = []
    ticket.dask_release = ticket.dask_release or _reported(reproducer)
    ticket.save(update_fields=["reproducer", "missing", "dask_release"])
    _note(ticket, message, now, _read_sentence(reproducer), value=str(reproducer.pk))
    return reproducer


def ask_for_script(*, ticket: Ticket) -> None:
    """The ticket says that it has no script."""
    ticket.missing = [NO_SCRIPT]
    ticket.save(update_fields=["missing"])


def _has_metadata(text: str) -> bool:
    try:
        return find_block(text) is not None
    except MetadataError:
        return True


def _reported(reproducer: Reproducer) -> str:
    return str(reproducer.table.get("reported") or "")[:RELEASE_CHARACTERS]


def _read_sentence(reproducer: Reproducer) -> str:
    needs = ", ".join(reproducer.requirements) or "nothing but Dask"
    python = f"Python {reproducer.requires_python}, " if reproducer.requires_python else ""
    left_out = " ".join(reproducer.notes)
    return f"{reproducer.name} read: {python}{needs}. {left_out}".strip()


def _note(ticket: Ticket, message: Message, now: datetime, sentence: str, value: str = "") -> None:
    note_event(
        ticket=ticket,
        kind=TicketEvent.Kind.REPRODUCER,
        at=now,
        actor=message.author,
        value=value,
        note=sentence,
    )
