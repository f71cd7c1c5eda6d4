"""How the building of an environment tells where it is."""

import time
from collections.abc import Callable

from reproducers.engine.events import NOTE_CHARACTERS, Cancellation, Cancelled, Emit, Event
from reproducers.engine.sandbox.policy import Tick

Count = Callable[[], tuple[int, int]]


class Progress:
    """Emits events of the phase `environment`, one for each change."""

    def __init__(self, emit: Emit, cancelled: Cancelled) -> None:
        self._emit = emit
        self.cancelled = cancelled
        self._last: tuple[str, int, int] | None = None

    def say(self, note: str, done: int = 0, total: int = 0) -> None:
        """Tell what is being done; 0 of 0 is not countable."""
        if self._last == (note, done, total):
            return
        self._last = (note, done, total)
        self._emit(
            Event(
                phase="environment",
                done=done,
                total=total,
                at=time.time(),
                note=note[:NOTE_CHARACTERS],
            )
        )

    def check(self) -> None:
        """Raises Cancellation once the run was cancelled."""
        if self.cancelled():
            raise Cancellation

    def ticking(self, note: str | None, count: Count | None = None) -> Tick:
        """A Tick that counts what is done so far, and ends the process once cancelled.

        `note` None: it says nothing, and counts nothing.
        """

        def tick(_seconds: float) -> bool:
            if count is not None:
                done, total = count()
                self.say(f"{note} {done} of {total}", done, total)
            return not self.cancelled()

        if note is not None:
            self.say(note)
        return tick
