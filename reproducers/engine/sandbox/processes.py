"""Who descends from whom, by one look at /proc. Light: the launcher imports it too."""

import os


def descendants(root: int) -> list[int]:
    """All processes below `root`."""
    children: dict[int, list[int]] = {}
    for process in _all():
        children.setdefault(parent_of(process), []).append(process)
    found, fresh = [], [root]
    while fresh:
        fresh = [child for process in fresh for child in children.get(process, ())]
        found += fresh
    return found


def children_of(parent: int) -> list[int]:
    """The processes whose parent it is."""
    return [process for process in _all() if parent_of(process) == parent]


def parent_of(process: int) -> int:
    """Its parent's id, 0 where it is gone."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123 -- pathlib is slow to load
            # The name before it may hold any character, so count from its closing bracket.
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def _all() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 -- names
