"""Which rung of the ladder of limits this machine stands on, and what the next one needs."""

from typing import Final

from reproducers.engine.checks import Check
from reproducers.engine.sandbox import slots
from reproducers.engine.sandbox.cgroups import NEEDED, THE_TREE, Tree, create
from reproducers.engine.sandbox.policy import Limits, SandboxSpec

DELEGATE: Final = (
    "Run as root, or in a cgroup of your own: `systemd-run --user --scope -p Delegate=yes -- repro`"
)
UNIFIED: Final = "Boot with `systemd.unified_cgroup_hierarchy=1` for cgroup-v2."
MOUNTED: Final = "Mount cgroups that can be written to (in a container: as its host has them)."


def tried(tree: Tree = THE_TREE) -> Limits:
    """The rung that a sandbox has, by making a bounded cgroup for one and removing it.

    Raises IsolationError where there is no place for a sandbox.
    """
    with slots.reserve() as slot:
        group = create(SandboxSpec(argv=()), slot.name, tree)
        if group is None:
            return "weak"
        group.close()
        return group.limits


def check(limits: Limits, tree: Tree = THE_TREE) -> Check:
    """The line of `repro doctor`, for the limits that a sandbox really had."""
    if limits == "cgroup-v2":
        return Check(name="limits", ok=True, found="cgroup-v2, kept by the kernel")
    has_v2 = (tree.mount / "cgroup.controllers").is_file()
    if limits == "cgroup-v1":
        why = "is there, but not ours to divide" if has_v2 else "is not mounted"
        found = f"cgroup-v1, kept by the kernel; cgroup-v2 {why}"
        return Check(name="limits", ok=True, found=found, remedy=DELEGATE if has_v2 else UNIFIED)
    lacking = lacking_of_v1(tree)
    found = f"weak, looked at ten times a second: cgroups have no {' and '.join(lacking)} for us"
    if not lacking or has_v2:
        found = "weak, looked at ten times a second: there are cgroups, but not ours to divide"
    remedy = DELEGATE if has_v2 or not lacking else MOUNTED
    return Check(name="limits", ok=False, found=found, remedy=remedy)


def lacking_of_v1(tree: Tree) -> list[str]:
    """The controllers that we need and that are not mounted."""
    return sorted(name for name in NEEDED if not (tree.mount / name).is_dir())
