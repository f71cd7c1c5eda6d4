"""Progress of many builds: a bar and what is being built, or a line for each where it is piped."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from reproducers.engine.commands import env_wording as wording
from reproducers.engine.commands.console import errors, sayable
from reproducers.engine.commands.layout import cropped, one_line
from reproducers.engine.environments.all_releases import Result
from reproducers.engine.events import Event

BAR = 24


class BuildProgress:
    """Takes what goes on with each of `total` builds, from any thread."""

    def __init__(self, total: int, console: Console | None = None) -> None:
        self.finished = 0
        self._total = total
        self._console = console or errors()
        self._doing: dict[str, str] = {}
        self._bar = Progress(
            TextColumn("environments"),
            BarColumn(bar_width=BAR),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[doing]}", markup=False),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, doing="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def watch(self, dask: str, event: Event) -> None:
        """An event of the build of one release."""
        if event.note == "ready":
            self._doing.pop(dask, None)
        else:
            self._doing[dask] = event.note
        self._show()

    def done(self, result: Result) -> None:
        """What became of one release."""
        self.finished += 1
        self._doing.pop(result.dask, None)
        self._bar.advance(self._task)
        self._show()
        line = f"[{self.finished}/{self._total}] {wording.result_line(result)}"
        width = self._console.width if self._console.is_terminal else len(line)
        shown = sayable(cropped(one_line(line), width), self._console.encoding)
        self._console.print(Text(shown), soft_wrap=True)

    def _show(self) -> None:
        doing = ", ".join(f"{dask} {note}" for dask, note in sorted(self._doing.items()))
        room = max(self._console.width - BAR - 40, 20)
        shown = sayable(cropped(one_line(doing), room), self._console.encoding)
        self._bar.update(self._task, doing=shown)
