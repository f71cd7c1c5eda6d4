"""Ctrl-C, turned into a cancellation that leaves nothing behind, and within two seconds."""

import signal
from types import FrameType, TracebackType
from typing import Any, Final, Self

PATIENCE_SECONDS: Final = 2.0


class Interruption:
    """While entered, the first SIGINT or SIGTERM makes it true; the run sees that and ends.

    Where the run does not look for two seconds, or at a second signal, KeyboardInterrupt is raised
    wherever the main thread is.
    """

    def __init__(self) -> None:
        self._is_asked = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        return self._is_asked

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._insist)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._is_asked:
            raise KeyboardInterrupt
        self._is_asked = True
        signal.setitimer(signal.ITIMER_REAL, PATIENCE_SECONDS)

    def _insist(self, number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt
