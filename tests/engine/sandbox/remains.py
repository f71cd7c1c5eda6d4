"""What sandboxes leave on the host, told apart from those that other tests are running."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reproducers.engine.sandbox import cgroups, slots, state


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
    """Processes and cgroups of slots that nobody holds."""
    first = slots.first_user(Path("/proc/self/uid_map").read_text())
    left = []
    for lock in state.folder(state.LOCKS).iterdir():
        with slots.held(lock) as is_free:
            if is_free and slots.processes_of(first + int(lock.name)):
                left.append(f"processes of slot {lock.name}")
            if is_free:
                left += map(str, cgroups.THE_TREE.mount.rglob(f"headwater-{lock.name}"))
    return left


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
