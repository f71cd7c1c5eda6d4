"""What a run could leave behind on the host, looked at before and after."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reproducers.engine.sandbox import slots
from tests.engine.sandbox.remains import mounts, staged

SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run")
SECONDS = 5.0


def footprint(folder: Path) -> dict[str, Any]:
    """The environment's and the engine's files, mounts, and whatever users of slots own."""
    return {
        "environment": dict(sorted(_contents(folder / "site"))),
        "home": dict(sorted(_contents(folder / "home"))),
        "mounts": mounts(),
        "stage": staged(),
        "owned by slots": sorted(_owned()),
        "left in the kernel": sorted(_kept_by_the_kernel()),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
    }


def is_soon(look: Callable[[], bool], *, seconds: float = SECONDS) -> bool:
    """Whether it is so within some seconds: others are running sandboxes meanwhile."""
    deadline = time.monotonic() + seconds
    while not look() and time.monotonic() < deadline:
        time.sleep(0.02)
    return look()


def _contents(folder: Path) -> Iterator[tuple[str, tuple[int, int, str]]]:
    for path in folder.rglob("*"):
        facts = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        yield str(path), (facts.st_mode, facts.st_uid, hashlib.sha256(content).hexdigest())


def _owned() -> Iterator[str]:
    for shared in map(Path, SHARED):
        for path in shared.iterdir() if shared.is_dir() else ():
            try:
                owner = path.lstat().st_uid
            except FileNotFoundError:
                continue
            if slots.machines_pool().slot_of(owner) is not None:
                yield str(path)


def _kept_by_the_kernel() -> Iterator[str]:
    """Shared memory, semaphores and queues that belong to a slot's user, and keys of such."""
    for name in ("shm", "sem", "msg"):
        for line in Path(f"/proc/sysvipc/{name}").read_text().splitlines()[1:]:
            users = {int(word) for word in line.split() if word.isdigit() and len(word) < 11}
            if any(slots.machines_pool().slot_of(user) is not None for user in users):
                yield f"{name} {line}"
    for line in Path("/proc/key-users").read_text().splitlines():
        if slots.machines_pool().slot_of(int(line.split(":")[0])) is not None:
            yield f"keys {line}"
