"""The system calls that no script gets: one filter for every sandbox, compiled for bubblewrap.

Everything else is allowed. What libraries try first and do without is answered ENOSYS, the rest
EPERM; code of another architecture is killed, since a filter by numbers means nothing to it.
"""

import errno
import functools
import os
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.protections import Protection

EQUAL, ABOVE = "equal", "above"
Condition = tuple[int, str, int, int]
"""An argument, how it is compared, the mask that it is seen through, and with which value."""
Rule = tuple[int, str, tuple[Condition, ...]]
"""An errno, a system call, and what its arguments have to be."""

FAMILIES: Final = frozenset({1, 2, 10})  # UNIX, INET, INET6
_INTERNET: Final = (2, 10)
_HIGHEST_FAMILY: Final = max(FAMILIES)
# What TCP and UDP are asked for with. Any other makes the kernel load a module for it.
_KINDS: Final = frozenset({1, 2})
_PROTOCOLS: Final = frozenset({0, 6, 17})
_HIGHEST_PROTOCOL: Final = max(_PROTOCOLS)
_KIND_BITS: Final = 0xF

_NEWER_THAN_LIBSECCOMP: Final = {"fchmodat2": 452, "open_tree_attr": 467}

_FALLEN_BACK_FROM: Final[Mapping[Protection, tuple[str, ...]]] = {
    Protection.KERNEL_CALLS: (
        *("io_uring_setup", "io_uring_enter", "io_uring_register"),
        "io_setup",  # all users together have 65536 of what it hands out
    ),
    Protection.NAMESPACES: ("clone3",),  # its flags lie in memory, where no filter can read them
    Protection.PRIVILEGED_FILES: ("openat2",),  # so do its modes
    Protection.WATCHING: ("inotify_init", "inotify_init1"),
}
_DENIED: Final[Mapping[Protection, tuple[str, ...]]] = {
    Protection.KERNEL_CALLS: (
        *("bpf", "perf_event_open", "userfaultfd", "lookup_dcookie", "memfd_secret"),
        *("add_key", "request_key", "keyctl"),
        *("open_by_handle_at", "name_to_handle_at"),
        *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"),
        *("reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "vhangup"),
        *("sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime"),
        *("adjtimex", "iopl", "ioperm", "modify_ldt", "uselib", "ustat", "sysfs", "nfsservctl"),
    ),
    Protection.TRACING: (
        *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd"),
    ),
    Protection.WATCHING: ("fanotify_init",),
    Protection.NAMESPACES: (
        *("unshare", "setns", "chroot", "mount", "umount", "umount2", "pivot_root"),
        *("mount_setattr", "open_tree_attr", "fsopen", "fsconfig", "fsmount", "fspick"),
        *("open_tree", "move_mount"),
    ),
}
_NAMESPACE_FLAGS: Final = (1 << 17, *(1 << bit for bit in range(25, 31)))
# TIOCSTI and TIOCLINUX type, TIOCSETD loads modules.
_TERMINAL_REQUESTS: Final = (0x5412, 0x541C, 0x5423)
# F_SETLEASE and F_NOTIFY tell who else opens a file or touches a folder.
_WATCHING_REQUESTS: Final = (1024, 1026)
# Of bridges, VLANs and frame relay: to ask is to have the module loaded, whoever asks.
_MODULE_REQUESTS: Final = (*(0x8940, 0x8941), *range(0x8980, 0x8984), *(0x89A0, 0x89A1))
_TCP, _TCP_ULP = 6, 31  # TLS in the kernel
_HUGE_PAGES: Final = 0x40000  # of a store that all users share, and that no cgroup of ours counts
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


def rules(without: Collection[Protection] = ()) -> Iterator[Rule]:
    """What is refused, as data; nothing for the protections that are switched off."""
    for protection, calls in _FALLEN_BACK_FROM.items():
        if protection not in without:
            yield from ((errno.ENOSYS, name, ()) for name in calls)
    for protection, calls in _DENIED.items():
        if protection not in without:
            yield from ((errno.EPERM, name, ()) for name in calls)
    for protection, look in _BY_ARGUMENT.items():
        if protection not in without:
            yield from look()


def _namespaces() -> Iterator[Rule]:
    for flag in _NAMESPACE_FLAGS:
        yield errno.EPERM, "clone", (_masked(0, flag, flag),)


def _terminals() -> Iterator[Rule]:
    for request in _TERMINAL_REQUESTS:
        yield errno.EPERM, "ioctl", (_masked(1, _INT_BITS, request),)


def _watching() -> Iterator[Rule]:
    for request in _WATCHING_REQUESTS:
        yield errno.EPERM, "fcntl", (_masked(1, _INT_BITS, request),)


def _huge_pages() -> Iterator[Rule]:
    yield errno.ENOMEM, "mmap", (_masked(3, _HUGE_PAGES, _HUGE_PAGES),)
    yield errno.EINVAL, "memfd_create", (_masked(1, 4, 4),)
    yield errno.ENOMEM, "shmget", (_masked(2, 0o4000, 0o4000),)


def _sockets() -> Iterator[Rule]:
    for name in ("socket", "socketpair"):
        for family in sorted(set(range(_HIGHEST_FAMILY)) - FAMILIES):
            yield errno.EAFNOSUPPORT, name, ((0, EQUAL, _ALL_BITS, family),)
        yield errno.EAFNOSUPPORT, name, ((0, ABOVE, _ALL_BITS, _HIGHEST_FAMILY),)
    for family in _INTERNET:
        ours = _masked(0, _INT_BITS, family)
        for kind in sorted(set(range(_KIND_BITS + 1)) - _KINDS):
            yield errno.ESOCKTNOSUPPORT, "socket", (ours, _masked(1, _KIND_BITS, kind))
        for protocol in sorted(set(range(_HIGHEST_PROTOCOL)) - _PROTOCOLS):
            known = _masked(2, _INT_BITS, protocol)
            yield errno.EPROTONOSUPPORT, "socket", (ours, known)
        beyond = (2, ABOVE, _ALL_BITS, _HIGHEST_PROTOCOL)
        yield errno.EPROTONOSUPPORT, "socket", (ours, beyond)
    for request in _MODULE_REQUESTS:
        yield errno.EPERM, "ioctl", (_masked(1, _INT_BITS, request),)
    layered = (_masked(1, _INT_BITS, _TCP), _masked(2, _INT_BITS, _TCP_ULP))
    yield errno.ENOPROTOOPT, "setsockopt", layered


def _modes() -> Iterator[Rule]:
    for bit in _PRIVILEGED_MODES:
        for name, mode in _MODE_ARGUMENTS.items():
            yield errno.EPERM, name, (_masked(mode, bit, bit),)
        for making in _MAKING:
            for name, (flags, mode) in _OPEN_ARGUMENTS.items():
                yield errno.EPERM, name, (_masked(flags, making, making), _masked(mode, bit, bit))


def _masked(argument: int, mask: int, value: int) -> Condition:
    return argument, EQUAL, mask, value


_BY_ARGUMENT: Final[Mapping[Protection, Callable[[], Iterator[Rule]]]] = {
    Protection.NAMESPACES: _namespaces,
    Protection.TERMINALS: _terminals,
    Protection.WATCHING: _watching,
    Protection.KERNEL_CALLS: _huge_pages,
    Protection.SOCKETS: _sockets,
    Protection.PRIVILEGED_FILES: _modes,
}


@functools.cache
def compiled(without: frozenset[Protection] = frozenset()) -> bytes:
    """The filter as a BPF program; raises IsolationError where libseccomp is missing."""
    seccomp = library()
    program = seccomp.SyscallFilter(seccomp.ALLOW)
    kills = Protection.FOREIGN_CODE not in without
    program.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS if kills else seccomp.ALLOW)
    for number, call, conditions in rules(without):
        add(seccomp, program, number, call, *(_argument(seccomp, *one) for one in conditions))
    descriptor = os.memfd_create("seccomp")
    with os.fdopen(descriptor, "rb") as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()


def _argument(seccomp: Any, number: int, comparison: str, mask: int, value: int) -> Any:
    if comparison == ABOVE:
        return seccomp.Arg(number, seccomp.GT, value)
    return seccomp.Arg(number, seccomp.MASKED_EQ, mask, value)


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
