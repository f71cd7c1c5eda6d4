"""Engine children that wait with a sandbox for a trial of a kind that came before.

They are guesses: plans run one script many times. A trial that finds none starts as ever.
"""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from reproducers.engine.executors.process import JobProcess
from reproducers.engine.job import Job
from reproducers.engine.warm import room, rules
from reproducers.engine.warm.kinds import Kind, kind_of
from reproducers.engine.warm.supply import fits
from reproducers.management.runner.run import Start

logger = logging.getLogger(__name__)

OFTEN: Final = 2
"""So many trials of a kind make it one that is worth waiting for."""

IDLE_SECONDS: Final = 300.0
FAILED_SECONDS: Final = 3600.0
READY_SECONDS: Final = 90.0
KINDS: Final = 200


def start_spare(kind: Kind) -> JobProcess:
    """A child that knows none of our secrets, and no script yet."""
    return JobProcess.spare(kind, environ=os.environ)


def is_short_of_memory() -> bool:
    return room.is_short(room.memory())


@dataclass
class Demand:
    """How often trials of a kind came since nobody asked for long, and when the last one did."""

    times: int = 0
    last_at: float = 0.0
    failed_at: float | None = None


@dataclass
class Spare:
    """A child that waits, and since when."""

    kind: Kind
    process: JobProcess
    since: float
    was_warm: bool = False


@dataclass(kw_only=True)
class Spares:
    """At most `most` of them, fewer where memory is short. For one thread.

    `start_cold` runs a Job in a new child.
    """

    start_cold: Start
    most: int
    start_spare: Callable[[Kind], JobProcess] = start_spare
    has_room: Callable[[Kind], bool] = fits
    is_short: Callable[[], bool] = is_short_of_memory
    clock: Callable[[], float] = time.monotonic
    _waiting: list[Spare] = field(default_factory=list)
    _leaving: list[JobProcess] = field(default_factory=list)
    _demand: dict[Kind, Demand] = field(default_factory=dict)

    def start(self, job_json: str) -> JobProcess:
        """Run a Job: in a child that waits for its kind, else in a new one. Raises OSError."""
        kind = self._wanted_kind(job_json)
        if kind is None:
            return self.start_cold(job_json)
        self._note(kind, self.clock())
        for spare in self._waiting:
            if spare.kind == kind and spare.process.is_warm:
                self._waiting.remove(spare)
                spare.process.give(job_json)
                return spare.process
        return self.start_cold(job_json)

    def keep_up(self) -> None:
        """Let go what is of no use, and get ready what may be asked for next."""
        now = self.clock()
        self._leaving = [process for process in self._leaving if not process.is_over]
        for spare in [*self._waiting]:
            spare.was_warm = spare.was_warm or spare.process.is_warm is True
            if self._is_useless(spare, now):
                self._dismiss(spare)
        if self._waiting and self.is_short():
            self._dismiss(self._waiting[0])
        self._get_one_ready(now)

    def close(self) -> None:
        """Let all go, and wait until they are gone."""
        for spare in [*self._waiting]:
            self._dismiss(spare)
        for process in self._leaving:
            process.close()
        self._leaving = []

    def _wanted_kind(self, job_json: str) -> Kind | None:
        if self.most < 1:
            return None
        job = Job.from_json(job_json)
        return None if rules.may_show_at_the_start(job.expected) else kind_of(job)

    def _note(self, kind: Kind, now: float) -> None:
        demand = self._demand.pop(kind, Demand())
        if now - demand.last_at > IDLE_SECONDS:
            demand.times = 0
        demand.times, demand.last_at = demand.times + 1, now
        self._demand[kind] = demand  # the latest is the last
        if len(self._demand) > KINDS:
            del self._demand[next(iter(self._demand))]

    def _is_useless(self, spare: Spare, now: float) -> bool:
        demand = self._demand.get(spare.kind, Demand())
        is_lost = spare.process.is_over or spare.process.is_warm is False
        is_late = not spare.was_warm and now - spare.since > READY_SECONDS
        if (is_lost and not spare.was_warm) or is_late:
            demand.failed_at = now
        return is_lost or is_late or now - demand.last_at > IDLE_SECONDS

    def _dismiss(self, spare: Spare) -> None:
        self._waiting.remove(spare)
        spare.process.dismiss()
        self._leaving.append(spare.process)

    def _get_one_ready(self, now: float) -> None:
        """One at a time, since that takes a processor; for the kind that came last."""
        if len(self._waiting) >= self.most or any(not one.was_warm for one in self._waiting):
            return
        for kind, demand in reversed(self._demand.items()):
            if self._is_missing(kind, demand, now) and self.has_room(kind):
                try:
                    process = self.start_spare(kind)
                except OSError as error:
                    logger.warning("No spare can be started: %s", error.strerror)
                    return
                self._waiting.append(Spare(kind=kind, process=process, since=now))
                return

    def _is_missing(self, kind: Kind, demand: Demand, now: float) -> bool:
        is_wanted = demand.times >= OFTEN and now - demand.last_at <= IDLE_SECONDS
        has_failed = demand.failed_at is not None and now - demand.failed_at < FAILED_SECONDS
        is_there = any(spare.kind == kind for spare in self._waiting)
        return is_wanted and not has_failed and not is_there
