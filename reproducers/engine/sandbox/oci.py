"""From a SandboxSpec to an OCI bundle's `config.json`: what gVisor is told to run, as data.

Follows the runtime specification 1.0 (opencontainers/runtime-spec, config.md and
config-linux.md), and of it only what gVisor knows.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reproducers.engine.sandbox.bubblewrap import ETC, HOSTNAME, USER, sized_folders
from reproducers.engine.sandbox.policy import SandboxSpec

VERSION: Final = "1.0.0"
_NAMESPACES: Final = ("pid", "ipc", "uts", "mount", "network")
_CAPABILITY_SETS: Final = ("bounding", "effective", "inheritable", "permitted", "ambient")
_NO_BYTES: Final = 4096


def configuration(
    spec: SandboxSpec, *, root: str, sources: Mapping[str, str], writable: frozenset[str], user: int
) -> dict[str, Any]:
    """The bundle's configuration.

    `root` is the folder of the host that becomes `/`, `sources` says by target where else things
    lie on the host, `writable` which of these targets can be written to, and `user` is who the
    process is inside.
    """
    shared = ("network",) if spec.network else ()
    return {
        "ociVersion": VERSION,
        "hostname": HOSTNAME,
        "root": {"path": root, "readonly": True},
        "process": _process(spec, user),
        "mounts": [*_kernels(), *_sized(spec), *_binds(sources, writable)],
        "linux": {"namespaces": [{"type": name} for name in _NAMESPACES if name not in shared]},
    }


def _process(spec: SandboxSpec, user: int) -> dict[str, Any]:
    return {
        "terminal": False,
        "user": {"uid": user, "gid": user},
        "args": list(spec.argv),
        "env": [f"{name}={value}" for name, value in spec.environment.items()],
        "cwd": spec.working_directory,
        "noNewPrivileges": True,
        "capabilities": {name: [] for name in _CAPABILITY_SETS},
        "rlimits": [
            {"type": f"RLIMIT_{name}", "soft": value, "hard": value}
            for name, value in (
                ("NOFILE", spec.open_files),
                ("FSIZE", spec.file_bytes),
                ("CORE", 0),
            )
        ],
    }


def _kernels() -> Iterator[dict[str, Any]]:
    """What a kernel shows of itself, here gVisor's own; of devices and buses nothing."""
    yield _mount("/proc", "proc", "proc", "ro", "nosuid", "nodev", "noexec")
    yield _mount("/sys", "tmpfs", "tmpfs", "ro", f"size={_NO_BYTES}")


def _sized(spec: SandboxSpec) -> Iterator[dict[str, Any]]:
    for target, size in sized_folders(spec).items():
        yield _mount(target, "tmpfs", "tmpfs", "nosuid", "nodev", f"size={size}", "mode=1777")


def _binds(sources: Mapping[str, str], writable: frozenset[str]) -> Iterator[dict[str, Any]]:
    for target, source in sources.items():
        access = "rw" if target in writable else "ro"
        yield _mount(target, "bind", source, access, "rbind", "nosuid", "nodev")


def _mount(target: str, kind: str, source: str, *options: str) -> dict[str, Any]:
    return {"destination": target, "type": kind, "source": source, "options": list(options)}


def etc(user: int) -> dict[str, str]:
    """The generated /etc, for a user that has this number inside."""
    return {path: text.replace(str(USER), str(user)) for path, text in ETC.items()}
