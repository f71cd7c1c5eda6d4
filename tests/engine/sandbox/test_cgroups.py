"""The kernel's limits: written to the right files, on whichever rung the machine has.

Both rungs are shown on a tree of ordinary files; that the kernel obeys is shown in test_ending.py
on the rung of this machine.
"""

import dataclasses
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import cgroups
from reproducers.engine.sandbox.cgroups import Group, GroupOfV1, GroupOfV2, Tree
from reproducers.engine.sandbox.policy import SandboxSpec
from reproducers.engine.sandbox.usage import Usage

SPEC = SandboxSpec(argv=("/bin/true",), memory_bytes=1000, pids=7, cpus=1.5)


@dataclass
class Machine:
    """A tree of files in place of /sys/fs/cgroup, which fills new folders as the kernel would."""

    mount: Path
    own: Path
    files: dict[str, str]

    @property
    def tree(self) -> Tree:
        return Tree(mount=self.mount, own=self.own, make=self.make)

    def make(self, folder: Path) -> None:
        folder.mkdir()
        for name, content in self.files.items():
            (folder / name).write_text(content)

    def create(self, spec: SandboxSpec = SPEC) -> Group | None:
        return cgroups.create(spec, "3", self.tree)


V1_FILES = {
    "cgroup.procs": "",
    "memory.limit_in_bytes": "",
    "memory.memsw.limit_in_bytes": "",
    "memory.kmem.tcp.limit_in_bytes": "",
    "memory.swappiness": "60",
    "memory.stat": "total_cache 5\ntotal_rss 300\ntotal_shmem 40\n",
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "pids.max": "max",
    "pids.current": "4\n",
    "pids.events": "max 6\n",
    "cpu.cfs_period_us": "100000",
    "cpu.cfs_quota_us": "-1",
}
V2_FILES = {
    "cgroup.procs": "",
    "memory.max": "max",
    "memory.swap.max": "max",
    "memory.stat": "anon 300\nfile 5\nshmem 40\n",
    "memory.events": "low 0\nmax 9\noom 2\noom_kill 2\n",
    "pids.max": "max",
    "pids.current": "4\n",
    "pids.events": "max 6\n",
    "cpu.max": "max 100000",
}


@pytest.fixture
def v1(tmp_path: Path) -> Machine:
    mount, own = tmp_path / "v1", tmp_path / "own-v1"
    own.write_text("4:memory:/user/1\n3:cpu,cpuacct:/\n2:pids:/\n1:name=systemd:/\n0::/\n")
    for folder in ("memory/user/1", "cpu", "pids"):
        (mount / folder).mkdir(parents=True)
    return Machine(mount=mount, own=own, files=dict(V1_FILES))


@pytest.fixture
def v2(tmp_path: Path) -> Machine:
    mount, own = tmp_path / "v2", tmp_path / "own-v2"
    own.write_text("0::/user.slice/mine\n")
    (mount / "user.slice" / "mine").mkdir(parents=True)
    (mount / "cgroup.controllers").write_text("cpu memory pids\n")
    for folder in (mount / "user.slice", mount / "user.slice" / "mine"):
        (folder / "cgroup.subtree_control").write_text("\n")
    (mount / "user.slice" / "cgroup.subtree_control").write_text("cpu memory pids\n")
    return Machine(mount=mount, own=own, files=dict(V2_FILES))


def test_v1_bounds_memory_without_swap_processes_and_processors(v1: Machine) -> None:
    assert isinstance(v1.create(), GroupOfV1)
    memory = v1.mount / "memory" / "user" / "1" / "headwater-3"
    assert (memory / "memory.limit_in_bytes").read_text() == "1000"
    assert (memory / "memory.memsw.limit_in_bytes").read_text() == "1000"
    assert (memory / "memory.kmem.tcp.limit_in_bytes").read_text() == "125"
    assert (memory / "memory.swappiness").read_text() == "0"
    assert (v1.mount / "pids" / "headwater-3" / "pids.max").read_text() == "7"
    assert (v1.mount / "cpu" / "headwater-3" / "cpu.cfs_quota_us").read_text() == "150000"


def test_v2_bounds_memory_without_swap_processes_and_processors(v2: Machine) -> None:
    assert isinstance(v2.create(), GroupOfV2)
    group = v2.mount / "user.slice" / "headwater-3"
    bounds = {
        name: (group / name).read_text()
        for name in ("memory.max", "memory.swap.max", "pids.max", "cpu.max")
    }
    assert bounds == {
        "memory.max": "1000",
        "memory.swap.max": "0",
        "pids.max": "7",
        "cpu.max": "150000 100000",
    }


OPEN = dataclasses.replace(SPEC, without=(Protection.MEMORY, Protection.PROCESSES, Protection.CPU))


def test_v1_leaves_alone_what_is_switched_off(v1: Machine) -> None:
    assert v1.create(OPEN) is not None
    memory, cpu = v1.mount / "memory/user/1/headwater-3", v1.mount / "cpu/headwater-3"
    assert (memory / "memory.limit_in_bytes").read_text() == ""
    assert (v1.mount / "pids/headwater-3/pids.max").read_text() == "max"
    assert (cpu / "cpu.cfs_quota_us").read_text() == "-1"


def test_v2_leaves_alone_what_is_switched_off(v2: Machine) -> None:
    assert v2.create(OPEN) is not None
    group = v2.mount / "user.slice/headwater-3"
    bounds = [(group / name).read_text() for name in ("memory.max", "pids.max", "cpu.max")]
    assert bounds == ["max", "max", "max 100000"]


def test_v1_tells_what_is_used_and_what_was_refused(v1: Machine) -> None:
    group = v1.create()
    assert group is not None
    assert group.usage(1) == Usage(memory_bytes=340, processes=4)
    assert (group.memory_kills(), group.refused_forks(), group.limits) == (2, 6, "cgroup-v1")


def test_v2_tells_what_is_used_and_what_was_refused(v2: Machine) -> None:
    group = v2.create()
    assert group is not None
    assert group.usage(1) == Usage(memory_bytes=340, processes=4)
    assert (group.memory_kills(), group.refused_forks(), group.limits) == (2, 6, "cgroup-v2")


def test_the_first_process_joins_every_tree(v1: Machine, v2: Machine) -> None:
    groups = v1.create(), v2.create()
    assert [len(group.join) for group in groups if group is not None] == [3, 1]
    for group in groups:
        assert group is not None
        assert all(Path(path).name == "cgroup.procs" for path in group.join)


def test_all_processors_are_left_alone_when_none_are_asked_for(v1: Machine, v2: Machine) -> None:
    free = SandboxSpec(argv=("/bin/true",))
    v1.create(free)
    v2.create(free)
    assert (v1.mount / "cpu" / "headwater-3" / "cpu.cfs_quota_us").read_text() == "-1"
    assert (v2.mount / "user.slice" / "headwater-3" / "cpu.max").read_text() == "max 100000"


def test_a_kernel_that_does_not_count_swap_or_processors_is_good_enough(
    v1: Machine, v2: Machine
) -> None:
    del v1.files["memory.memsw.limit_in_bytes"]
    del v2.files["memory.swap.max"]
    del v2.files["cpu.max"]
    (v1.mount / "cpu").rmdir()
    assert isinstance(v1.create(), GroupOfV1)
    assert isinstance(v2.create(), GroupOfV2)


def test_v2_comes_before_v1(v2: Machine) -> None:
    for folder in ("memory", "pids"):
        (v2.mount / folder).mkdir()
    v2.own.write_text("4:memory:/\n2:pids:/\n0::/user.slice/mine\n")
    assert isinstance(v2.create(), GroupOfV2)


def test_v2_without_delegation_is_none(v2: Machine) -> None:
    (v2.mount / "user.slice" / "cgroup.subtree_control").write_text("cpu\n")
    (v2.mount / "cgroup.subtree_control").write_text("cpu\n")
    assert v2.create() is None


def test_a_machine_without_cgroups_is_none(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("")
    assert Machine(mount=tmp_path, own=own, files={}).create() is None


def test_a_machine_that_tells_nothing_of_cgroups_is_none(tmp_path: Path) -> None:
    assert Machine(mount=tmp_path, own=tmp_path / "missing", files={}).create() is None


def test_a_half_made_group_is_removed_again(v1: Machine) -> None:
    v1.files = {}
    assert v1.create() is None
    assert list(v1.mount.rglob("headwater-*")) == []


def test_a_group_without_anybody_is_removed(tmp_path: Path) -> None:
    group = tmp_path / "group"
    group.mkdir()
    cgroups.remove(group)
    assert not group.exists()


def test_what_is_gone_already_needs_no_removing(tmp_path: Path) -> None:
    GroupOfV2(folder=tmp_path / "missing").close()
    GroupOfV1(folders={"pids": tmp_path / "missing"}).close()


def test_whoever_is_left_in_a_group_is_killed(tmp_path: Path) -> None:
    left = subprocess.Popen(["/bin/sleep", "60"])
    (tmp_path / "cgroup.procs").write_text(f"{left.pid}\n4194999\n")
    with pytest.raises(OSError, match="not empty"):
        cgroups.remove(tmp_path, seconds=0.02)  # a folder of files cannot be removed
    assert left.wait(5) == -9


def test_the_members_of_a_group_are_told(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").write_text("1\n22\n")
    assert GroupOfV2(folder=tmp_path).processes() == (1, 22)
    assert GroupOfV1(folders={"pids": tmp_path}).processes() == (1, 22)
    assert GroupOfV2(folder=tmp_path / "missing").processes() == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make cgroups here")
def test_on_this_machine_a_group_is_made_and_removed() -> None:
    group = cgroups.create(SPEC, "test")
    if group is None:
        pytest.skip("this machine has no cgroups for us")
    folders = [Path(path).parent for path in group.join]
    assert all(folder.is_dir() for folder in folders)
    assert group.processes() == ()
    assert group.usage(1) == Usage(memory_bytes=0, processes=0)
    group.close()
    assert not any(folder.exists() for folder in folders)
