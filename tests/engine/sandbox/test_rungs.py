"""Which limits a machine has, and what the doctor says that the better ones need."""

from pathlib import Path

import pytest

from reproducers.engine.sandbox import rungs
from reproducers.engine.sandbox.cgroups import Tree
from reproducers.engine.sandbox.policy import Limits


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    (tmp_path / "mount").mkdir()
    own = tmp_path / "own"
    own.write_text("0::/\n")
    return Tree(mount=tmp_path / "mount", own=own)


@pytest.mark.sandbox
def test_the_rung_is_found_by_making_a_cgroup() -> None:
    assert rungs.tried() in {"cgroup-v2", "cgroup-v1", "weak"}


def test_without_cgroups_it_is_the_weak_one(tree: Tree) -> None:
    assert rungs.tried(tree) == "weak"


@pytest.mark.parametrize(
    ("limits", "mounted", "ok", "found", "remedy"),
    [
        ("cgroup-v2", ["cgroup.controllers"], True, "cgroup-v2, kept by the kernel", ""),
        (
            *("cgroup-v1", ["memory", "pids"], True),
            "cgroup-v1, kept by the kernel; cgroup-v2 is not mounted",
            rungs.UNIFIED,
        ),
        (
            *("cgroup-v1", ["memory", "pids", "cgroup.controllers"], True),
            "cgroup-v1, kept by the kernel; cgroup-v2 is there, but not ours to divide",
            rungs.DELEGATE,
        ),
        (
            *("weak", [], False),
            "weak, looked at ten times a second: cgroups have no memory and pids for us",
            rungs.MOUNTED,
        ),
        (
            *("weak", ["memory"], False),
            "weak, looked at ten times a second: cgroups have no pids for us",
            rungs.MOUNTED,
        ),
        (
            *("weak", ["memory", "pids"], False),
            "weak, looked at ten times a second: there are cgroups, but not ours to divide",
            rungs.DELEGATE,
        ),
        (
            *("weak", ["cgroup.controllers"], False),
            "weak, looked at ten times a second: there are cgroups, but not ours to divide",
            rungs.DELEGATE,
        ),
    ],
)
def test_what_is_missing_for_better_limits_is_said_with_the_remedy(
    tree: Tree, limits: Limits, mounted: list[str], ok: bool, found: str, remedy: str
) -> None:
    for name in mounted:
        if name == "cgroup.controllers":
            (tree.mount / name).touch()
        else:
            (tree.mount / name).mkdir()
    check = rungs.check(limits, tree)
    assert (check.name, check.ok) == ("limits", ok)
    assert (check.found, check.remedy) == (found, remedy)
