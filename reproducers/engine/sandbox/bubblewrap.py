"""From a SandboxSpec to bubblewrap's command line: pure but for a look at the host's /usr.

The order matters: bubblewrap carries its options out one after another, so what comes later lies on
top, and the root turns read-only last.
"""

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.policy import UNBOUNDED, SandboxSpec

HOSTNAME: Final = "sandbox"
USER: Final = 1000
OLDEST: Final = (0, 8)
REMEDY: Final = "Install bubblewrap 0.8 or later: `apt install bubblewrap`."

_ALWAYS: Final = (*("--unshare-user", "--new-session", "--uid", str(USER), "--gid", str(USER)),)
_SEPARATED: Final[Mapping[Protection, tuple[str, ...]]] = {
    Protection.NAMESPACES: ("--disable-userns",),
    Protection.OWN_PROCESSES: ("--unshare-pid", "--as-pid-1"),
    Protection.OWN_IPC: ("--unshare-ipc",),
    Protection.CGROUP_NAMES: ("--unshare-cgroup-try",),
    Protection.END_WITH_HOST: ("--die-with-parent",),
    Protection.ENVIRONMENT: ("--clearenv",),
}
# Programs and libraries. Not /usr/local, /usr/src, /usr/include, documents and icons.
SYSTEM_FOLDERS: Final = ("bin", "lib", "lib32", "lib64", "libexec", "share/zoneinfo")
ROOT_FOLDERS: Final = ("bin", "sbin", "lib", "lib32", "lib64")
# What the kernel tells about the host that no script needs.
_HIDDEN_FILES: Final = (
    *("bootconfig", "cmdline", "config.gz", "interrupts", "iomem", "ioports", "kallsyms", "kcore"),
    *("key-users", "keys", "kmsg", "latency_stats", "locks", "modules", "sched_debug", "schedstat"),
    *("softirqs", "sysrq-trigger", "timer_list"),
)
_HIDDEN_FOLDERS: Final = ("acpi", "asound", "bus", "driver", "irq", "pressure", "scsi", "tty")
NETWORK_FILES: Final = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
)

ETC: Final = {
    "/etc/passwd": f"sandbox:x:{USER}:{USER}:sandbox:/work:/bin/sh\n",
    "/etc/group": f"sandbox:x:{USER}:\n",
    "/etc/hosts": f"127.0.0.1 localhost {HOSTNAME}\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


@dataclass(frozen=True, kw_only=True)
class Descriptors:
    """What bubblewrap inherits: it reports to `status` and reads the rest."""

    status: int
    filter: int
    etc: Mapping[str, int]

    def all(self) -> tuple[int, ...]:
        return (self.status, self.filter, *self.etc.values())


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where the host's side of things lies: target -> path.

    `folders` are the sized folders made beforehand. Those missing there bubblewrap makes itself.
    """

    mounts: Mapping[str, str]
    folders: Mapping[str, str]


def program(*, among: str | None = None) -> str:
    """bubblewrap's path; raises IsolationError where it is missing or too old.

    `among` are folders as in PATH. The system's come first by default: what lies in a private
    folder the sandbox's user could not start.
    """
    system = f"/usr/bin:/bin:/usr/local/bin:{os.environ.get('PATH', '')}"
    found = shutil.which("bwrap", path=system if among is None else among)
    if found is None:
        raise IsolationError("bubblewrap is not installed.", remedy=REMEDY)
    if version(found) < OLDEST:
        raise IsolationError("bubblewrap is too old: it cannot forbid namespaces.", remedy=REMEDY)
    return found


@functools.cache
def version(path: str) -> tuple[int, ...]:
    """Its version as numbers; asking starts nothing that needs a right."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    words = said.split()
    return tuple(int(part) for part in words[-1].split(".") if part.isdigit()) if words else ()


def command(
    spec: SandboxSpec, *, path: str, sources: Sources, descriptors: Descriptors
) -> list[str]:
    """The whole command line that runs `spec` inside."""
    return [
        *(path, *_separated(spec)),
        *("--seccomp", str(descriptors.filter), "--json-status-fd", str(descriptors.status)),
        *(() if spec.has(Protection.HOST_FILES) else _hosts_files(Path("/"))),
        *system(Path("/")),
        *(_etc(descriptors.etc) if spec.has(Protection.HOST_FILES) else ()),
        *(_network() if spec.network else ()),
        *("--proc", "/proc", "--dev", "/dev"),
        *(hidden(Path("/proc")) if spec.has(Protection.KERNEL_FILES) else ()),
        *_folders(spec, sources.folders),
        *_mounts(spec, sources.mounts),
        *(_closed() if spec.has(Protection.READ_ONLY) else ()),
        *_variables(spec.environment),
        *("--chdir", spec.working_directory, "--", *spec.argv),
    ]


def _separated(spec: SandboxSpec) -> Iterator[str]:
    """Whom it is separated from, and what it may do itself."""
    yield from _ALWAYS
    for protection, options in _SEPARATED.items():
        if spec.has(protection):
            yield from options
    if spec.has(Protection.HOST_NAME):
        yield from ("--unshare-uts", "--hostname", HOSTNAME)
    if spec.has(Protection.NETWORK) and not spec.network:
        yield "--unshare-net"
    yield from ("--cap-drop" if spec.has(Protection.CAPABILITIES) else "--cap-add", "ALL")


def sized_folders(spec: SandboxSpec) -> dict[str, int]:
    """The folders in memory that every sandbox has, and their bytes."""
    size = spec.temporary_bytes if spec.has(Protection.TEMPORARY_SIZE) else UNBOUNDED
    return dict.fromkeys(("/tmp", "/work", "/dev/shm"), size)  # noqa: S108 -- inside


def system(root: Path) -> Iterator[str]:
    """The programs and libraries of the system at `root`, merged into its /usr or not."""
    for name in SYSTEM_FOLDERS:
        if (folder := root / "usr" / name).is_dir():
            yield from ("--ro-bind", str(folder), f"/usr/{name}")
    for name in ROOT_FOLDERS:
        if (folder := root / name).is_symlink():
            yield from ("--symlink", str(folder.readlink()), f"/{name}")
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), f"/{name}")


def hidden(proc: Path) -> Iterator[str]:
    """Covers for what the kernel, whose /proc is at `proc`, tells of the host."""
    for name in _HIDDEN_FILES:
        if (proc / name).exists():
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")
    for name in _HIDDEN_FOLDERS:
        if (proc / name).is_dir():
            yield from ("--size", "4096", "--tmpfs", f"/proc/{name}")
            yield from ("--remount-ro", f"/proc/{name}")


def _hosts_files(root: Path) -> Iterator[str]:
    """All that the host has, for the hostile suite: what is made later lies on top."""
    for path in sorted(root.iterdir()):
        if not path.is_symlink() and path.name not in {"dev", "proc"}:
            yield from ("--ro-bind", str(path), f"/{path.name}")


def _closed() -> tuple[str, ...]:
    return ("--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/")


def _etc(files: Mapping[str, int]) -> Iterator[str]:
    for path, descriptor in files.items():
        yield from ("--perms", "0444", "--file", str(descriptor), path)


def _network() -> Iterator[str]:
    """After `_etc`: the host's own names lie over those of a sandbox without a network."""
    for name in NETWORK_FILES:
        yield from ("--ro-bind-try", str(Path(name).resolve()), name)


def _folders(spec: SandboxSpec, made: Mapping[str, str]) -> Iterator[str]:
    for target, size in sized_folders(spec).items():
        if target in made:
            yield from ("--bind", made[target], target)
        else:
            yield from ("--perms", "0700", "--size", str(size), "--tmpfs", target)
    if spec.output is not None:
        yield from ("--bind", made.get("/output", str(spec.output)), "/output")


def _mounts(spec: SandboxSpec, sources: Mapping[str, str]) -> Iterator[str]:
    for mount in spec.mounts:
        source = sources.get(mount.target, str(mount.source))
        is_open = mount.writable or not spec.has(Protection.READ_ONLY)
        # The others are mounted so that no device can be opened in them.
        shown = "--dev-bind" if mount.device else "--bind" if is_open else "--ro-bind"
        yield from (shown, source, mount.target)


def _variables(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        yield from ("--setenv", name, value)
