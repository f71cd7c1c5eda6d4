"""A world to be harmed: processes, mounts, network and names of its own, gone afterwards.

`shown_there` runs hostile scripts by the whole engine in it, so that they may succeed.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import linux
from tests.engine.hostile.attacks import HARM, Shown, attack
from tests.engine.hostile.door import shown
from tests.engine.hostile.footprint import is_soon

CHECKOUT = Path(__file__).parents[3]
NAMESPACES = {"pid": 0x20000000, "net": 0x40000000, "ipc": 0x08000000, "uts": 0x04000000}
HOST_NAME = "harmed-host"
SECONDS = 120
_SET_FLAGS, _IS_UP = 0x8914, 1


def shown_there(
    name: str, *variants: Sequence[Protection], then: str = "tell"
) -> list[tuple[Shown, list[str]]]:
    """Each run of a script, with these protections off, and what it left there."""
    code = f"from tests.engine.hostile import elsewhere; elsewhere.enter(elsewhere.{then})"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        input=json.dumps({"name": name, "variants": variants}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert answer.returncode == 0, answer.stderr
    return [(Shown(**facts), left) for facts, left in json.loads(answer.stdout)]


def enter(then: Any) -> None:
    """In the process of its own: go there, and do what was asked for."""
    asked = json.load(sys.stdin)
    linux.unshare(linux.CLONE_NEWNS | sum(NAMESPACES.values()))
    child = os.fork()
    if child:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    furnish()
    then(**asked)


def furnish() -> None:
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("proc", "/proc", "proc")
    linux.mount("run", "/run", "tmpfs", 0, "mode=755")
    socket.sethostname(HOST_NAME)
    with socket.socket() as one:
        fcntl.ioctl(one, _SET_FLAGS, struct.pack("16sh", b"lo", _IS_UP))
    for made_so in (_as_an_urgent_service, _as_one_whose_cores_are_wanted):
        with contextlib.suppress(OSError, ValueError):  # a root without CAP_SYS_RESOURCE
            made_so()


def _as_an_urgent_service() -> None:
    for name in (resource.RLIMIT_NICE, resource.RLIMIT_RTPRIO):
        resource.setrlimit(name, (20, 20))
    Path("/proc/self/oom_score_adj").write_text("-100")


def _as_one_whose_cores_are_wanted() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.RLIM_INFINITY))


def tell(name: str, variants: list[list[str]]) -> None:
    """Run the script so often, and print what it has shown."""
    told = []
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        os.environ["REPRO_HOME"] = f"{folder}/home"
        for variant in variants:
            seen = shown(attack(name), Path(folder), without=[Protection(one) for one in variant])
            told.append((dataclasses.asdict(seen), left_there()))
    sys.stdout.write(json.dumps(told))


def outlive(name: str, variants: list[list[str]]) -> None:
    """Kill the engine while the script runs, and print whether that has ended the script."""
    told = []
    for variant in variants:
        engine = os.fork()
        if engine == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            tell(name, [variant])
            os._exit(0)
        assert is_soon(lambda: bool(running()), seconds=60)
        os.kill(engine, signal.SIGKILL)
        os.waitpid(engine, 0)
        has_ended = is_soon(lambda: not running(), seconds=5)
        says = "" if has_ended else f"{HARM}: it goes on"
        facts = {"verdict": "clean", "symptom": None, "kind": None, "reason": "", "says": says}
        told.append((facts, running()))
        assert is_soon(is_alone, seconds=30)  # else its cgroup would be left behind
    sys.stdout.write(json.dumps(told))


def is_alone() -> bool:
    """End what goes on, and bury it: whether everybody else is gone, its launcher last."""
    for process in running():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    return {path.name for path in Path("/proc").glob("[0-9]*")} == {"1"}


def running() -> list[str]:
    """The processes that run a script, which those who prepare for it are not."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it is gone
            line = (process / "cmdline").read_bytes()
            if b"entry.py" in line and b"bwrap" not in line and b"first.py" not in line:
                found.append(process.name)
    return found


def left_there() -> list[str]:
    """Processes but this one, and shared memory."""
    segments = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    processes = {path.name for path in Path("/proc").glob("[0-9]*")}
    return [*sorted(processes - {"1"}), *segments]
