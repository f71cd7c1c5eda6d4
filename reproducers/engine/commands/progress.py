"""Progress on standard error: a live line on a terminal, a line a phase where it is none."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from reproducers.engine.commands.console import errors, harmless
from reproducers.engine.events import Event


class ProgressLine:
    """Takes the engine's events. Shows the phase, its seconds, and what is done of it."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or errors()
        self._live = Live(console=self._console, transient=True, refresh_per_second=8)
        self._spinner = Spinner("dots", style="cyan")
        self._event: Event | None = None
        self._began_at = time.monotonic()
        self._said = ""

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live.is_started:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        if self._event is None or event.phase != self._event.phase:
            self._began_at = time.monotonic()
        self._event = event
        if self._live.is_started:
            self._spinner.update(text=Text(self._line(event)))
            self._live.update(self._spinner)
        else:
            self._say(event)

    def _line(self, event: Event) -> str:
        seconds = time.monotonic() - self._began_at
        return f"{told(event)}  {seconds:.0f} s"

    def _say(self, event: Event) -> None:
        """Once a phase and note, so that a log stays short."""
        line = harmless(f"{event.phase}: {event.note}" if event.note else event.phase)
        if event.phase == "environment" and event.total:
            return
        if line != self._said:
            self._said = line
            self._console.print(line, markup=False)


def told(event: Event) -> str:
    """`environment: downloading 12 of 31`, `script: of 120 s`."""
    note = harmless(event.note)
    if event.phase == "script":
        time_left = f"at most {event.total} s" if event.total else ""
        note = ", ".join(filter(None, (note, time_left)))
    return f"{event.phase}: {note}" if note else event.phase
