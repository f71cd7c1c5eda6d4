"""A place for one sandbox at a time: a number, and as root a user of its own.

A slot is held by a file lock, so two sandboxes never share a user, whichever processes start them,
and a process that is killed leaves its slot free. Whatever is named after a slot can therefore be
cleaned up by the next who holds it.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import state

COUNT: Final = 1000
# Between the users that systemd gives to containers and 2**31, where nobody gives out any.
PREFERRED_USER: Final = 1_990_000_000
USERS_NEEDED: Final = 60_000


@dataclass(frozen=True, kw_only=True)
class Slot:
    """`uid` is the user to become, None where we may become nobody else."""

    number: int
    uid: int | None


@contextlib.contextmanager
def reserve(*, folder: Path | None = None, count: int = COUNT) -> Iterator[Slot]:
    """Hold a free slot of `count`; raises IsolationError where all are taken."""
    locks = state.folder(state.LOCKS) if folder is None else folder
    first = _first_user()
    for number in range(count):
        uid = None if first is None else first + number
        with _held(locks / str(number)) as is_held:
            if is_held and (uid is None or not has_processes(uid)):
                yield Slot(number=number, uid=uid)
                return
    raise IsolationError(
        f"All {count} places for sandboxes are taken.", remedy="Wait until a run has ended."
    )


def first_user(uid_map: str) -> int:
    """The first of COUNT users for slots, by the lines of /proc/self/uid_map.

    Raises IsolationError where it maps too few to tell which nobody uses.
    """
    ranges = [(int(first), int(count)) for first, _, count in map(str.split, uid_map.splitlines())]
    for first, count in ranges:
        if first <= PREFERRED_USER < first + count - COUNT:
            return PREFERRED_USER
    for first, count in ranges:
        if count >= USERS_NEEDED:
            # The upper end of what a container has, below 65534, which is nobody's.
            return first + count - COUNT - 10
    raise IsolationError(
        "This container has too few users to give each sandbox one.",
        remedy="Map 65536 users into it, or run as an ordinary user.",
    )


def has_processes(uid: int) -> bool:
    """Whether a user has any, as one whose last sandbox is still being ended."""
    for entry in os.scandir("/proc"):
        with contextlib.suppress(FileNotFoundError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                return True
    return False


def _first_user() -> int | None:
    if os.geteuid() != 0:
        return None
    return first_user(Path("/proc/self/uid_map").read_text())


@contextlib.contextmanager
def _held(path: Path) -> Iterator[bool]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _is_locked(descriptor)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
