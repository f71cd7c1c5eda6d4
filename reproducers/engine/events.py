"""What the engine says while it works: bounded, plain, and never needed for the verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["environment", "start", "script", "collect"]
NOTE_CHARACTERS = 200


@dataclass(frozen=True, kw_only=True)
class Event:
    """The engine is in `phase`, has done `done` of `total` of it (0 of 0: not countable).

    `at` is the instant as seconds of the Unix epoch.
    """

    phase: Phase
    done: int
    total: int
    at: float
    note: str = ""


Emit = Callable[[Event], None]
"""Takes an event; must return at once."""

Cancelled = Callable[[], bool]
"""Asked about twice a second; True ends the run within two seconds."""


class Cancellation(Exception):
    """The run was cancelled; nothing is left of it."""
