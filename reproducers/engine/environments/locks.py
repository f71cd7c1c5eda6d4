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
        while True:
            descriptor = _open(path)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if _is_there(descriptor, path):
                return cls(descriptor)
            os.close(descriptor)

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
    with _waited(path, fcntl.LOCK_EX, progress, waiting_for):
        yield


@contextmanager
def shared(path: Path, progress: Progress, *, waiting_for: str) -> Iterator[None]:
    """Hold the lock file at `path` with others; raises Cancellation while one holds it alone."""
    with _waited(path, fcntl.LOCK_SH, progress, waiting_for):
        yield


@contextmanager
def exclusive_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock file at `path` alone, or say False at once where somebody else holds it."""
    descriptor = _open(path)
    try:
        yield _taken(descriptor, path, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def remove_if_free(path: Path) -> bool:
    """Remove a lock file that nobody holds; whether it was. Who waits for it makes it anew."""
    with exclusive_if_free(path) as alone:
        if alone:
            path.unlink()
        return alone


@contextmanager
def _waited(path: Path, kind: int, progress: Progress, waiting_for: str) -> Iterator[None]:
    while True:
        descriptor = _open(path)
        try:
            if _taken(descriptor, path, kind):
                yield
                return
        finally:
            os.close(descriptor)
        progress.say(f"waiting for {waiting_for}")
        progress.check()
        time.sleep(POLL_SECONDS)


def _taken(descriptor: int, path: Path, kind: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return _is_there(descriptor, path)
    return False


def _is_there(descriptor: int, path: Path) -> bool:
    """Whether the file that was locked is still the one of that name."""
    with suppress(FileNotFoundError):
        return path.lstat().st_ino == os.fstat(descriptor).st_ino
    return False


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
