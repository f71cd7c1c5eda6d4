"""What sandboxes leave on the host, told apart from those that other tests are running."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reproducers.engine.sandbox import cgroups, slots


def owners(word: str, *, own: bool = False) -> set[int]:
    """The users of the processes with `word` in their command line; this one with `own` only."""
    needle, found = word.encode(), set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if needle in (process / "cmdline").read_bytes().split(b"\0"):
                found.add(process.stat().st_uid)
        except OSError:
            continue
    return found if own else found - {os.geteuid()}


def abandoned() -> list[str]:
    """Processes and cgroups of all slots that nobody holds."""
    pool = slots.machines_pool()
    users = (pool.slot(int(lock.name)).uid for lock in pool.locks.iterdir())
    return [left for uid in users if uid is not None for left in left_by(uid)]


def left_by(uid: int) -> list[str]:
    """Processes and cgroups of the slot that has this user, once nobody holds it."""
    pool = slots.machines_pool()
    slot = pool.slot_of(uid)
    assert slot is not None
    with slots.held(pool.locks / str(slot.number)) as is_free:
        if not is_free:
            return []
        processes = [f"process {process} of {uid}" for process in slots.processes_of(uid)]
        return processes + [str(group) for group in groups(slot.name) if group.is_dir()]


def groups(slot: str) -> list[Path]:
    """The cgroups of a slot below our own, as others may have been killed in theirs."""
    name = f"headwater-{slot}"
    both = (
        cgroups.folders_of_v1(cgroups.THE_TREE, name),
        cgroups.folders_of_v2(cgroups.THE_TREE, name),
    )
    return [folder for folders in both for folder in folders.values()]


def mounts() -> str:
    return Path("/proc/self/mountinfo").read_text()


def staged() -> list[Path]:
    return list((Path("/run") / f"headwater-{os.geteuid()}" / "stage").glob("*"))


def soon(look: Callable[[], Any], wanted: Any) -> bool:
    """Whether `look` gives `wanted` within five seconds."""
    deadline = time.monotonic() + 5
    while look() != wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(look() == wanted)
