"""A place for one sandbox at a time: a number, and as root a user of its own.

A slot is held by a file lock, so two sandboxes never share a user, whichever processes start them,
and a process that is killed leaves its slot free. Whatever is named after a slot can therefore be
cleaned up by the next who holds it.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.errors import IsolationError

COUNT: Final = 1000
# Between the users that systemd gives to containers and 2**31, where nobody gives out any.
PREFERRED_USER: Final = 1_990_000_000
SHARED_FOLDER: Final = Path("/run/headwater/slots")


@dataclass(frozen=True, kw_only=True)
class Slot:
    """`uid` is the user to become, None where we may become nobody else."""

    number: int
    uid: int | None


@contextlib.contextmanager
def reserve(*, folder: Path | None = None) -> Iterator[Slot]:
    """Hold a free slot; raises IsolationError where all are taken."""
    place = lock_folder() if folder is None else folder
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(COUNT):
        descriptor = os.open(place / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if _lock(descriptor) and (slot := _slot(number)) is not None:
                yield slot
                return
        finally:
            os.close(descriptor)
    raise IsolationError(
        f"All {COUNT} places for sandboxes are taken.", remedy="Wait until a run has ended."
    )


def lock_folder() -> Path:
    """Where all processes of this user lock slots."""
    if os.geteuid() == 0 and SHARED_FOLDER.parent.parent.is_dir():
        return SHARED_FOLDER
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(runtime) / f"headwater-{os.geteuid()}" / "slots"


def first_user(uid_map: str) -> int | None:
    """The first of COUNT users for slots, by /proc/self/uid_map; None where it maps too few."""
    ranges = [(int(first), int(count)) for first, _, count in map(str.split, uid_map.splitlines())]
    if any(first <= PREFERRED_USER < first + count - COUNT for first, count in ranges):
        return PREFERRED_USER
    first, count = max(ranges, key=sum)
    # Their upper end, without 65534, which is nobody's.
    return first + count - COUNT - 10 if count >= 60_000 else None


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _slot(number: int) -> Slot | None:
    """None where the slot's user still has processes."""
    if os.geteuid() != 0:
        return Slot(number=number, uid=None)
    first = first_user(Path("/proc/self/uid_map").read_text())
    if first is None:
        raise IsolationError(
            "This container has too few users to give each sandbox one.",
            remedy="Map 65536 users into it, or run as an ordinary user.",
        )
    uid = first + number
    return None if _has_processes(uid) else Slot(number=number, uid=uid)


def _has_processes(uid: int) -> bool:
    for entry in os.scandir("/proc"):
        with contextlib.suppress(FileNotFoundError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                return True
    return False
