"""Progress on standard error: a live line on a terminal, a line a phase where it is none."""

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from reproducers.engine.commands.console import errors, sayable
from reproducers.engine.commands.layout import one_line
from reproducers.engine.events import Event, Phase

DOING: Final[dict[Phase, str]] = {
    "environment": "environment",
    "start": "starting the sandbox",
    "script": "running the script",
    "collect": "reading what it left",
}
BAR: Final = 20
NOTE: Final = 44


class ProgressLine:
    """Takes the engine's events. Shows the phase, what it does, its seconds, and what is left."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or errors()
        self._event: Event | None = None
        self._began_at = time.monotonic()
        self._said = ""
        self._spinner = Spinner("dots" if self._is_unicode() else "line", style="cyan")
        self._live = Live(
            console=self._console,
            transient=True,
            refresh_per_second=8,
            get_renderable=self._shown,
        )

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
        if not self._live.is_started:
            self._say(event)

    def _shown(self) -> Table | Group:
        """Drawn eight times a second, also while no event comes."""
        event = self._event
        if event is None:
            return Group()
        line = Table.grid(padding=(0, 1))
        told = Text(sayable(doing(event), self._console.encoding), no_wrap=True)
        told.truncate(max(self._console.width - BAR - 10, 20), overflow="ellipsis")
        seconds = Text(f"{time.monotonic() - self._began_at:.0f} s", style="dim", no_wrap=True)
        bar = [
            ProgressBar(
                total=event.total,
                completed=event.done,
                width=BAR,
                complete_style="cyan",
                finished_style="cyan",
            )
        ]
        line.add_row(self._spinner, told, *(bar if event.total else []), seconds)
        return line

    def _is_unicode(self) -> bool:
        return sayable("\u2581", self._console.encoding) == "\u2581"

    def _say(self, event: Event) -> None:
        """Once a phase and note, so that a log stays short."""
        note = one_line(event.note)
        if event.phase == "environment" and event.total:
            return
        line = sayable(f"{event.phase}: {note}" if note else event.phase, self._console.encoding)
        if line != self._said:
            self._said = line
            self._console.print(line, markup=False)


def doing(event: Event) -> str:
    """`environment: downloading 12 of 31`, `running the script, try 2 of 3, at most 90 s left`."""
    note = one_line(event.note)[:NOTE]
    if event.phase == "environment":
        return f"{DOING[event.phase]}: {note}" if note else DOING[event.phase]
    left = [f"at most {event.total - event.done} s left"] if event.phase == "script" else []
    return ", ".join([DOING[event.phase], *filter(None, [note]), *(left if event.total else [])])
