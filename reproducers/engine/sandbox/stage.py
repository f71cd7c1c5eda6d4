"""A private tree, seen by one sandbox only, of what its unprivileged user shall be able to reach.

Run by the launcher as root. A Python under a private home or a clone in a private folder is bound
here by root, so that no permission on the host has to be widened. The tree lives in a mount
namespace of the launcher and ends with it: there is nothing to clean up, whoever is killed.
"""

import contextlib
import os
from pathlib import Path

from reproducers.engine.sandbox import linux, ownership
from reproducers.engine.sandbox.plan import Bind, LaunchPlan, SizedFolder

TRANSIENT = 65_533
"""Whose a file is on the host between the moments in which gVisor makes it and gives it away."""
COPY_BOUNDS = "mode=755,size=16m,nr_inodes=5000"


def prepare(plan: LaunchPlan, *, stage: str, uid: int) -> list[str]:
    """Make the tree at `stage`; raises OSError naming what could not be done.

    Returns where folders lie whose files were given to `uid` on the host itself, to be taken back.
    """
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    sources = [_opened(bind["source"]) for bind in plan["binds"]]
    makers = _makers(plan, uid)
    linux.mount("stage", stage, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755,size=1m")
    given = [
        bind["stage"]
        for bind, source in zip(plan["binds"], sources, strict=True)
        if not _show(bind, source, uid, makers)
    ]
    for folder in plan["folders"]:
        _make_sized(folder, uid)
    for source in sources:
        os.close(source)
    return given


def _makers(plan: LaunchPlan, uid: int) -> list[tuple[int, int]]:
    """Who else than `uid` makes files in what is shown, and whose those are until given away."""
    users = plan["guest"]["users"] if plan["guest"] is not None else None
    return [(TRANSIENT, outside) for _, outside in users or () if outside != uid]


def _opened(path: str) -> int:
    """Opened before the stage is mounted, since that may hide it."""
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _show(bind: Bind, source: int, uid: int, makers: list[tuple[int, int]]) -> bool:
    """Bind `source`; False where the host's own files had to be given to `uid` for it."""
    target, path = Path(bind["stage"]), f"/proc/self/fd/{source}"
    if Path(path).is_dir():
        target.mkdir()
    else:
        target.touch()
    if bind["owned"] and _show_as_owned(source, bind["stage"], uid, makers):
        return True
    if bind["owned"] and not bind["writable"]:
        _show_copy(bind, path, uid)
        return True
    linux.mount(path, bind["stage"], None, linux.MS_BIND | linux.MS_REC)
    if bind["owned"]:
        ownership.give(bind["stage"], uid)
    return not bind["owned"]


def _show_copy(bind: Bind, path: str, uid: int) -> None:
    """Bind a copy in memory; raises PermissionError for what is too large for one."""
    import shutil  # noqa: PLC0415 -- slow to load, and hardly ever needed

    folder = f"{bind['stage']}-copy"
    Path(folder).mkdir()
    linux.mount("copy", folder, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, COPY_BOUNDS)
    copy = f"{folder}/it"
    try:
        if Path(path).is_dir():
            shutil.copytree(path, copy, symlinks=True)
        else:
            shutil.copy2(path, copy)
    except OSError as error:
        raise PermissionError(1, f"{bind['source']} is readable by its owner only") from error
    ownership.give(folder, uid)
    linux.mount(copy, bind["stage"], None, linux.MS_BIND)


def _show_as_owned(source: int, target: str, uid: int, makers: list[tuple[int, int]]) -> bool:
    """Bind with owners mapped; False where the kernel or the filesystem cannot (before 5.12)."""
    with contextlib.ExitStack() as opened:
        try:
            owners = linux.user_namespace(os.geteuid(), uid, *makers)
            opened.callback(os.close, owners)
            mounts = linux.clone_mounts(source)
            opened.callback(os.close, mounts)
            linux.map_owners(mounts, owners)
            linux.attach_mounts(mounts, target)
        except OSError:
            return False
    return True


def _make_sized(folder: SizedFolder, uid: int) -> None:
    Path(folder["stage"]).mkdir()
    # The folder itself is one of the files that are counted.
    bounds = f"size={folder['bytes']},nr_inodes={folder['files'] + 1}"
    options = f"mode=700,uid={uid},gid={uid},{bounds}"
    linux.mount("sized", folder["stage"], "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)
