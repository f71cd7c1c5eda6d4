"""Tries each property of the sandbox on this machine, by doing what a hostile script would do.

Nothing is believed for being configured: three tiny sandboxes are started, and what they could do
is what is told.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from reproducers.engine.checks import Check
from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import bubblewrap, remedies, seccomp
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec

PYTHON: Final = "/python"
PROBE_SECONDS: Final = 20.0
MEMORY_BYTES: Final = 64 * 1024**2
PROCESSES: Final = 20
ALLOWED: Final = "allowed"
NOT_TRIED: Final = "not tried, since no sandbox starts"
REPORT: Final = "Run no scripts of others on this machine, and report this as a bug."
LIMITS: Final = (
    "Run as root, or in a cgroup of your own: `systemd-run --user --scope -p Delegate=yes -- repro`"
)
_LOOK: Final = """
import ctypes, json, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def unshare_user():
    if libc.unshare(0x10000000):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def tried(act):
    try:
        act()
    except OSError as error:
        return error.strerror
    return "allowed"
def write(path):
    with open(path, "w") as file:
        file.write("1")
def connect():
    with socket.socket() as one:
        one.settimeout(2)
        one.connect(("192.0.2.1", 80))
print(json.dumps({
    "system-calls": tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    "vsock": tried(lambda: socket.socket(40, socket.SOCK_STREAM)),
    "namespaces": tried(unshare_user),
    "kernel-settings": tried(lambda: write("/proc/sys/kernel/hostname")),
    "host-files": tried(lambda: open("/etc/shadow").close()),
    "host-programs": tried(lambda: write("/usr/bin/headwater")),
    "network": tried(connect),
}))
"""
_HIDDEN: Final = (
    "system-calls", "vsock", "namespaces", "kernel-settings", "host-files", "host-programs",
    "network",
)  # fmt: skip
_FILL_MEMORY: Final = "kept = [b'x' * (4 << 20) for _ in range(100)]"
_FILL_PROCESSES: Final = """
import os, time
for _ in range(200):
    if os.fork() == 0:
        time.sleep(30)
"""


def examine() -> Iterator[Check]:
    """Every property of the sandbox, in the order in which one rests on another."""
    yield bubblewrap_itself()
    yield filter_of_calls()
    try:
        looked = inside(_LOOK)
    except IsolationError as error:
        yield Check(name="sandbox", ok=False, found=error.message, remedy=error.remedy)
        for name in (*_HIDDEN, "limits", "memory-limit", "process-limit"):
            yield Check(name=name, ok=False, found=NOT_TRIED, remedy=remedies.DOCTOR)
    else:
        yield started(looked)
        yield from refusals(looked.stdout)
        yield limits(looked)
        yield bounded("memory-limit", inside(_FILL_MEMORY))
        yield bounded("process-limit", inside(_FILL_PROCESSES))


def inside(code: str) -> SandboxOutcome:
    """Run Python code in a small sandbox, with the interpreter that runs us."""
    executable, base = Path(sys.executable).resolve(), Path(sys.base_prefix).resolve()
    spec = SandboxSpec(
        argv=(f"{PYTHON}/{executable.relative_to(base)}", "-I", "-S", "-c", code),
        mounts=(Mount(source=base, target=PYTHON),),
        environment={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": f"{PYTHON}/lib"},
        wall_seconds=PROBE_SECONDS,
        memory_bytes=MEMORY_BYTES,
        pids=PROCESSES,
    )
    return run(spec, lambda _: True)


def started(looked: SandboxOutcome) -> Check:
    """Whether a process ran inside, and as whom."""
    user = "a user of its own" if os.geteuid() == 0 else f"your own user {os.geteuid()}"
    said = looked.stderr.decode("utf-8", "replace").strip()[-200:]
    is_ok = looked.exit_status == 0
    return Check(
        name="sandbox",
        ok=is_ok,
        found=f"starts, as {user}" if is_ok else f"it ended at once: {said}",
        remedy="" if is_ok else remedies.DOCTOR,
    )


def refusals(said: bytes) -> Iterator[Check]:
    """What the process was refused, by what it printed; hostile or not, it is ours."""
    facts = _facts(said)
    for name in _HIDDEN:
        told = str(facts.get(name, "no answer"))
        is_ok = name in facts and told != ALLOWED
        found = f"out of reach: {told}" if is_ok else told
        yield Check(name=name, ok=is_ok, found=found, remedy="" if is_ok else REPORT)


def limits(looked: SandboxOutcome) -> Check:
    """Which rung of the ladder bounds a sandbox."""
    is_ok = looked.limits != "weak"
    return Check(name="limits", ok=is_ok, found=looked.limits, remedy="" if is_ok else LIMITS)


def bounded(name: str, outcome: SandboxOutcome) -> Check:
    """Whether a process that took too much was stopped."""
    is_ok = outcome.exit_status != 0
    return Check(
        name=name,
        ok=is_ok,
        found=f"enforced by {outcome.limits}" if is_ok else "not enforced",
        remedy="" if is_ok else LIMITS,
    )


def bubblewrap_itself() -> Check:
    """Whether it is there, and not too old."""
    try:
        path = bubblewrap.program()
    except IsolationError as error:
        return Check(name="bubblewrap", ok=False, found=error.message, remedy=error.remedy)
    number = ".".join(map(str, bubblewrap.version(path)))
    return Check(name="bubblewrap", ok=True, found=f"{number} at {path}")


def filter_of_calls() -> Check:
    """Whether the filter of system calls can be made."""
    try:
        size = len(seccomp.compiled())
    except IsolationError as error:
        return Check(name="libseccomp", ok=False, found=error.message, remedy=error.remedy)
    return Check(name="libseccomp", ok=True, found=f"a filter of {size} bytes")


def _facts(said: bytes) -> Mapping[str, Any]:
    try:
        facts = json.loads(said)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
