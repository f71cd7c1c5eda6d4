"""The runner's spares: for what, how many, and until when."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from reproducers.engine.executors.process import JobProcess
from reproducers.engine.job import ExpectedSymptom, Job, RunPolicy
from reproducers.engine.verdicts import Symptom
from reproducers.engine.warm.kinds import Kind
from reproducers.management.runner import spares as module
from reproducers.management.runner.spares import IDLE_SECONDS, READY_SECONDS, Spares, start_spare
from tests.engine.sandbox.remains import soon

READY = "import sys\nfor line in sys.stdin:\n    print('{\"warm\": true}', flush=True)\n"
SLOW = "import sys\nsys.stdin.read()\n"
UNFIT = "import sys\nprint('{\"warm\": false}', flush=True)\nsys.stdin.read()\n"
DYING = "print('{\"warm\": true}', flush=True)\n"


def job(script: str = "import dask\n", **facts: Any) -> str:
    return Job(script=script, **facts).to_json()


@dataclass
class Runner:
    """Spares of which each runs `code`, with what was started, by kind; cold starts counted."""

    code: str = READY
    most: int = 2
    has_room: bool = True
    is_short: bool = False
    started: list[JobProcess] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    cold: int = 0
    error: OSError | None = None

    def __post_init__(self) -> None:
        self.spares = Spares(
            start_cold=self._start_cold,
            most=self.most,
            start_spare=self._start_spare,
            has_room=lambda kind: self.has_room,
            is_short=lambda: self.is_short,
            clock=lambda: self.now,
        )
        self.now = 1000.0

    def _start_cold(self, job_json: str) -> JobProcess:
        self.cold += 1
        return self._process(job_json)

    def _process(self, line: str) -> JobProcess:
        command = (sys.executable, "-c", self.code)
        self.started.append(JobProcess(line, environ=os.environ, command=command))
        return self.started[-1]

    def _start_spare(self, kind: Kind) -> JobProcess:
        if self.error is not None:
            raise self.error
        self.kinds.append(kind)
        return self._process("{}")

    def come(self, *jobs: str) -> list[JobProcess]:
        return [self.spares.start(one) for one in jobs]

    def keep_up(self, *, later: float = 0.0) -> None:
        self.now += later
        self.spares.keep_up()

    def is_ready(self) -> bool:
        return soon(lambda: self.started[-1].is_warm, True)


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.spares.close()
    for process in made.started:
        process.kill()
        process.close()


def test_a_kind_that_came_twice_finds_one_ready_the_third_time(runner: Runner) -> None:
    runner.come(job(), job("import dask\nprint(2)"))
    runner.keep_up()
    assert runner.is_ready()
    waiting = runner.started[-1]
    (third,) = runner.come(job("import dask\nprint(3)"))
    assert third is waiting
    assert runner.cold == 2
    runner.keep_up()
    assert len(runner.kinds) == 2


def test_a_kind_that_came_once_is_not_waited_for(runner: Runner) -> None:
    runner.come(job(), job("import pandas\n"))
    runner.keep_up()
    assert runner.kinds == []


def test_one_that_is_not_ready_yet_serves_nobody(runner: Runner) -> None:
    runner.code = SLOW
    runner.come(job(), job())
    runner.keep_up()
    runner.keep_up()
    runner.come(job())
    assert (len(runner.kinds), runner.cold) == (1, 3)


@pytest.mark.parametrize(
    "facts",
    [
        {"policy": RunPolicy(memory_bytes=1024**3)},
        {"env": {"TZ": "UTC"}},
        {"config": {"array": {"chunk-size": "1MiB"}}},
    ],
)
def test_one_serves_no_other_policy_or_settings(facts: dict[str, Any], runner: Runner) -> None:
    runner.come(job(), job())
    runner.keep_up()
    assert runner.is_ready()
    runner.come(job(**facts))
    assert runner.cold == 3


@pytest.mark.parametrize(
    "facts", [{"cold": True}, {"expected": ExpectedSymptom(kind=Symptom.HANG)}]
)
def test_what_a_warm_run_cannot_tell_is_not_waited_for(
    facts: dict[str, Any], runner: Runner
) -> None:
    runner.come(job(**facts), job(**facts))
    runner.keep_up()
    assert runner.kinds == []


def test_one_at_a_time_is_got_ready_and_no_more_than_may_be(runner: Runner) -> None:
    names = ("dask", "numpy", "pandas")
    runner.come(*(job(f"import {name}\n") for name in names for _ in range(2)))
    runner.keep_up()
    assert len(runner.kinds) == 1
    for _ in range(3):
        assert runner.is_ready()
        runner.keep_up()
    assert [kind.modules for kind in runner.kinds] == [("pandas",), ("numpy",)]


def test_nothing_waits_where_there_is_no_room(runner: Runner) -> None:
    runner.has_room = False
    runner.come(job(), job())
    runner.keep_up()
    assert runner.kinds == []


def test_what_waits_goes_when_memory_is_short(runner: Runner) -> None:
    runner.come(job(), job())
    runner.keep_up()
    assert runner.is_ready()
    runner.is_short, runner.has_room = True, False
    runner.keep_up()
    assert soon(lambda: runner.started[-1].is_over, True)


def test_what_nobody_asks_for_goes_after_a_while(runner: Runner) -> None:
    runner.come(job(), job())
    runner.keep_up()
    assert runner.is_ready()
    runner.keep_up(later=IDLE_SECONDS)
    assert not runner.started[-1].is_over
    runner.keep_up(later=1.0)
    assert soon(lambda: runner.started[-1].is_over, True)
    runner.keep_up()
    assert len(runner.kinds) == 1


def test_a_kind_that_comes_again_after_long_begins_anew(runner: Runner) -> None:
    runner.come(job())
    runner.keep_up(later=IDLE_SECONDS + 1)
    runner.come(job())
    runner.keep_up()
    assert runner.kinds == []


@pytest.mark.parametrize("code", [UNFIT, SLOW])
def test_a_kind_that_does_not_get_ready_is_left_alone(code: str, runner: Runner) -> None:
    runner.code = code
    runner.come(job(), job())
    runner.keep_up()
    if code == UNFIT:
        assert soon(lambda: runner.started[-1].is_warm, False)
    runner.keep_up(later=READY_SECONDS + 1)
    assert soon(lambda: runner.started[-1].is_over, True)
    runner.keep_up()
    assert len(runner.kinds) == 1


def test_one_that_died_while_it_waited_is_replaced(runner: Runner) -> None:
    runner.come(job(), job())
    runner.keep_up()
    assert runner.is_ready()
    runner.keep_up()
    runner.started[-1].kill()
    assert soon(lambda: runner.started[-1].is_warm, False)
    runner.keep_up()
    assert len(runner.kinds) == 2


def test_a_machine_that_starts_no_process_has_no_spare(runner: Runner) -> None:
    runner.error = OSError(11, "Resource temporarily unavailable")
    runner.come(job(), job())
    runner.keep_up()
    assert runner.started == runner.started[:2]


def test_only_so_many_kinds_are_remembered(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KINDS", 1)
    runner.come(job(), job("import numpy\n"), job())
    runner.keep_up()
    assert runner.kinds == []


def test_all_are_gone_when_the_runner_leaves(runner: Runner) -> None:
    runner.come(job(), job())
    runner.keep_up()
    assert runner.is_ready()
    runner.spares.close()
    assert runner.started[-1].is_over


def test_a_runner_without_spares_starts_every_trial_cold() -> None:
    runner = Runner(most=0)
    started = runner.come(job(), job(), "no job at all")
    runner.keep_up()
    assert (runner.cold, runner.kinds) == (3, [])
    for process in started:
        process.kill()
        process.close()


def test_memory_is_looked_at_and_a_real_spare_is_a_child_of_the_engine() -> None:
    assert module.is_short_of_memory() in {True, False}
    runner = Runner()
    kind = runner.spares._wanted_kind(job())
    assert kind is not None
    process = start_spare(kind)
    process.kill()
    assert process.close() != 0
