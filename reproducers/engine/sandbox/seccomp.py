"""The system calls that no script gets: one filter for every sandbox, compiled for bubblewrap.

Everything else is allowed. What libraries try first and do without is answered ENOSYS, the rest
EPERM; code of another architecture is killed, since a filter by numbers means nothing to it.
"""

import errno
import functools
import os
import stat
from collections.abc import Iterator
from typing import Any, Final

from reproducers.engine.errors import IsolationError

Rule = tuple[int, str | int, tuple[tuple[int, int, int], ...]]
"""An errno, a system call, and masks: (argument, mask, value that the masked argument has)."""

FAMILIES: Final = frozenset({1, 2, 10})  # UNIX, INET, INET6
_HIGHEST_FAMILY: Final = max(FAMILIES)

_FALLEN_BACK_FROM: Final = (
    "clone3",  # its flags lie in memory, where no filter can read them
    "openat2",  # so do its modes
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
)
_NEWER_THAN_LIBSECCOMP: Final = {"fchmodat2": 452, "open_tree_attr": 467}

_DENIED: Final = (
    *("bpf", "perf_event_open", "userfaultfd", "fanotify_init", "lookup_dcookie"),
    *("add_key", "request_key", "keyctl"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"),
    *("mount", "umount", "umount2", "pivot_root", "chroot", "mount_setattr", "open_tree_attr"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "open_tree", "move_mount"),
    *("unshare", "setns", "open_by_handle_at", "name_to_handle_at"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
    *("reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "vhangup"),
    *("sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime"),
    *("adjtimex", "iopl", "ioperm", "modify_ldt", "uselib", "ustat", "sysfs", "nfsservctl"),
)
_NAMESPACE_FLAGS: Final = (1 << 17, *(1 << bit for bit in range(25, 31)))
_TERMINAL_INJECTION: Final = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
# A mapped mount would make such a file the host's root's: see docs/threats.md.
_PRIVILEGED_MODES: Final = (stat.S_ISUID, stat.S_ISGID)
_MODE_ARGUMENTS: Final = {
    "chmod": 1,
    "fchmod": 1,
    "fchmodat": 2,
    "fchmodat2": 2,
    "mkdir": 1,
    "mkdirat": 2,
    "mknod": 1,
    "mknodat": 2,
    "creat": 1,
}
_OPEN_ARGUMENTS: Final = {"open": (1, 2), "openat": (2, 3)}
# With one of these flags `open` makes a file, and only then is there a mode to look at.
_MAKING: Final = (os.O_CREAT, os.O_TMPFILE & ~os.O_DIRECTORY)
_ALL_BITS: Final = (1 << 64) - 1
_INT_BITS: Final = (1 << 32) - 1


def rules() -> Iterator[Rule]:
    """What is refused, as data."""
    for name in _FALLEN_BACK_FROM:
        yield errno.ENOSYS, name, ()
    for name in _DENIED:
        yield errno.EPERM, name, ()
    for flag in _NAMESPACE_FLAGS:
        yield errno.EPERM, "clone", ((0, flag, flag),)
    for request in _TERMINAL_INJECTION:
        yield errno.EPERM, "ioctl", ((1, _INT_BITS, request),)
    for name in ("socket", "socketpair"):
        for family in sorted(set(range(_HIGHEST_FAMILY)) - FAMILIES):
            yield errno.EAFNOSUPPORT, name, ((0, _ALL_BITS, family),)
    yield from _modes()


def _modes() -> Iterator[Rule]:
    for bit in _PRIVILEGED_MODES:
        for name, mode in _MODE_ARGUMENTS.items():
            yield errno.EPERM, name, ((mode, bit, bit),)
        for making in _MAKING:
            for name, (flags, mode) in _OPEN_ARGUMENTS.items():
                yield errno.EPERM, name, ((flags, making, making), (mode, bit, bit))


@functools.cache
def compiled() -> bytes:
    """The filter as a BPF program; raises IsolationError where libseccomp is missing."""
    seccomp = library()
    program = seccomp.SyscallFilter(seccomp.ALLOW)
    program.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    for number, call, masks in rules():
        arguments = (seccomp.Arg(a, seccomp.MASKED_EQ, mask, value) for a, mask, value in masks)
        add(seccomp, program, number, call, *arguments)
    for name in ("socket", "socketpair"):
        beyond = seccomp.Arg(0, seccomp.GT, _HIGHEST_FAMILY)
        add(seccomp, program, errno.EAFNOSUPPORT, name, beyond)
    descriptor = os.memfd_create("seccomp")
    with os.fdopen(descriptor, "rb") as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()


def add(seccomp: Any, program: Any, number: int, call: str | int, *arguments: Any) -> None:
    """Add a rule, unless this architecture does not have the call."""
    known = _NEWER_THAN_LIBSECCOMP.get(str(call), call)
    try:
        program.add_rule(seccomp.ERRNO(number), known, *arguments)
    except OSError as error:
        # Each architecture lacks some of them: arm64 has no `open`, x86-64 no `nfsservctl`.
        if error.errno != errno.EINVAL:
            raise


def library() -> Any:
    """pyseccomp; raises IsolationError where libseccomp is missing."""
    try:
        import pyseccomp  # noqa: PLC0415 -- looks for libseccomp, by starting ldconfig
    except (ImportError, RuntimeError) as error:
        raise IsolationError(
            f"The filter of system calls cannot be made: {error}",
            remedy="Install libseccomp: `apt install libseccomp2`, or `dnf install libseccomp`.",
        ) from error
    return pyseccomp
