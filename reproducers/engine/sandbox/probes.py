"""Tries each property of a sandbox on this machine, by doing what a hostile script would do.

Nothing is believed for being configured. A few small sandboxes are started: one in which
`inside/look.py` tries what it should not get, and one for each limit that ends a sandbox. What they
could do is what is told.
"""

import contextlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from reproducers.engine.checks import Check
from reproducers.engine.errors import EngineError, IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import (
    bubblewrap,
    gvisor,
    processes,
    remains,
    remedies,
    seccomp,
    slots,
)
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec
from reproducers.engine.sandbox.properties import PROPERTIES, REPORT, Enclosure, held, name_of

PYTHON: Final = "/python"
OWN: Final = "/repro"
PROBE_SECONDS: Final = 30.0
MEMORY_BYTES: Final = 192 * 1024**2
PROCESSES: Final = 40
FEW: Final = 5
NOT_TRIED: Final = "not tried, since no sandbox starts"
_INSIDE: Final = Path(__file__).parent.parent / "inside"
_EXECUTABLE: Final = Path(sys.executable).resolve()
_BASE: Final = Path(sys.base_prefix).resolve()
_INTERPRETER: Final = f"{PYTHON}/{_EXECUTABLE.relative_to(_BASE)}"
_VARIABLES: Final = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": f"{PYTHON}/lib"}
_BOUNDS: Final = {
    "file_bytes": 2 * 1024**2,
    "temporary_bytes": 8 * 1024**2,
    "open_files": 64,
    "output_bytes": 1024**2,
}
_FILL_MEMORY: Final = "kept = [b'x' * (4 << 20) for _ in range(100)]"
_FILL_PROCESSES: Final = """
import os, time
for _ in range(800):
    if os.fork() == 0:
        time.sleep(60)
"""
_WAIT: Final = "import time; time.sleep(60)"
WAIT_SECONDS: Final = 1.0
PATIENCE: Final = 6

Tell = Callable[[str], object]
"""Called with the name of what is tried next."""


def inside(code: str, *, isolation: Enclosure = "bubblewrap") -> SandboxOutcome:
    """Run Python code in a small sandbox."""
    return Trial(isolation).run("-c", code)


@dataclass
class Trial:
    """One kind of sandbox that is tried. `users` are those that were seen on the host meanwhile."""

    isolation: Enclosure
    without: tuple[Protection, ...] = ()
    users: set[int] = field(default_factory=set)
    is_filtered: bool = False

    def name(self, of: str) -> str:
        return name_of(self.isolation, of)

    def run(self, *arguments: str, seconds: float = PROBE_SECONDS, **wishes: Any) -> SandboxOutcome:
        """Run the interpreter that runs us, below the first process that scripts have."""
        python = (_INTERPRETER, "-I", "-S")
        first = (*python, f"{OWN}/first.py") if Protection.FIRST_PROCESS not in self.without else ()
        spec = SandboxSpec(
            argv=(*first, *python, *arguments),
            mounts=(Mount(source=_BASE, target=PYTHON), Mount(source=_INSIDE, target=OWN)),
            environment=_VARIABLES,
            isolation=self.isolation,
            without=self.without,
            wall_seconds=seconds,
            **{"memory_bytes": MEMORY_BYTES, "pids": PROCESSES, **wishes},
        )
        patience = PATIENCE * seconds  # for a clock that does not end it
        others = set(processes.children_of(os.getpid()))
        return run(spec, lambda passed: self._see(passed, others) and passed < patience)

    def _see(self, seconds: float, others: set[int]) -> bool:
        """Who runs it on the host, once it runs, and whether the host filters its calls.

        `others` are children of ours that were there before: no launchers.
        """
        launchers = set(processes.children_of(os.getpid())) - others if seconds else set[int]()
        for process in {each for launcher in launchers for each in processes.descendants(launcher)}:
            uid, calls = facts_of(process)
            self.users.update(() if uid is None else (uid,))
            self.is_filtered |= calls == "2"
        return True


def facts_of(process: int) -> tuple[int | None, str]:
    """Its user, and how its system calls are filtered, as of proc(5); None where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_bytes().splitlines()
    except OSError:
        return None, ""
    told = {name: value.split() for name, _, value in (line.partition(b":") for line in lines)}
    return int(told[b"Uid"][1]), told.get(b"Seccomp", [b""])[0].decode()


def examine(
    isolation: Enclosure = "bubblewrap",
    *,
    without: tuple[Protection, ...] = (),
    tell: Tell = lambda name: None,
) -> Iterator[Check]:
    """Every property of one kind of sandbox, in the order in which one rests on another."""
    trial = Trial(isolation, without=without)
    tell(isolation)
    yield from _program(isolation)
    before = remains.mounts()
    with something_of_the_host() as facts:
        try:
            tell(trial.name("starts"))
            looked, checks = look(trial, facts)
        except EngineError as error:
            yield from _nothing_starts(trial, error)
            return
        yield _started(trial, looked)
        yield from checks
        for name, act in ENDINGS.items():
            tell(trial.name(name))
            yield act(trial)
        yield user(trial)
        tell(trial.name("left-behind"))
        yield left_behind(trial, before, word=facts["paths"][0])


def _nothing_starts(trial: Trial, error: EngineError) -> Iterator[Check]:
    yield Check(name=trial.name("starts"), ok=False, found=error.message, remedy=error.remedy)
    for name in (*PROPERTIES[trial.isolation], *ENDINGS, "user", "left-behind"):
        yield Check(name=trial.name(name), ok=False, found=NOT_TRIED, remedy=remedies.DOCTOR)


@contextlib.contextmanager
def something_of_the_host() -> Iterator[dict[str, Any]]:
    """A file and a port that nobody inside may reach, and what else a look is told."""
    with contextlib.ExitStack() as stack:
        folders = (tempfile.gettempdir(), "/var/tmp")  # noqa: S108 -- the name is mkstemp's
        files = [
            stack.enter_context(tempfile.NamedTemporaryFile(prefix="headwater-", dir=folder))
            for folder in folders
            if os.access(folder, os.W_OK)
        ]
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield {
            "paths": [file.name for file in files],
            "port": server.getsockname()[1],
            "process": os.getpid(),
            "version": Path("/proc/version").read_text(),
            "ipc": str(Path("/proc/self/ns/ipc").readlink()),
            "uts": str(Path("/proc/self/ns/uts").readlink()),
            "cgroup": str(Path("/proc/self/ns/cgroup").readlink()),
            "variables": list(_VARIABLES),
            **_BOUNDS,
        }


def _program(isolation: Enclosure) -> Iterator[Check]:
    """Whether it is there, and not too old; for bubblewrap also whether calls can be filtered."""
    if isolation == "gvisor":
        yield from _found("gvisor", lambda: _gvisor(gvisor.program()))
        return
    yield from _found("bubblewrap", lambda: _bubblewrap(bubblewrap.program()))
    name = name_of("bubblewrap", "filter")
    yield from _found(name, lambda: f"{len(seccomp.compiled())} bytes, made by libseccomp")


def _found(name: str, look: Callable[[], str]) -> Iterator[Check]:
    try:
        yield Check(name=name, ok=True, found=look())
    except IsolationError as error:
        yield Check(name=name, ok=False, found=error.message, remedy=error.remedy)


def _bubblewrap(path: str) -> str:
    return f"{'.'.join(map(str, bubblewrap.version(path)))} at {path}"


def _gvisor(path: str) -> str:
    return f"release of {gvisor.version(path)} at {path}"


def look(trial: Trial, facts: dict[str, Any]) -> tuple[SandboxOutcome, list[Check]]:
    """Look around inside; raises EngineError where no sandbox starts."""
    with tempfile.TemporaryDirectory(prefix="headwater-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        output = folder / "output"
        output.mkdir()
        looked = trial.run(f"{OWN}/look.py", json.dumps(facts), output=output, **_BOUNDS)
        checks = [
            _with_output(check, looked, output) if check.name == trial.name("output") else check
            for check in held(trial.isolation, looked.stdout)
        ]
    return looked, checks


def _with_output(check: Check, looked: SandboxOutcome, output: Path) -> Check:
    """What came out has to be plain files, and no more than its share."""
    taken = list(output.rglob("*"))
    is_plain = {path.name for path in taken} <= {"big"} and all(map(Path.is_file, taken))
    size = sum(path.lstat().st_size for path in taken)
    is_bounded = looked.limit == "output" or size <= _BOUNDS["output_bytes"]
    if check.ok and not (is_plain and is_bounded and looked.refused_files):
        return Check(name=check.name, ok=False, found="not kept: links or sizes", remedy=REPORT)
    return check


def _started(trial: Trial, looked: SandboxOutcome) -> Check:
    """Whether the process came to its end inside."""
    said = looked.stderr.decode("utf-8", "replace").strip()[-200:]
    is_ok = looked.exit_status == 0
    found = f"in {looked.seconds:.1f} s, with {looked.limits}" if is_ok else f"it ended: {said}"
    remedy = "" if is_ok else remedies.DOCTOR
    return Check(name=trial.name("starts"), ok=is_ok, found=found, remedy=remedy)


def _wall_clock(trial: Trial) -> Check:
    outcome = trial.run("-c", _WAIT, seconds=WAIT_SECONDS)
    return bounded(trial.name("wall-clock"), outcome, is_ok=outcome.limit == "timeout")


def _memory(trial: Trial) -> Check:
    outcome = trial.run("-c", _FILL_MEMORY)
    return bounded(trial.name("memory-limit"), outcome, is_ok=outcome.limit == "memory")


def _processes(trial: Trial) -> Check:
    outcome = trial.run("-c", _FILL_PROCESSES, memory_bytes=16 * MEMORY_BYTES, pids=FEW)
    is_ok = outcome.limit == "pids" or outcome.exit_status not in (0, None)
    return bounded(trial.name("process-limit"), outcome, is_ok=is_ok)


ENDINGS: Final[Mapping[str, Callable[[Trial], Check]]] = {
    "wall-clock": _wall_clock,
    "memory-limit": _memory,
    "process-limit": _processes,
}


def bounded(name: str, outcome: SandboxOutcome, *, is_ok: bool) -> Check:
    """Whether a process that took too much was stopped."""
    found = f"kept by {outcome.limits}, after {outcome.seconds:.1f} s" if is_ok else "not kept"
    return Check(name=name, ok=is_ok, found=found, remedy="" if is_ok else REPORT)


def user(trial: Trial) -> Check:
    """Who ran it on the host; and for gVisor, whether the host filters what gVisor calls."""
    name, own = trial.name("user"), os.geteuid()
    filtered = "" if trial.isolation == "bubblewrap" else ", its calls filtered"
    if trial.isolation == "gvisor" and not trial.is_filtered:
        found = "the host filters nothing of what gVisor calls"
        return Check(name=name, ok=False, found=found, remedy=REPORT)
    if own != 0:
        found = f"your own user {own}, as you are not root{filtered}"
        return Check(name=name, ok=own in trial.users, found=found)
    pool = slots.machines_pool()
    is_ok = bool(trial.users) and all(pool.slot_of(uid) is not None for uid in trial.users)
    told = ", ".join(map(str, sorted(trial.users))) or "nobody"
    found = f"a user of its own, {told}{filtered}" if is_ok else f"it ran as {told}"
    return Check(name=name, ok=is_ok, found=found, remedy="" if is_ok else REPORT)


def left_behind(trial: Trial, before: str, *, word: str) -> Check:
    """Whether anything of all these sandboxes is still there."""
    left = list(remains.left(trial.users, word=word))
    if remains.mounts() != before:
        left.append("a mount")
    found = f"still there: {', '.join(left[:5])}" if left else "nothing"
    name = trial.name("left-behind")
    return Check(name=name, ok=not left, found=found, remedy=REPORT if left else "")
