"""The launcher's part for gVisor: who is who, what `/` holds, and why it failed.

Light: no library but Python's own.
"""

import contextlib
import os
import signal
import stat
from pathlib import Path

from reproducers.engine.sandbox import linux
from reproducers.engine.sandbox.plan import Guest, LaunchPlan

ROOT_BOUNDS = "mode=755,size=1m,nr_inodes=1000"
STATE_BOUNDS = "mode=700,size=16m,nr_inodes=1000"
TOLD_BYTES = 4000
FILE_MODE = 0o444


def settle(
    guest: Guest,
) -> None:  # pragma: no cover -- as an ordinary user, who may write nothing down
    """As who can become nobody else: make a user namespace of one's own, and be root in it."""
    if guest["users"] is not None:
        return
    uid, gid = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1\n")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1\n")


def prepare(plan: LaunchPlan, guest: Guest) -> None:
    """Furnish the stage, and make the namespace that gVisor starts in, which the plan keeps."""
    first = 0 if guest["users"] is None else guest["users"][0][1]
    owner = f"uid={first},gid={first}"
    # Without nosuid and nodev: gVisor could not make it read-only, as it forgets to keep them.
    _mount(guest["root"], 0, f"{ROOT_BOUNDS},{owner}")
    _mount(guest["state"], linux.MS_NOSUID | linux.MS_NODEV, f"{STATE_BOUNDS},{owner}")
    for link, target in guest["links"].items():
        Path(link).symlink_to(target)
    for name, text in guest["files"].items():
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        os.chown(path.parent, first, first)  # more is mounted there
        path.write_text(text)
        path.chmod(FILE_MODE)
    for bind in guest["read_only"]:
        linux.make_inert(bind)
    guest["namespace"] = namespace = namespace_of(guest)
    plan["keep"] += [] if namespace is None else [namespace]


def namespace_of(guest: Guest) -> int | None:
    """A new user namespace of its users, as a descriptor; None where we are in it already."""
    if guest["users"] is None:
        return None
    (inside, outside), *more = guest["users"]
    return linux.user_namespace(inside, outside, *more)


def _mount(place: str, flags: int, options: str) -> None:
    Path(place).mkdir()
    linux.mount("guest", place, "tmpfs", flags, options)


def enter(guest: Guest) -> None:  # pragma: no cover -- before exec
    """Be root of the namespace, without a network, and die with the launcher."""
    if guest["namespace"] is not None:
        os.setgroups([])
        linux.enter_user_namespace(guest["namespace"])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    if not guest["has_network"]:
        linux.unshare(linux.CLONE_NEWNET)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)


def complaint(guest: Guest) -> str:
    """What gVisor wrote down of its failure, "" where it did not fail."""
    return "".join(_beginning(path) for path in guest["told"])


def _beginning(path: str) -> str:
    """Of a regular file; its writer is not trusted."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(OSError), os.fdopen(os.open(path, flags), "rb") as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.read(TOLD_BYTES).decode("utf-8", "replace")
    return ""
