"""One readable console for many processes: every line begins with who says it."""

import os
import selectors
import sys
import threading
from collections import defaultdict, deque
from contextlib import suppress
from typing import TextIO

WIDTH = 8
KEPT_LINES = 20


class Console:
    """Reads a pipe for each process in the background and writes its lines with its name."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._selector = selectors.DefaultSelector()
        self._unfinished: dict[str, bytes] = defaultdict(bytes)
        self._last: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=KEPT_LINES))
        self._thread = threading.Thread(target=self._read_all, daemon=True)

    def pipe(self, name: str) -> int:
        """The writing end of a new pipe whose lines are shown as those of `name`."""
        reading, writing = os.pipe()
        self._selector.register(reading, selectors.EVENT_READ, name)
        return writing

    def start(self) -> None:
        self._thread.start()

    def last_lines(self, name: str) -> list[str]:
        return [*self._last[name]]

    def say(self, text: str = "") -> None:
        """A line of `make run` itself. Where nobody reads any more, everything goes on."""
        with suppress(BrokenPipeError):
            self._out.write(f"{text}\n")
            self._out.flush()

    def finish(self) -> None:
        """Wait until what the ended processes wrote is shown."""
        self._thread.join(timeout=2)

    def _read_all(self) -> None:
        while self._selector.get_map():
            for key, _ in self._selector.select():
                self._read(key.fd, key.data)

    def _read(self, reading: int, name: str) -> None:
        received = os.read(reading, 65536)
        if not received:
            self._selector.unregister(reading)
            os.close(reading)
            received = b"\n" if self._unfinished[name] else b""
        *lines, self._unfinished[name] = (self._unfinished[name] + received).split(b"\n")
        for line in lines:
            self._show(name, line.decode(errors="replace"))

    def _show(self, name: str, line: str) -> None:
        self._last[name].append(line)
        self.say(f"{name:<{WIDTH}}| {line}")
