"""Locks between processes on files, which the kernel lets go when their holder dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from reproducers.engine.environments.progress import Progress

POLL_SECONDS: Final = 0.2


class Lease:
    """A shared hold on something that must not be removed; close it once."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Wait for a shared hold on the lock file at `path`, which is made if missing."""
        descriptor = _open(path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return cls(descriptor)

    def close(self) -> None:
        """Give the hold back; a second time does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __del__(self) -> None:
        self.close()


@contextmanager
def exclusive(path: Path, progress: Progress, *, waiting_for: str) -> Iterator[None]:
    """Hold the lock file at `path` alone; raises Cancellation while waiting for it."""
    descriptor = _open(path)
    try:
        while not _taken(descriptor):
            progress.say(f"waiting for {waiting_for}")
            progress.check()
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def exclusive_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock file at `path` alone, or say False at once where somebody else holds it."""
    descriptor = _open(path)
    try:
        yield _taken(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
