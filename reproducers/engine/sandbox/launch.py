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

from reproducers.engine.errors import EnvironmentServiceError, IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import (
    bubblewrap,
    bundle,
    cgroups,
    gvisor,
    leftovers,
    planning,
    remedies,
    rlimits,
    seccomp,
    state,
)
from reproducers.engine.sandbox.bubblewrap import Descriptors
from reproducers.engine.sandbox.plan import LaunchPlan
from reproducers.engine.sandbox.policy import (
    UNBOUNDED,
    LimitHit,
    SandboxOutcome,
    SandboxSpec,
    Tick,
)
from reproducers.engine.sandbox.slots import Slot, reserve
from reproducers.engine.sandbox.streams import Stream
from reproducers.engine.sandbox.usage import Meter
from reproducers.engine.sandbox.watch import Watch
from reproducers.engine.sandbox.weak import Poller

STATUS_BYTES: Final = 1 << 16
SIGNAL_BASE: Final = 128
LAUNCHER_SECONDS: Final = 30.0
_PACKAGE_ROOT: Final = str(Path(__file__).parents[3])
_LAUNCHER: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from reproducers.engine.sandbox.launcher import main; main()"
)


def run(spec: SandboxSpec, tick: Tick) -> SandboxOutcome:
    """Run `spec` to its end, whatever ends it; nothing of it is left when this returns.

    Raises IsolationError where this machine cannot start such a sandbox, EnvironmentServiceError
    where its output cannot be kept. An exception of `tick` ends it too, and is raised again.
    """
    with started(spec) as watch:
        return finish(watch, tick)


@contextlib.contextmanager
def started(spec: SandboxSpec, *, entrance: int | None = None) -> Iterator[Watch]:
    """Start `spec`, and end it when left; `entrance` is what it gets as its standard input.

    Raises IsolationError as `run` does. The descriptor stays the caller's.
    """
    with contextlib.ExitStack() as stack:
        slot = stack.enter_context(reserve())
        spec = gvisor.bounds(spec) if spec.isolation == "gvisor" else spec
        meter = cgroups.create(spec, slot.name) or Poller()
        stack.callback(meter.close)
        yield stack.enter_context(_started(spec, slot, meter, entrance))


def finish(watch: Watch, tick: Tick) -> SandboxOutcome:
    """See a started sandbox to its end, as `run` does; what it left is collected."""
    watch.until_dead(tick)
    check_is_empty(watch.meter)
    status = _wait_status(watch)
    refused = _gathered(watch)
    watch.say("done")
    return _outcome(watch, status, refused)


@contextlib.contextmanager
def _started(spec: SandboxSpec, slot: Slot, meter: Meter, entrance: int | None) -> Iterator[Watch]:
    with contextlib.ExitStack() as mine, contextlib.ExitStack() as given:
        pipes = [_pipe(mine, given) for _ in range(3)]
        (out, stdout), (err, stderr), (told, status) = pipes
        plan = _plan(spec, slot, meter, stdout=stdout, stderr=stderr)
        plan["stdin"] = entrance
        if spec.isolation == "bubblewrap":
            plan = _enclosed(plan, spec, slot, _descriptors(spec, status, given))
        elif spec.isolation == "gvisor":
            plan = _on_a_kernel_of_its_own(plan, spec, slot)
        written = _in_memory(json.dumps(plan).encode(), given)
        passed = [] if entrance is None else [entrance]
        passed += [stdout, stderr, *plan["keep"]]
        launcher = mine.enter_context(_launcher(written, passed, closes=plan["closes"]))
        given.close()
        printed = spec.output_bytes if spec.has(Protection.PRINTED_SIZE) else UNBOUNDED
        yield Watch(
            spec=spec,
            launcher=launcher,
            meter=meter,
            stdout=Stream(out, printed),
            stderr=Stream(err, printed),
            status=Stream(told, STATUS_BYTES),
            in_place=plan["collection"] is None,
        )


def _pipe(mine: contextlib.ExitStack, given: contextlib.ExitStack) -> tuple[int, int]:
    """The end that is read here, and the one that the launcher gets."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    mine.callback(os.close, read_end)
    given.callback(os.close, write_end)
    return read_end, write_end


def _plan(spec: SandboxSpec, slot: Slot, meter: Meter, *, stdout: int, stderr: int) -> LaunchPlan:
    has_company = meter.limits == "weak" and slot.uid is None
    shared = rlimits.count_of(os.geteuid()) if has_company else 0
    limits = rlimits.rlimits(spec, rung=meter.limits, shared_processes=shared)
    return planning.plain(spec, join=meter.join, limits=limits, stdout=stdout, stderr=stderr)


def _enclosed(
    base: LaunchPlan, spec: SandboxSpec, slot: Slot, descriptors: Descriptors
) -> LaunchPlan:
    return planning.enclosed(
        base,
        spec,
        path=bubblewrap.program(),
        descriptors=descriptors,
        uid=slot.uid if spec.has(Protection.SLOT_USER) else os.geteuid(),
        stage=None if slot.uid is None else state.folder(state.STAGE),
    )


def _on_a_kernel_of_its_own(base: LaunchPlan, spec: SandboxSpec, slot: Slot) -> LaunchPlan:
    path, stage = gvisor.program(), state.folder(state.STAGE)
    return bundle.enclosed(base, spec, path=path, uid=slot.uid, stage=stage)


def _descriptors(spec: SandboxSpec, status: int, given: contextlib.ExitStack) -> Descriptors:
    etc = {path: _in_memory(text.encode(), given) for path, text in bubblewrap.ETC.items()}
    refused = seccomp.compiled(frozenset(spec.without))
    return Descriptors(status=status, filter=_in_memory(refused, given), etc=etc)


def _in_memory(content: bytes, given: contextlib.ExitStack) -> int:
    descriptor = os.memfd_create("headwater", os.MFD_CLOEXEC)
    given.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


@contextlib.contextmanager
def _launcher(plan: int, passed: list[int], *, closes: bool) -> Iterator[subprocess.Popen[bytes]]:
    for descriptor in () if closes else (plan, *passed):
        os.set_inheritable(descriptor, True)
    process = subprocess.Popen(  # noqa: S603 -- our own interpreter and code
        [sys.executable, "-I", "-c", _LAUNCHER, _PACKAGE_ROOT, str(plan)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        close_fds=closes,
        pass_fds=[plan, *passed] if closes else (),
        start_new_session=True,  # Ctrl-C is for us; the launcher ends when we do
    )
    with process:
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """At the end of its input it kills what it has started; bubblewrap ends with it anyway."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAUNCHER_SECONDS)
    process.kill()


def check_is_empty(meter: Meter) -> None:
    """Nothing that came out may be read while somebody can still change it."""
    if left := meter.processes():
        raise IsolationError(
            f"{len(left)} processes of the sandbox are still there.", remedy=remedies.DOCTOR
        )


def _wait_status(watch: Watch) -> int:
    """As of wait(2); raises IsolationError where the process was never started."""
    if "failed" in watch.words:
        raise remedies.not_started(watch.words["failed"])
    status: int = watch.words["ended"]["status"]
    if watch.spec.isolation == "gvisor":
        return _status_of_gvisor(watch, status)
    was_started = watch.spec.isolation == "none" or b'"exit-code"' in watch.status.kept
    if not was_started and watch.limit is None and os.WIFEXITED(status):
        raise remedies.not_started(watch.stderr.kept.decode("utf-8", "replace"))
    return status


def _status_of_gvisor(watch: Watch, status: int) -> int:
    """Raises IsolationError where gVisor itself has failed, by no limit of ours."""
    code = os.waitstatus_to_exitcode(status)
    said = gvisor.complaint(watch.words["ended"]["complaint"], status=code)
    if said is not None and watch.limit is None and _limit_of_gvisor(watch, status) is None:
        raise remedies.not_started(said)
    return status


def _limit_of_gvisor(watch: Watch, status: int) -> LimitHit | None:
    meter = watch.meter
    return gvisor.limit(
        status=status, memory_kills=meter.memory_kills(), refused_forks=meter.refused_forks()
    )


def _gathered(watch: Watch) -> int:
    """See to it that the output folder holds plain files only; how many entries were left out."""
    if watch.spec.output is None:
        return 0
    if watch.in_place:
        return leftovers.purge(watch.spec.output)
    watch.say("collect")
    words = watch.hear()
    if "failed" in words:
        raise EnvironmentServiceError(
            f"The output cannot be kept in {watch.spec.output}: {words['failed']}.",
            remedy="Free space on that disk, or point REPRO_HOME at another.",
        )
    refused: int = words["collected"]
    return refused


def _outcome(watch: Watch, status: int, refused: int) -> SandboxOutcome:
    code = os.waitstatus_to_exitcode(status)
    number = -code if code < 0 else max(code - SIGNAL_BASE, 0)
    kills = watch.meter.memory_kills()
    limit = watch.limit
    if limit is None and kills and number == signal.SIGKILL:
        limit = "memory"
    if limit is None and watch.spec.isolation == "gvisor":
        limit = _limit_of_gvisor(watch, status)
    ended: dict[str, Any] = watch.words["ended"]
    # Between two looks it may have come and gone; a kill says that it was reached.
    peak = max(watch.peak_bytes, watch.spec.memory_bytes if kills else 0)
    return SandboxOutcome(
        exit_status=None if limit or number else code,
        signal=None if limit or not number else number,
        limit=limit,
        seconds=watch.seconds,
        peak_memory_bytes=peak or ended["largest_bytes"],
        memory_series=watch.memory.points,
        memory_kills=kills,
        limits=watch.meter.limits,
        stdout=watch.stdout.kept,
        stderr=watch.stderr.kept,
        refused_forks=watch.meter.refused_forks(),
        dropped_bytes=watch.stdout.dropped + watch.stderr.dropped,
        refused_files=refused,
    )
