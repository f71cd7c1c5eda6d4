"""How much memory is free for sandboxes that only wait: what runs comes first."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEBIBYTE: Final = 1024**2
WAITING_BYTES: Final = 256 * MEBIBYTE
"""What a script's process and its engine hold with numpy, pandas, dask and distributed imported."""

WORKER_BYTES: Final = 128 * MEBIBYTE
"""What a worker of an idle cluster, or its scheduler, holds."""

KEPT_FREE: Final = 10
"""A tenth of the machine's memory stays free whatever waits."""

_MEMINFO: Final = Path("/proc/meminfo")
_CGROUP: Final = Path("/sys/fs/cgroup")
_BOUNDS: Final = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes: of the machine, or of the container that we are in, whichever is less."""

    total: int
    available: int


def memory(*, meminfo: Path = _MEMINFO, cgroup: Path = _CGROUP) -> Memory:
    """What there is now. `cgroup` is where a container sees its own bounds."""
    lines = (line.split() for line in meminfo.read_text().splitlines())
    facts = {words[0]: int(words[1]) * 1024 for words in lines if len(words) > 1}
    total, available = facts["MemTotal:"], facts["MemAvailable:"]
    for limit, used in _bounds(cgroup):
        if limit < total:
            total, available = limit, min(available, max(limit - used, 0))
    return Memory(total=total, available=available)


def _bounds(cgroup: Path) -> Iterator[tuple[int, int]]:
    for limit, used in _BOUNDS:
        with contextlib.suppress(OSError, ValueError):  # not there, or "max"
            yield int((cgroup / limit).read_text()), int((cgroup / used).read_text())


def needed(*, workers: int, has_cluster: bool) -> int:
    """About what one that waits takes, in bytes."""
    return WAITING_BYTES + (WORKER_BYTES * (workers + 1) if has_cluster else 0)


def has_room(now: Memory, *, waiting_bytes: int, running_bytes: int) -> bool:
    """Whether `waiting_bytes` more are free, with all that runs (`running_bytes`) at its limit.

    What runs already holds a part of that, which is counted twice: on the safe side.
    """
    return now.available - waiting_bytes - running_bytes >= now.total // KEPT_FREE


def is_short(now: Memory) -> bool:
    """Whether what waits should go at once."""
    return now.available < now.total // KEPT_FREE
