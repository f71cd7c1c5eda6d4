"""One readable console for many processes: follows their logs, each line with who says it.

They write files and no pipe of ours: nothing of them waits for a console that is held (Ctrl-S,
a pager) or gone.
"""

import os
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO

WIDTH = 8
SECONDS = 0.1


@dataclass
class Log:
    """A log of one process, read from where it ended when we came."""

    name: str
    path: Path
    last_line: str = ""
    _file: BinaryIO = field(init=False)
    _unfinished: bytes = b""

    def __post_init__(self) -> None:
        self.path.touch()
        self._file = self.path.open("rb")
        self._file.seek(0, 2)

    def new_lines(self) -> list[str]:
        """The whole lines since the last time, also across a rotation."""
        received = self._file.read()
        if not self._is_current():
            received += self._file.read()
            self._file.close()
            self._file = self.path.open("rb")
            received += self._file.read()
        *lines, self._unfinished = (self._unfinished + received).split(b"\n")
        shown = [line.decode(errors="replace") for line in lines]
        self.last_line = next(filter(None, reversed(shown)), self.last_line)
        return shown

    def close(self) -> None:
        self._file.close()

    def _is_current(self) -> bool:
        try:
            return self.path.stat().st_ino == os.fstat(self._file.fileno()).st_ino
        except FileNotFoundError:
            return True  # just between its renaming and its successor


class Console:
    """Shows new lines of all logs from a thread of its own."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._logs: dict[str, Log] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def follow(self, name: str, path: Path) -> None:
        self._logs[name] = Log(name=name, path=path)

    def start(self) -> None:
        self._thread.start()

    def last_line(self, name: str) -> str:
        return self._logs[name].last_line

    def say(self, text: str = "") -> None:
        """A line of `make run` itself. Where nobody reads any more, everything goes on."""
        try:
            self._out.write(f"{text}\n")
            self._out.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())

    def finish(self) -> None:
        """Show the last lines of processes that have ended; do not wait for a held console."""
        self._ends.set()
        self._thread.join(timeout=2)

    def _follow(self) -> None:
        while not self._ends.wait(SECONDS):
            self._show_new()
        self._show_new()
        for log in self._logs.values():
            log.close()

    def _show_new(self) -> None:
        for log in self._logs.values():
            for line in log.new_lines():
                self.say(f"{log.name:<{WIDTH}}| {line}")
