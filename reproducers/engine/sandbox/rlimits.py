"""What each single process is held to, by setrlimit(2)."""

import contextlib
from pathlib import Path

from reproducers.engine.sandbox.policy import Limits, SandboxSpec

# One byte: too little for any core file, and the one value at which the kernel does not hand the
# memory of a crashed process to the host's crash reporter either (which 0 does not prevent).
NO_CORE = 1


def rlimits(spec: SandboxSpec, *, rung: Limits, shared_processes: int) -> dict[str, int]:
    """By their names in `resource`.

    `shared_processes` are those that the user has already, and that count with the sandbox's.
    """
    bounds = {
        "RLIMIT_CORE": NO_CORE,
        "RLIMIT_FSIZE": spec.file_bytes,
        "RLIMIT_NOFILE": spec.open_files,
    }
    if rung == "weak":
        # Twice as much, so that we see who goes beyond before the kernel merely refuses.
        bounds["RLIMIT_DATA"] = 2 * spec.memory_bytes
        bounds["RLIMIT_NPROC"] = shared_processes + 2 * spec.pids
    return bounds


def count_of(uid: int) -> int:
    """How many processes and threads a user has."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it is gone
            if process.stat().st_uid == uid:
                found += len(list((process / "task").iterdir()))
    return found
