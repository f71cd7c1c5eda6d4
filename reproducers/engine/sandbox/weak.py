"""The last rung: no cgroup, so we look at the processes ourselves, some times a second.

Between two looks a script may use more than it should; rlimits keep a single process in bounds.
"""

import os
from dataclasses import dataclass

from reproducers.engine.sandbox.policy import Limits
from reproducers.engine.sandbox.usage import Usage


@dataclass(frozen=True, kw_only=True)
class Poller:
    """Counts the descendants of the launcher: all of them, since it is their reaper."""

    limits: Limits = "weak"

    @property
    def join(self) -> tuple[str, ...]:
        return ()

    def usage(self, launcher: int) -> Usage:
        facts = [found for process in descendants(launcher) if (found := _facts(process))]
        return Usage(memory_bytes=sum(m for m, _ in facts), processes=sum(n for _, n in facts))

    def memory_kills(self) -> int:
        return 0

    def refused_forks(self) -> int:
        return 0

    def processes(self) -> tuple[int, ...]:
        return ()

    def close(self) -> None:
        """There is nothing to remove."""


def descendants(root: int) -> list[int]:
    """All processes below `root`, by one look at /proc."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 -- names are enough, and this runs often
        if name.isdigit():
            children.setdefault(parent_of(int(name)), []).append(int(name))
    found, fresh = [], [root]
    while fresh:
        fresh = [child for process in fresh for child in children.get(process, ())]
        found += fresh
    return found


def parent_of(process: int) -> int:
    """Its parent's id, 0 where it is gone."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def _facts(process: int) -> tuple[int, int] | None:
    """Bytes of anonymous and shared memory, and threads; None where it is gone."""
    try:
        with open(f"/proc/{process}/status", "rb") as file:  # noqa: PTH123
            lines = (line.partition(b":") for line in file)
            told = {name: value.split() for name, _, value in lines}
    except OSError:
        return None
    kibibytes = sum(int(told[name][0]) for name in (b"RssAnon", b"RssShmem") if name in told)
    return kibibytes * 1024, int(told[b"Threads"][0])
