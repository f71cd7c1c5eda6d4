"""One sandboxed process, said as data: what it sees, what it may use, and how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from reproducers.engine.job import Isolation
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.curve import Points

Limits = Literal["cgroup-v2", "cgroup-v1", "weak"]
LimitHit = Literal["timeout", "memory", "pids", "output", "cancelled"]

UNBOUNDED: Final = 1 << 40
"""More than any machine has, of bytes, files and seconds."""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A host path shown inside at `target`.

    What is writable keeps its owner on the host; inside, the script's user owns it. A `device` can
    be used by everybody on the host already, and is shown as it is.
    """

    source: Path
    target: str
    writable: bool = False
    device: bool = False


@dataclass(frozen=True, kw_only=True)
class SandboxSpec:
    """A process to be run in a sandbox of its own.

    `argv` and `working_directory` are as seen inside; without isolation they are the host's, and
    `mounts` are not made. `output` is an empty host folder that appears as /output, writable,
    bounded by `output_bytes` and `output_files`; the caller reads it only after the sandbox is
    dead, and finds folders and regular files of its own in it. Standard output and error are kept
    up to `output_bytes` each, their beginning and their end; who writes 64 times as much is ended.
    `environment` is all that the process gets. `network=True` shares the host's network (downloads
    only, never a script). `/tmp`, `/work` and `/dev/shm` hold `temporary_bytes` each. `cpus` is
    how many CPUs' worth of time it gets, None: all. `without` names protections that are switched
    off, for tests alone.
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
    output_files: int = 1000
    cpus: float | None = None
    without: tuple[Protection, ...] = ()

    def has(self, protection: Protection) -> bool:
        """Whether it is in force."""
        return protection not in self.without


@dataclass(frozen=True, kw_only=True)
class SandboxOutcome:
    """How it ended, as seen from outside: nothing here comes from what the process printed.

    Exactly one of `exit_status`, `signal` is set, unless a limit of ours ended it (`limit`). A
    status above 128 counts as a signal, as every shell does and bubblewrap reports it.
    `peak_memory_bytes` is anonymous and shared memory, looked at ten times a second, and
    `memory_series` how it went.
    `memory_kills` counts kernel OOM kills inside the sandbox and `refused_forks` the processes and
    threads beyond `pids` that were not started, both by its cgroup. `dropped_bytes` is what stdout
    and stderr lack in their middle, `refused_files` what was left out of /output: links, special
    files, and what was too much.
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
    refused_forks: int = 0
    dropped_bytes: int = 0
    refused_files: int = 0
    memory_series: Points = ()


Tick = Callable[[float], bool]
"""Called about twice a second with the seconds so far; False cancels the process."""
