"""What sandboxes have left on the host: processes, cgroups, mounts. For `repro doctor`.

Others may run sandboxes meanwhile, so only those are looked at that had the users given, or that
have a word in their command line which nobody else uses.
"""

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from reproducers.engine.sandbox import cgroups, slots, state

_MOUNTS: Final = Path("/proc/self/mountinfo")
_GONE: Final = "Z"


def mounts() -> str:
    """All mounts that we see, to be compared with those of another moment."""
    return _MOUNTS.read_text()


def left(users: Collection[int], *, word: str, pool: slots.Pool | None = None) -> Iterator[str]:
    """Each thing that is still there, in words. `pool` are the slots, None: the machine's own."""
    pool = pool or slots.machines_pool()
    for uid in sorted(users):
        slot = pool.slot_of(uid)
        if slot is not None:
            with slots.held(pool.locks / str(slot.number)) as is_ours:
                if is_ours:  # else somebody else runs in it by now
                    yield from _left_in(slot)
    yield from (f"process {process}" for process in _with(word))
    yield from (str(path) for path in state.folder(state.STAGE).iterdir())


def _left_in(slot: slots.Slot) -> Iterator[str]:
    assert slot.uid is not None
    yield from (f"process {process}" for process in slots.processes_of(slot.uid) if lives(process))
    yield from (str(folder) for folder in groups(slot.name) if folder.is_dir())


def groups(slot: str) -> list[Path]:
    """The cgroups that a slot has while somebody runs in it."""
    name = f"headwater-{slot}"
    v1 = cgroups.folders_of_v1(cgroups.THE_TREE, name)
    v2 = cgroups.folders_of_v2(cgroups.THE_TREE, name)
    return [*v1.values(), *v2.values()]


def _with(word: str) -> Iterator[int]:
    needle = word.encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it is gone
            if needle in path.read_bytes() and path.parent.name != str(os.getpid()):
                yield int(path.parent.name)


def lives(process: int) -> bool:
    """The dead stay in the table until their parent looks."""
    with contextlib.suppress(OSError):
        state_of = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0]
        return state_of != _GONE.encode()
    return False
