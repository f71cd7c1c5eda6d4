"""One try: the script in its sandbox, from the first process to what it left."""

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from reproducers.engine import enclosure, gpu_share, outputs
from reproducers.engine.deaths import crash_among, read_deaths
from reproducers.engine.environments import Environment
from reproducers.engine.events import Cancellation, Cancelled, Emit, Event
from reproducers.engine.gpu_share import GpuShare
from reproducers.engine.hangs.kinds import Standstill, how_it_stood
from reproducers.engine.hangs.scene import read_scene
from reproducers.engine.hangs.threads import of_the_task
from reproducers.engine.job import Job, RunPolicy
from reproducers.engine.progress import read_progress
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import launch
from reproducers.engine.sandbox.curve import slope
from reproducers.engine.sandbox.policy import SandboxOutcome, SandboxSpec, Tick
from reproducers.engine.symptoms import Observation, WarningShown
from reproducers.engine.tracebacks import (
    main_frames,
    read_exception,
    read_frames,
    read_stacks,
)
from reproducers.engine.tries import folder_of_a_try
from reproducers.engine.untrusted import number, parse, table, text

WARNINGS: Final = 200
WARNING_BYTES: Final = 32 * 1024

Run = Callable[[Tick], SandboxOutcome]
"""Runs a sandbox to its end."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try as it was seen. Of its `seconds`, `start_seconds` went by before the first line.

    `has_started` is what the script's own process says: where it is not so, nothing that it shows
    is the script's. `is_warm`: its sandbox had waited for it.
    """

    outcome: SandboxOutcome
    observation: Observation
    seconds: float
    start_seconds: float
    has_started: bool
    is_warm: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def attempt(
    job: Job, environment: Environment, *, emit: Emit, cancelled: Cancelled, note: str = ""
) -> Attempt:
    """Run the script once. Raises Cancellation, and IsolationError where no sandbox starts."""
    held = gpu_share.held(job, environment, cancelled=cancelled)
    with held as share, folder_of_a_try() as folder:
        enclosure.stage(job, folder)
        spec = share.added(enclosure.sandbox_spec(job, environment, folder))
        watcher = Watcher(emit, cancelled, total=job.policy.timeout_seconds, note=note)
        run = functools.partial(_launched, spec, share)
        return replace(watched(job, folder, watcher, run), notes=share.notes())


def _launched(spec: SandboxSpec, share: GpuShare, tick: Tick) -> SandboxOutcome:
    return launch.run(spec, share.watching(tick))


def watched(
    job: Job, folder: Path, watcher: "Watcher", run: Run, *, is_warm: bool = False
) -> Attempt:
    """What `run` shows of the job's script, with what it leaves in `folder`/output.

    Raises Cancellation. `is_warm`: what was written there before belongs to the wait for it.
    """
    watcher.say("start")
    began_at, began_on = time.monotonic(), time.time()
    outcome = run(watcher.tick)
    seconds, ended_at = time.monotonic() - began_at, time.time()
    if outcome.limit == "cancelled":
        raise Cancellation
    watcher.say("collect")
    takes_all = Protection.OUTPUT_NAMES in job.policy.without
    files = outputs.read_output(folder / "output", any_name=takes_all)
    if is_warm:
        files = outputs.observed_since(began_on, files)
    script = enclosure.script_path(job, enclosure.Places.of(job, folder))
    start_seconds = _start_seconds(files, began_at, seconds)
    files = {**files, **outputs.series(files, began_at=began_on + start_seconds)}
    floor = job.policy.hang_floor_seconds
    return Attempt(
        outcome=outcome,
        observation=observe(outcome, files, script=script, ended_at=ended_at, floor_seconds=floor),
        seconds=seconds,
        start_seconds=start_seconds,
        has_started=outputs.STARTED in files,
        is_warm=is_warm,
        files=files,
    )


class Watcher:
    """Tells where a try is, and passes a cancellation on."""

    def __init__(self, emit: Emit, cancelled: Cancelled, *, total: float, note: str) -> None:
        self._emit = emit
        self._cancelled = cancelled
        self._total = round(total)
        self._note = note

    def say(self, phase: Any, done: int = 0, total: int = 0) -> None:
        self._emit(Event(phase=phase, done=done, total=total, at=time.time(), note=self._note))

    def tick(self, seconds: float) -> bool:
        """Seconds of those that the script may take; the sandbox asks about twice a second."""
        self.say("script", min(round(seconds), self._total), self._total)
        return not self._cancelled()


def observe(
    outcome: SandboxOutcome,
    files: Mapping[str, bytes],
    *,
    script: str,
    ended_at: float,
    floor_seconds: float = RunPolicy.hang_floor_seconds,
) -> Observation:
    """What the host saw, with the hints that the files give."""
    exception = read_exception(files.get(outputs.EXCEPTION, b""), script=script)
    stderr = _decoded(outcome.stderr)
    output = f"{_decoded(outcome.stdout)}\n{stderr}"
    if exception is not None and exception.traceback:
        # The lines of source in it are not what the script says: `match` shall not hit them.
        output = output.replace(exception.traceback, "")
    stacks = _decoded(files.get(outputs.STACKS, b"")) if outcome.limit else stderr
    progress = read_progress(outputs.observer_lines(files), ended_at=ended_at)
    standing = None
    if outcome.limit == "timeout":
        scene = read_scene(
            progress,
            processes=outputs.processes(files),
            states=outputs.states(files),
            script=script,
            ended_at=ended_at,
        )
        standing = how_it_stood(scene, floor_seconds=floor_seconds)
    deaths = read_deaths(outputs.deaths(files), roles={} if progress is None else progress.roles)
    main_stack = main_frames(read_stacks(stacks, script=script))
    if isinstance(standing, Standstill) and standing.frames:
        main_stack = standing.frames
    elif crash_among(deaths, output) is not None:
        main_stack = of_the_task(main_stack)
    return Observation(
        exit_status=outcome.exit_status,
        signal=outcome.signal,
        limit=outcome.limit,
        memory_kills=outcome.memory_kills,
        seconds=outcome.seconds,
        exception=exception,
        memory_slope=slope(outcome.memory_series),
        warnings=tuple(_warnings(files.get(outputs.WARNINGS, b""), script)),
        output=output,
        standing=standing,
        deaths=deaths,
        refused_forks=outcome.refused_forks,
        main_stack=main_stack,
    )


def _warnings(content: bytes, script: str) -> Iterator[WarningShown]:
    for line in content.splitlines()[:WARNINGS]:
        try:
            facts = table(parse(line, limit=WARNING_BYTES))
        except ValueError:
            continue
        category = text(facts.get("category"), limit=200)
        if category:
            yield WarningShown(
                category=category,
                message=text(facts.get("message"), limit=2000),
                frames=read_frames(facts.get("frames"), script=script)[::-1],
            )


def _start_seconds(files: Mapping[str, bytes], began_at: float, seconds: float) -> float:
    """From the start of the sandbox to the script's first line, by the host-wide monotonic clock.

    The script could lie about it, within the seconds that really went by.
    """
    try:
        facts = table(parse(files.get(outputs.STARTED, b""), limit=1000))
    except ValueError:
        return 0.0
    return min(max(number(facts.get("monotonic")) - began_at, 0.0), seconds)


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "replace")
