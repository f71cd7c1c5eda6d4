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

from reproducers.engine.sandbox.policy import Limits, SandboxSpec
from reproducers.engine.sandbox.usage import Usage

MOUNT: Final = Path("/sys/fs/cgroup")
SELF: Final = Path("/proc/self/cgroup")
CONTROLLERS: Final = ("memory", "pids")
PERIOD_MICROSECONDS: Final = 100_000
REMOVAL_SECONDS: Final = 5.0


@dataclass(frozen=True, kw_only=True)
class GroupOfV1:
    """One cgroup in each controller's own tree. `cpu` may be missing."""

    folders: Mapping[str, Path]
    limits: Limits = "cgroup-v1"

    @property
    def join(self) -> tuple[str, ...]:
        return tuple(str(folder / "cgroup.procs") for folder in self.folders.values())

    def bound(self, spec: SandboxSpec) -> None:
        memory = self.folders["memory"]
        (memory / "memory.limit_in_bytes").write_text(str(spec.memory_bytes))
        with contextlib.suppress(FileNotFoundError):  # a kernel that does not account for swap
            (memory / "memory.memsw.limit_in_bytes").write_text(str(spec.memory_bytes))
        (memory / "memory.swappiness").write_text("0")
        (self.folders["pids"] / "pids.max").write_text(str(spec.pids))
        if spec.cpus is not None and "cpu" in self.folders:
            quota = math.ceil(spec.cpus * PERIOD_MICROSECONDS)
            (self.folders["cpu"] / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (self.folders["cpu"] / "cpu.cfs_quota_us").write_text(str(quota))

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
            _remove(folder)


@dataclass(frozen=True, kw_only=True)
class GroupOfV2:
    """One cgroup in the one tree."""

    folder: Path
    limits: Limits = "cgroup-v2"

    @property
    def join(self) -> tuple[str, ...]:
        return (str(self.folder / "cgroup.procs"),)

    def bound(self, spec: SandboxSpec) -> None:
        (self.folder / "memory.max").write_text(str(spec.memory_bytes))
        with contextlib.suppress(FileNotFoundError):  # a kernel without swap
            (self.folder / "memory.swap.max").write_text("0")
        (self.folder / "pids.max").write_text(str(spec.pids))
        if spec.cpus is not None:
            quota = math.ceil(spec.cpus * PERIOD_MICROSECONDS)
            with contextlib.suppress(FileNotFoundError):
                (self.folder / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")

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
        _remove(self.folder)


Group = GroupOfV1 | GroupOfV2


def create(spec: SandboxSpec, slot: int) -> Group | None:
    """A bounded cgroup for `slot`; None where we may make none, or not with all that we need."""
    for make in (_make_v2, _make_v1):
        with contextlib.suppress(OSError, KeyError):
            if (group := _bounded(make, spec, f"headwater-{slot}")) is not None:
                return group
    return None


def _bounded(make: Callable[[str], Group | None], spec: SandboxSpec, name: str) -> Group | None:
    group = make(name)
    if group is None:
        return None
    try:
        group.bound(spec)
    except OSError:
        group.close()
        raise
    return group


def _make_v1(name: str) -> Group | None:
    own = _own_groups()
    if not all(controller in own for controller in CONTROLLERS):
        return None
    wanted = (*CONTROLLERS, *(c for c in ("cpu",) if c in own))
    folders = {controller: own[controller] / name for controller in wanted}
    for folder in folders.values():
        _make(folder)
    return GroupOfV1(folders=folders)


def _make_v2(name: str) -> Group | None:
    parent = _delegated(MOUNT, _own_unified())
    if parent is None:
        return None
    _make(parent / name)
    return GroupOfV2(folder=parent / name)


def _own_groups() -> dict[str, Path]:
    """Our own cgroup of each v1 controller that is mounted where all distributions mount it."""
    found = {}
    for line in SELF.read_text().splitlines():
        _, names, path = line.split(":", 2)
        for controller in filter(None, names.split(",")):
            folder = MOUNT / controller / path.lstrip("/")
            if folder.is_dir():
                found[controller] = folder
    return found


def _own_unified() -> str | None:
    lines = SELF.read_text().splitlines()
    return next((line[3:] for line in lines if line.startswith("0::")), None)


def _delegated(mount: Path, own: str | None) -> Path | None:
    """The nearest cgroup, from ours upwards, whose children have our controllers."""
    if own is None or not (mount / "cgroup.controllers").is_file():
        return None
    folder = mount / own.lstrip("/")
    for candidate in (folder, *folder.parents):
        if not candidate.is_relative_to(mount):
            return None
        enabled = (candidate / "cgroup.subtree_control").read_text().split()
        if set(CONTROLLERS) <= set(enabled) and os.access(candidate, os.W_OK):
            return candidate
    return None


def _make(folder: Path) -> None:
    """A new, empty cgroup, without what a killed run may have left in it."""
    _remove(folder)
    folder.mkdir()


def _remove(folder: Path) -> None:
    """Kill whoever is in it and remove it, if it is there."""
    deadline = time.monotonic() + REMOVAL_SECONDS
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


def _members(folder: Path) -> tuple[int, ...]:
    with contextlib.suppress(OSError):  # it is gone
        return tuple(int(line) for line in (folder / "cgroup.procs").read_text().split())
    return ()


def _numbers(path: Path) -> dict[str, int]:
    pairs = (line.split() for line in path.read_text().splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
