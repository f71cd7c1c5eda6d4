"""What each single process is held to, by setrlimit(2)."""

import contextlib
from pathlib import Path

from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.policy import UNBOUNDED, Limits, SandboxSpec

# One byte: too little for any core file, and the one value at which the kernel does not hand the
# memory of a crashed process to the host's crash reporter either (which 0 does not prevent).
NO_CORE = 1


def rlimits(spec: SandboxSpec, *, rung: Limits, shared_processes: int) -> dict[str, int]:
    """By their names in `resource`.

    `shared_processes` are those that the user has already, and that count with the sandbox's.
    """
    bounds = {
        Protection.CORE_DUMPS: {"RLIMIT_CORE": NO_CORE},
        Protection.FILE_SIZE: {"RLIMIT_FSIZE": spec.file_bytes},
        Protection.OPEN_FILES: {"RLIMIT_NOFILE": spec.open_files},
        # Whatever the service may do: a script that is more urgent than the host stops it.
        Protection.PRIORITY: {"RLIMIT_RTPRIO": 0, "RLIMIT_NICE": 0},
    }
    if rung == "weak":
        # Twice as much, so that we see who goes beyond before the kernel merely refuses.
        bounds[Protection.MEMORY] = {"RLIMIT_DATA": 2 * spec.memory_bytes}
        bounds[Protection.PROCESSES] = {"RLIMIT_NPROC": shared_processes + 2 * spec.pids}
    return {
        name: limit if spec.has(protection) else UNBOUNDED
        for protection, limits in bounds.items()
        for name, limit in limits.items()
    }


def count_of(uid: int) -> int:
    """How many processes and threads a user has."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it is gone
            if process.stat().st_uid == uid:
                found += len(list((process / "task").iterdir()))
    return found
