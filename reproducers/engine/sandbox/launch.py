"""Run one process in a sandbox and say how it ended: the only door to everything here."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import bubblewrap, cgroups, leftovers, planning, rlimits, seccomp
from reproducers.engine.sandbox.bubblewrap import Descriptors
from reproducers.engine.sandbox.plan import LaunchPlan
from reproducers.engine.sandbox.policy import SandboxOutcome, SandboxSpec, Tick
from reproducers.engine.sandbox.slots import Slot, reserve
from reproducers.engine.sandbox.streams import Stream
from reproducers.engine.sandbox.usage import Meter
from reproducers.engine.sandbox.watch import Watch
from reproducers.engine.sandbox.weak import Poller

STATUS_BYTES: Final = 1 << 16
SIGNAL_BASE: Final = 128
_PACKAGE_ROOT: Final = str(Path(__file__).parents[3])
_LAUNCHER: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from reproducers.engine.sandbox.launcher import main; main()"
)
_NO_NAMESPACES: Final = (
    "Allow unprivileged user namespaces: on Ubuntu 24.04 "
    "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`, on others "
    "`sysctl user.max_user_namespaces=10000`; `repro doctor` tries it."
)


def run(spec: SandboxSpec, tick: Tick) -> SandboxOutcome:
    """Run `spec` to its end, whatever ends it; nothing of it is left when this returns.

    Raises IsolationError where this machine cannot start such a sandbox. An exception of `tick`
    ends it too, and is raised again.
    """
    with contextlib.ExitStack() as stack:
        slot = stack.enter_context(reserve())
        meter = cgroups.create(spec, slot.number) or Poller()
        stack.callback(meter.close)
        watch = stack.enter_context(_started(spec, slot, meter))
        watch.until_dead(tick)
        status = _wait_status(watch)
        refused = _gathered(spec, slot, watch)
        return _outcome(watch, status, refused)


@contextlib.contextmanager
def _started(spec: SandboxSpec, slot: Slot, meter: Meter) -> Iterator[Watch]:
    with contextlib.ExitStack() as mine, contextlib.ExitStack() as given:
        pipes = [_pipe(mine, given) for _ in range(3)]
        (out, stdout), (err, stderr), (told, status) = pipes
        plan = _plan(spec, slot, meter, stdout, stderr)
        if spec.isolation == "bubblewrap":
            descriptors = _descriptors(status, given)
            path = bubblewrap.program()
            plan = planning.enclosed(plan, spec, uid=slot.uid, path=path, descriptors=descriptors)
        launcher = mine.enter_context(_launcher([stdout, stderr, *plan["keep"]]))
        given.close()
        watch = Watch(
            spec=spec,
            launcher=launcher,
            meter=meter,
            stdout=Stream(out, spec.output_bytes),
            stderr=Stream(err, spec.output_bytes),
            status=Stream(told, STATUS_BYTES),
            is_overfull=lambda: _is_overfull(spec, slot),
        )
        watch.say(json.dumps(plan))
        yield watch


def _pipe(mine: contextlib.ExitStack, given: contextlib.ExitStack) -> tuple[int, int]:
    """The end that is read here, and the one that the launcher gets."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    mine.callback(os.close, read_end)
    given.callback(os.close, write_end)
    return read_end, write_end


def _descriptors(status: int, given: contextlib.ExitStack) -> Descriptors:
    etc = {path: _in_memory(text.encode(), given) for path, text in bubblewrap.ETC.items()}
    return Descriptors(status=status, filter=_in_memory(seccomp.compiled(), given), etc=etc)


def _in_memory(content: bytes, given: contextlib.ExitStack) -> int:
    descriptor = os.memfd_create("headwater", os.MFD_CLOEXEC)
    given.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _plan(spec: SandboxSpec, slot: Slot, meter: Meter, stdout: int, stderr: int) -> LaunchPlan:
    shared = 0 if slot.uid is not None else rlimits.count_of(os.geteuid())
    limits = rlimits.rlimits(spec, rung=meter.limits, shared_processes=shared)
    return planning.plain(spec, join=meter.join, limits=limits, stdout=stdout, stderr=stderr)


@contextlib.contextmanager
def _launcher(passed: list[int]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(  # noqa: S603 -- our own interpreter and code
        [sys.executable, "-I", "-c", _LAUNCHER, _PACKAGE_ROOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=passed,
        start_new_session=True,  # Ctrl-C is for us; the launcher ends when we do
    ) as process:
        yield process  # leaving closes its input, at which it kills what it has started


def _is_overfull(spec: SandboxSpec, slot: Slot) -> bool:
    """Whether an output folder that nothing bounds but we holds too much."""
    if spec.output is None or not _is_written_in_place(spec, slot):
        return False
    held = leftovers.measure(spec.output)
    return held.bytes > spec.output_bytes or held.files > spec.output_files


def _is_written_in_place(spec: SandboxSpec, slot: Slot) -> bool:
    return slot.uid is None or spec.isolation == "none"


def _wait_status(watch: Watch) -> int:
    """As of wait(2); raises IsolationError where the process was never started."""
    if "failed" in watch.words:
        raise IsolationError(
            f"The sandbox cannot be started: {watch.words['failed']}", remedy=_NO_NAMESPACES
        )
    status: int = watch.words["ended"]["status"]
    was_started = watch.spec.isolation == "none" or b'"exit-code"' in watch.status.kept
    if not was_started and watch.limit is None and os.WIFEXITED(status):
        message = watch.stderr.kept.decode("utf-8", "replace").strip()[-1000:]
        raise IsolationError(f"bubblewrap could not start: {message}", remedy=_NO_NAMESPACES)
    return status


def _gathered(spec: SandboxSpec, slot: Slot, watch: Watch) -> int:
    """See to it that the output folder holds plain files only; how many entries were left out."""
    if spec.output is None:
        return 0
    if _is_written_in_place(spec, slot):
        return leftovers.purge(spec.output)
    watch.say("collect")
    refused: int = watch.hear()["collected"]
    return refused


def _outcome(watch: Watch, status: int, refused: int) -> SandboxOutcome:
    code = os.waitstatus_to_exitcode(status)
    number = -code if code < 0 else max(code - SIGNAL_BASE, 0)
    kills = watch.meter.memory_kills()
    limit = watch.limit
    if limit is None and kills and number == signal.SIGKILL:
        limit = "memory"
    ended: dict[str, Any] = watch.words["ended"]
    return SandboxOutcome(
        exit_status=None if limit or number else code,
        signal=None if limit or not number else number,
        limit=limit,
        seconds=watch.seconds,
        peak_memory_bytes=watch.peak_bytes or ended["largest_bytes"],
        memory_kills=kills,
        limits=watch.meter.limits,
        stdout=watch.stdout.kept,
        stderr=watch.stderr.kept,
        refused_forks=watch.meter.refused_forks(),
        dropped_bytes=watch.stdout.dropped + watch.stderr.dropped,
        refused_files=refused,
    )
