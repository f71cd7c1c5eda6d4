"""A place for one sandbox at a time: a number, and as root a user of its own.

A slot is held by a file lock, so two sandboxes never share a user, whichever processes start them,
and a process that is killed leaves its slot free. Whatever is named after a slot can therefore be
cleaned up by the next who holds it.
"""

import contextlib
import fcntl
import os
import signal
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import state

COUNT: Final = 1000
# Above the users that systemd gives to containers and below 2**31, where nobody gives out any.
UNUSED: Final = range(1_900_000_000, 2_147_000_000, COUNT)
USERS_NEEDED: Final = 60_000
EMPTYING_SECONDS: Final = 2.0


@dataclass(frozen=True, kw_only=True)
class Slot:
    """`uid` is the user to become, None where we may become nobody else.

    `name` is the slot's alone among all that this kernel runs: those who keep their locks in other
    places have slots of the same numbers.
    """

    number: int
    uid: int | None
    place: int = 0

    @property
    def name(self) -> str:
        return f"{self.place:08x}-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Pool:
    """All slots: their locks' folder, and the user of the first, None where users do not change.

    Nobody else may use these users: what they run is killed. `place` tells it from the pools of
    other machines that share this kernel.
    """

    locks: Path
    first_user: int | None
    count: int = COUNT
    place: int = 0

    def slot(self, number: int) -> Slot:
        uid = None if self.first_user is None else self.first_user + number
        return Slot(number=number, uid=uid, place=self.place)

    def slot_of(self, uid: int) -> Slot | None:
        """The slot whose user it is, None for anybody else."""
        if self.first_user is None or not 0 <= uid - self.first_user < self.count:
            return None
        return self.slot(uid - self.first_user)


@contextlib.contextmanager
def reserve(pool: Pool | None = None) -> Iterator[Slot]:
    """Hold a free slot, None: of the machine's own; raises IsolationError where all are taken."""
    chosen = pool or machines_pool()
    sweep(chosen)
    for slot in map(chosen.slot, range(chosen.count)):
        with held(chosen.locks / str(slot.number)) as is_held:
            if is_held and is_emptied(slot.uid):
                try:
                    yield slot
                finally:
                    is_emptied(slot.uid)
                return
    raise IsolationError(
        f"All {chosen.count} places for sandboxes are taken.", remedy="Wait until a run has ended."
    )


def sweep(pool: Pool) -> None:
    """Kill what killed hosts have left in slots that nobody holds."""
    for uid in {owner for _, owner in _processes()}:
        if (slot := pool.slot_of(uid)) is not None:
            with held(pool.locks / str(slot.number)) as is_held:
                if is_held:
                    is_emptied(uid)


def machines_pool() -> Pool:
    """The slots that all processes of this user share."""
    locks = state.folder(state.LOCKS)
    # A container has locks of its own, so it must not have the same users: we see its processes.
    kept = locks.stat()
    place = zlib.crc32(f"{kept.st_dev}:{kept.st_ino}".encode())
    if os.geteuid() != 0:
        return Pool(locks=locks, first_user=None, place=place)
    users = first_user(Path("/proc/self/uid_map").read_text(), place)
    return Pool(locks=locks, first_user=users, place=place)


def first_user(uid_map: str, salt: int) -> int:
    """The first of COUNT users for slots, by the lines of /proc/self/uid_map.

    Those with another `salt` have other users, where there are enough. Raises IsolationError where
    the map has too few to tell which nobody uses.
    """
    ranges = [(int(first), int(count)) for first, _, count in map(str.split, uid_map.splitlines())]
    wanted = UNUSED[salt % len(UNUSED)]
    for first, count in ranges:
        if first <= wanted <= first + count - COUNT:
            return wanted
    for first, count in ranges:
        if count >= USERS_NEEDED:
            # The upper end of what a container has, below 65534, which is nobody's.
            return first + count - COUNT - 10
    raise IsolationError(
        "This container has too few users to give each sandbox one.",
        remedy="Map 65536 users into it, or run as an ordinary user.",
    )


def is_emptied(uid: int | None) -> bool:
    """Whether a slot's user has no process, after killing what a killed host has left.

    bubblewrap dies with its parent, but not yet in the moments in which it starts.
    """
    deadline = time.monotonic() + EMPTYING_SECONDS
    while uid is not None and (left := processes_of(uid)):
        if time.monotonic() > deadline:
            return False
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.005)
    return True


def processes_of(uid: int) -> list[int]:
    """All processes of a user."""
    return [process for process, owner in _processes() if owner == uid]


def _processes() -> Iterator[tuple[int, int]]:
    """Each process of the machine and its user."""
    for name in os.listdir("/proc"):  # noqa: PTH208 -- names are enough
        with contextlib.suppress(OSError):  # it is gone
            if name.isdigit():
                yield int(name), os.stat(f"/proc/{name}").st_uid  # noqa: PTH116 -- often called


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold the lock at `path`, unless somebody else does: whether we do."""
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
