"""A sandbox that is got ready before its script is known, takes one script, and is killed after it.

It has its walls, its user, its limits and its filter before anything of its environment runs, as
every sandbox has. What it lacks is the script: that comes through its standard input, once.
"""

import contextlib
import dataclasses
import json
import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from reproducers.engine import enclosure, trial_run
from reproducers.engine.environments import Environment
from reproducers.engine.errors import IsolationError
from reproducers.engine.inside.warm import READY, UNFIT
from reproducers.engine.job import Job
from reproducers.engine.sandbox import launch
from reproducers.engine.sandbox.policy import SandboxOutcome, SandboxSpec, Tick
from reproducers.engine.sandbox.streams import Stream
from reproducers.engine.sandbox.watch import Watch
from reproducers.engine.trial_run import Attempt, Watcher
from reproducers.engine.tries import folder_of_a_try
from reproducers.engine.warm.kinds import Kind

READY_SECONDS: Final = 60.0
DELIVERY_SECONDS: Final = 10.0

Identity = tuple[str, int, int]


class NotWarm(Exception):
    """It is not ready, or does not suit: the script has to start cold."""


@dataclass
class WarmSandbox:
    """One that waits. A context manager: leaving it kills whatever is left of it.

    `environment` tells the very environment that it sees: one that was evicted and built again has
    the same key and is another.
    """

    kind: Kind
    environment: Identity
    folder: Path
    _watch: Watch
    _entrance: IO[bytes]
    _held: contextlib.ExitStack = field(repr=False)

    def close(self) -> None:
        """Kill what is left of it; a second time does nothing."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def is_alive(self) -> bool:
        """Whether it still waits; also keeps it within its limits where no cgroup does."""
        try:
            self._watch.glance()
        except IsolationError:  # its launcher was killed
            return False
        return self._watch.ended_at is None and self._watch.limit is None

    def suits(self, kind: Kind | None, environment: Environment) -> bool:
        """Whether a job of this kind may enter it."""
        return self.kind == kind and self.environment == identity(environment) and self.is_alive()

    @property
    def delivered_at(self) -> float:
        """When the script came, as of time.monotonic."""
        return self._watch.began_at

    def attempt(self, job: Job, watcher: Watcher) -> Attempt:
        """Let the job's script in and see it to its end. Call it once, for what it suits.

        Raises NotWarm where the script did not begin, else as `trial_run.attempt`.
        """

        def run(tick: Tick) -> SandboxOutcome:
            self._deliver(job)
            return launch.finish(self._watch, tick)

        made = trial_run.watched(job, self.folder, watcher, run, is_warm=True)
        if made.outcome.exit_status == UNFIT and not made.has_started:
            raise NotWarm
        return made

    def _deliver(self, job: Job) -> None:
        """From here on everything counts as the script's: time, output, and peak of memory."""
        watch = self._watch
        watch.stdout = Stream(watch.stdout.descriptor, watch.spec.output_bytes)
        watch.stderr = Stream(watch.stderr.descriptor, watch.spec.output_bytes)
        watch.spec = dataclasses.replace(watch.spec, wall_seconds=job.policy.timeout_seconds)
        watch.peak_bytes = watch.meter.usage(watch.launcher.pid).memory_bytes
        watch.began_at = watch.started_at = time.monotonic()
        settings = enclosure.settings(job, enclosure.Places.of(job, self.folder))
        given = {"settings": vars(settings), "source": job.script}
        _write(self._entrance, json.dumps(given).encode())
        self._entrance.close()


def prepare(kind: Kind, environment: Environment, *, is_wanted: Callable[[], bool]) -> WarmSandbox:
    """Start one and wait until it is ready.

    Raises NotWarm where it does not become so or is wanted no more, IsolationError where no
    sandbox starts here.
    """
    with contextlib.ExitStack() as held:
        folder = held.enter_context(folder_of_a_try())
        read_end, write_end = os.pipe2(os.O_CLOEXEC)
        entrance = held.enter_context(os.fdopen(write_end, "wb", buffering=0))
        try:
            spec = _spec(kind, environment, folder)
            watch = held.enter_context(launch.started(spec, entrance=read_end))
        finally:
            os.close(read_end)
        _await(watch, is_wanted)
        return WarmSandbox(
            kind=kind,
            environment=identity(environment),
            folder=folder,
            _watch=watch,
            _entrance=entrance,
            _held=held.pop_all(),
        )


def identity(environment: Environment) -> Identity:
    """What tells the files that a sandbox sees from those of a later environment."""
    found = environment.folder.stat()
    return environment.key, found.st_dev, found.st_ino


def _spec(kind: Kind, environment: Environment, folder: Path) -> SandboxSpec:
    """As for any job of this kind, but for the program and the script that is missing."""
    job = kind.job
    for name in ("work", "output"):
        (folder / name).mkdir()
    spec = enclosure.sandbox_spec(job, environment, folder)
    place = enclosure.Places.of(job, folder)
    wanted = {
        "settings": vars(enclosure.settings(job, place)),
        "modules": kind.modules,
        "cluster": kind.has_cluster,
    }
    *first, _, _ = spec.argv
    program = (f"{place.own}/warm.py", json.dumps(wanted))
    return dataclasses.replace(spec, argv=(*first, *program), wall_seconds=READY_SECONDS)


def _await(watch: Watch, is_wanted: Callable[[], bool]) -> None:
    """What imports print, or warn, belongs to the script's output: then none can be kept ready."""
    watch.follow(lambda _: is_wanted(), until=lambda: watch.stdout.seen > 0)
    is_silent = (watch.stdout.kept, watch.stderr.kept) == (READY, b"")
    if not is_silent or watch.limit or watch.ended_at or watch.meter.memory_kills():
        raise NotWarm


def _write(entrance: IO[bytes], content: bytes) -> None:
    """Raises NotWarm where nobody takes it in time."""
    os.set_blocking(entrance.fileno(), False)
    deadline = time.monotonic() + DELIVERY_SECONDS
    left = memoryview(content)
    while left:
        _, ready, _ = select.select([], [entrance], [], max(deadline - time.monotonic(), 0.0))
        if not ready:
            raise NotWarm
        try:
            left = left[os.write(entrance.fileno(), left) :]
        except BrokenPipeError as error:
            raise NotWarm from error
