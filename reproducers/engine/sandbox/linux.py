"""The system calls that the standard library of Python 3.11 does not have.

Each raises OSError with the kernel's errno and the name of the call.
"""

import ctypes
import functools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000

MS_BIND: Final = 0x1000
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 1 << 18
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
MS_REMOUNT: Final = 0x20

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38

# These three have one number on every architecture that Linux has gained since 2011.
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_AT_EMPTY_PATH, _AT_RECURSIVE = 0x1000, 0x8000
_OPEN_TREE_CLONE, _OPEN_TREE_CLOEXEC = 1, os.O_CLOEXEC
_MOVE_MOUNT_F_EMPTY_PATH: Final = 4
_AT_FDCWD: Final = -100
_MOUNT_ATTR_IDMAP: Final = 0x00100000
_MOUNT_ATTR_INERT: Final = 0x1 | 0x2 | 0x4  # read-only, no set-user-id, no devices


class _MountAttributes(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names, for new ones."""
    _checked(_libc().unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    given = (os.fsencode(source), os.fsencode(target), kind.encode() if kind else None)
    _checked(_libc().mount(*given, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def make_inert(mounted: str) -> None:
    """Make a mount, and those below it, read-only and without set-user-id programs and devices."""
    attributes = _MountAttributes(attr_set=_MOUNT_ATTR_INERT)
    given = (ctypes.byref(attributes), ctypes.sizeof(attributes))
    try:
        _syscall(
            "mount_setattr", _MOUNT_SETATTR, _AT_FDCWD, os.fsencode(mounted), _AT_RECURSIVE, *given
        )
    except OSError:  # Linux before 5.12
        flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
        mount("none", mounted, None, flags)


def enter_user_namespace(namespace: int) -> None:  # pragma: no cover -- before exec
    """Move into a user namespace, a descriptor, with all capabilities there."""
    _checked(_libc().setns(ctypes.c_int(namespace), ctypes.c_int(CLONE_NEWUSER)), "setns")


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument."""
    _checked(_libc().prctl(option, *(ctypes.c_ulong(n) for n in (value, 0, 0, 0))), "prctl")


def clone_mounts(folder_or_file: int) -> int:
    """A detached copy of the mounts at and below a descriptor, as a descriptor."""
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_EMPTY_PATH | _AT_RECURSIVE
    return _syscall("open_tree", _OPEN_TREE, folder_or_file, b"", flags)


def map_owners(mounts: int, user_namespace: int) -> None:
    """Show the files of detached mounts with the owners that a user namespace maps them to."""
    attributes = _MountAttributes(attr_set=_MOUNT_ATTR_IDMAP, userns_fd=user_namespace)
    _syscall(
        "mount_setattr",
        *(_MOUNT_SETATTR, mounts, b"", _AT_EMPTY_PATH | _AT_RECURSIVE),
        *(ctypes.byref(attributes), ctypes.sizeof(attributes)),
    )


def attach_mounts(mounts: int, target: str) -> None:
    """Put detached mounts where `target` is."""
    _syscall(
        f"move_mount {target}",
        *(_MOVE_MOUNT, mounts, b"", _AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH),
    )


def user_namespace(inside: int, outside: int, *more: Iterable[int]) -> int:
    """A descriptor of a new user namespace that maps uid and gid `inside` to `outside`.

    `more` are further such pairs; nobody else is mapped. Needs CAP_SETUID and CAP_SETGID.
    """
    ready, ready_end = os.pipe()
    hold, hold_end = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover -- child without a word
        _wait_in_new_user_namespace(ready_end, hold, hold_end)
    try:
        os.close(hold)
        os.close(ready_end)
        if os.read(ready, 1) != b"1":
            raise OSError(1, "unshare: user namespaces are not permitted")
        lines = (f"{one} {other} 1\n" for one, other in ((inside, outside), *more))
        text = "".join(lines)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{child}/{name}").write_text(text)
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(hold_end)
        os.close(ready)
        os.waitpid(child, 0)


def _wait_in_new_user_namespace(
    ready: int, hold: int, hold_end: int
) -> None:  # pragma: no cover -- child without a word
    try:
        os.close(hold_end)
        unshare(CLONE_NEWUSER)
        os.write(ready, b"1")
        os.read(hold, 1)
    finally:
        os._exit(0)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(name: str, number: int, *arguments: object) -> int:
    passed = (ctypes.c_long(n) if isinstance(n, int) else n for n in arguments)
    return _checked(_libc().syscall(ctypes.c_long(number), *passed), name)


def _checked(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
