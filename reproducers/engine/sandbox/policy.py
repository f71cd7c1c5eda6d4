"""One sandboxed process, said as data: what it sees, what it may use, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from reproducers.engine.job import Isolation

Limits = Literal["cgroup-v2", "cgroup-v1", "weak"]
LimitHit = Literal["timeout", "memory", "pids", "output", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A host path shown inside at `target`."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, kw_only=True)
class SandboxSpec:
    """A process to be run in a sandbox of its own.

    `argv` and `working_directory` are as seen inside. `output` is a host folder that appears as
    /output, writable, sized `output_bytes`; the caller reads it only after the sandbox is dead.
    Standard output and error are kept up to `output_bytes` each. `environment` is all that the
    process gets. `network=True` shares the host's network (downloads only, never a script).
    """

    argv: tuple[str, ...]
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: str = "/work"
    isolation: Isolation = "bubblewrap"
    network: bool = False
    output: Path | None = None
    wall_seconds: float = 120.0
    memory_bytes: int = 4 * 1024**3
    pids: int = 512
    open_files: int = 4096
    file_bytes: int = 1024**3
    output_bytes: int = 16 * 1024**2
    temporary_bytes: int = 1024**3


@dataclass(frozen=True, kw_only=True)
class SandboxOutcome:
    """How it ended, as seen from outside: nothing here comes from what the process printed.

    Exactly one of `exit_status`, `signal` is set, unless a limit of ours ended it (`limit`).
    `memory_kills` counts kernel OOM kills inside the sandbox, by its cgroup.
    """

    exit_status: int | None
    signal: int | None
    limit: LimitHit | None
    seconds: float
    peak_memory_bytes: int | None
    memory_kills: int
    limits: Limits
    stdout: bytes
    stderr: bytes


Tick = Callable[[float], bool]
"""Called about twice a second with the seconds so far; False cancels the process."""
