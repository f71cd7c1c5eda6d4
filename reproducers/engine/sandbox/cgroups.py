"""The kernel's own limits: cgroup v2 where it is delegated to us, else v1.

Both live below our own cgroup, so that whatever bounds us bounds our sandboxes too, and are named
after the slot: what a killed run has left is removed by the next one in its slot.
"""

import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.policy import Limits, SandboxSpec
from reproducers.engine.sandbox.usage import Usage

NEEDED: Final = frozenset({"memory", "pids"})
USED: Final = NEEDED | {"cpu"}
PERIOD_MICROSECONDS: Final = 100_000
REMOVAL_SECONDS: Final = 5.0
# What lies in sockets is counted apart by v1, and all users of the host share its bound.
SOCKETS_SHARE: Final = 8


@dataclass(frozen=True, kw_only=True)
class GroupOfV1:
    """One cgroup in each controller's own tree. `cpu` may be missing."""

    folders: Mapping[str, Path]
    limits: Limits = "cgroup-v1"

    @property
    def join(self) -> tuple[str, ...]:
        return tuple(str(folder / "cgroup.procs") for folder in self.folders.values())

    def bound(self, spec: SandboxSpec) -> None:
        if spec.has(Protection.MEMORY):
            self._bound_memory(spec.memory_bytes)
        if spec.has(Protection.PROCESSES):
            _write(self.folders["pids"] / "pids.max", spec.pids)
        if spec.cpus is not None and spec.has(Protection.CPU) and (cpu := self.folders.get("cpu")):
            _write(cpu / "cpu.cfs_period_us", PERIOD_MICROSECONDS)
            _write(cpu / "cpu.cfs_quota_us", _quota(spec.cpus))

    def _bound_memory(self, limit: int) -> None:
        memory = self.folders["memory"]
        _write(memory / "memory.limit_in_bytes", limit)
        with contextlib.suppress(FileNotFoundError):  # a kernel that does not count swap
            _write(memory / "memory.memsw.limit_in_bytes", limit)
        with contextlib.suppress(FileNotFoundError):  # one that does not count what sockets hold
            _write(memory / "memory.kmem.tcp.limit_in_bytes", limit // SOCKETS_SHARE)
        _write(memory / "memory.swappiness", 0)

    def usage(self, launcher: int) -> Usage:
        facts = _numbers(self.folders["memory"] / "memory.stat")
        held = int((self.folders["pids"] / "pids.current").read_text())
        return Usage(memory_bytes=facts["total_rss"] + facts["total_shmem"], processes=held)

    def memory_kills(self) -> int:
        return _numbers(self.folders["memory"] / "memory.oom_control").get("oom_kill", 0)

    def refused_forks(self) -> int:
        return _numbers(self.folders["pids"] / "pids.events").get("max", 0)

    def processes(self) -> tuple[int, ...]:
        return _members(self.folders["pids"])

    def close(self) -> None:
        for folder in self.folders.values():
            remove(folder)


@dataclass(frozen=True, kw_only=True)
class GroupOfV2:
    """One cgroup in the one tree."""

    folder: Path
    limits: Limits = "cgroup-v2"

    @property
    def join(self) -> tuple[str, ...]:
        return (str(self.folder / "cgroup.procs"),)

    def bound(self, spec: SandboxSpec) -> None:
        if spec.has(Protection.MEMORY):
            _write(self.folder / "memory.max", spec.memory_bytes)
            with contextlib.suppress(FileNotFoundError):  # a kernel without swap
                _write(self.folder / "memory.swap.max", 0)
        if spec.has(Protection.PROCESSES):
            _write(self.folder / "pids.max", spec.pids)
        if spec.cpus is not None and spec.has(Protection.CPU):
            with contextlib.suppress(FileNotFoundError):  # not delegated
                _write(self.folder / "cpu.max", f"{_quota(spec.cpus)} {PERIOD_MICROSECONDS}")

    def usage(self, launcher: int) -> Usage:
        facts = _numbers(self.folder / "memory.stat")
        held = int((self.folder / "pids.current").read_text())
        return Usage(memory_bytes=facts["anon"] + facts["shmem"], processes=held)

    def memory_kills(self) -> int:
        return _numbers(self.folder / "memory.events").get("oom_kill", 0)

    def refused_forks(self) -> int:
        return _numbers(self.folder / "pids.events").get("max", 0)

    def processes(self) -> tuple[int, ...]:
        return _members(self.folder)

    def close(self) -> None:
        remove(self.folder)


Group = GroupOfV1 | GroupOfV2


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Where the kernel shows cgroups, and which ones are ours (/proc/self/cgroup)."""

    mount: Path = Path("/sys/fs/cgroup")
    own: Path = Path("/proc/self/cgroup")
    make: Callable[[Path], None] = Path.mkdir

    def lines(self) -> list[list[str]]:
        """Of each hierarchy: its number, its controllers, and our path in it."""
        return [line.split(":", 2) for line in self.own.read_text().splitlines()]


THE_TREE: Final = Tree()


def create(spec: SandboxSpec, slot: str, tree: Tree = THE_TREE) -> Group | None:
    """A bounded cgroup for the slot of that name.

    None where we may make none, or not with all that we need.
    """
    for folders_of in (folders_of_v2, folders_of_v1):
        with contextlib.suppress(OSError):
            if folders := folders_of(tree, f"headwater-{slot}"):
                return _bounded(tree, folders, spec)
    return None


def _bounded(tree: Tree, folders: Mapping[str, Path], spec: SandboxSpec) -> Group:
    unified = folders.get("")
    group = GroupOfV1(folders=folders) if unified is None else GroupOfV2(folder=unified)
    try:
        for folder in folders.values():
            remove(folder)
            tree.make(folder)
        group.bound(spec)
    except OSError:
        group.close()
        raise
    return group


def folders_of_v1(tree: Tree, name: str) -> dict[str, Path]:
    """By controller, below our own cgroup in each; none where one that we need is missing."""
    own = {
        controller: tree.mount / controller / path.lstrip("/") / name
        for _, controllers, path in tree.lines()
        for controller in controllers.split(",")
        if (tree.mount / controller / path.lstrip("/")).is_dir()
    }
    if not set(own) >= NEEDED:
        return {}
    return {controller: own[controller] for controller in own if controller in USED}


def folders_of_v2(tree: Tree, name: str) -> dict[str, Path]:
    """Below the nearest cgroup, from ours upwards, whose children have our controllers."""
    path = next((path for _, controllers, path in tree.lines() if not controllers), None)
    if path is None or not (tree.mount / "cgroup.controllers").is_file():
        return {}
    own = tree.mount / path.lstrip("/")
    upwards = (one for one in (own, *own.parents) if one.is_relative_to(tree.mount))
    return next(({"": parent / name} for parent in upwards if _gives_controllers(parent)), {})


def _gives_controllers(parent: Path) -> bool:
    enabled = (parent / "cgroup.subtree_control").read_text().split()
    return set(enabled) >= NEEDED and os.access(parent, os.W_OK)


def remove(folder: Path, *, seconds: float = REMOVAL_SECONDS) -> None:
    """Kill whoever is in a cgroup and remove it, if it is there; raises OSError where it stays."""
    deadline = time.monotonic() + seconds
    while folder.is_dir():
        for process in _members(folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def _quota(cpus: float) -> int:
    """Microseconds of a period."""
    return math.ceil(cpus * PERIOD_MICROSECONDS)


def _write(path: Path, value: int | str) -> None:
    """Raises FileNotFoundError for what is not there, where making it would be "not permitted"."""
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(descriptor, str(value).encode())
    finally:
        os.close(descriptor)


def _members(folder: Path) -> tuple[int, ...]:
    with contextlib.suppress(OSError):  # it is gone
        return tuple(int(line) for line in (folder / "cgroup.procs").read_text().split())
    return ()


def _numbers(path: Path) -> dict[str, int]:
    pairs = (line.split() for line in path.read_text().splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
