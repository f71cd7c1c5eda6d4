"""What the tries of one job get: got ready while the one before runs, or nothing."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from reproducers.engine.environments import Environment
from reproducers.engine.errors import IsolationError
from reproducers.engine.job import ExpectedSymptom, Job
from reproducers.engine.verdicts import Symptom, Verdict
from reproducers.engine.warm import room
from reproducers.engine.warm.kinds import Kind, kind_of
from reproducers.engine.warm.room import Memory
from reproducers.engine.warm.sandbox import NotWarm, WarmSandbox
from reproducers.engine.warm.supply import Supply, fits
from tests.engine.unsandboxed import OwnPython
from tests.engine.warm.walled import job, kind


@dataclass
class Standing:
    """Stands for a sandbox that waits."""

    kind: Kind | None
    is_closed: bool = False

    def suits(self, kind: Kind | None, environment: Environment) -> bool:
        return self.kind == kind

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Maker:
    """Makes them, or fails; `may_end` lets those end that are being made."""

    error: Exception | None = None
    made: list[Standing] = field(default_factory=list)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __call__(
        self, kind: Kind, environment: Environment, *, is_wanted: Callable[[], bool]
    ) -> WarmSandbox:
        self.may_end.wait(20)
        if self.error is not None:
            raise self.error
        self.made.append(Standing(kind))
        return cast(WarmSandbox, self.made[-1])


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Environment]:
    with OwnPython(tmp_path)(
        job("").environment, emit=lambda event: None, cancelled=lambda: False, isolation="none"
    ) as environment:
        yield environment


def quick(**facts: Any) -> Maker:
    maker = Maker(**facts)
    maker.may_end.set()
    return maker


def supplying(job: Job, maker: Maker, **facts: Any) -> Supply:
    return Supply(job, prepare=maker, has_room=lambda kind: True, **facts)


def taken(supply: Supply, job: Job, environment: Environment) -> Any:
    found = supply.take(job, environment, cancelled=lambda: False)
    supply.get_ahead(environment)
    return found


def test_the_first_try_is_cold_and_all_others_warm(environment: Environment) -> None:
    asked, maker = job("print(1)", tries=3), quick()
    with supplying(asked, maker) as supply:
        got = [taken(supply, asked, environment) for _ in range(3)]
    assert got == [None, *maker.made]
    assert len(maker.made) == 2
    assert [one.is_closed for one in maker.made] == [False, False]


def test_one_that_nobody_takes_is_closed(environment: Environment) -> None:
    asked, maker = job("print(1)", tries=2), quick()
    with supplying(asked, maker) as supply:
        taken(supply, asked, environment)
    assert [one.is_closed for one in maker.made] == [True]


def test_nothing_is_got_ready_for_a_single_try(environment: Environment) -> None:
    asked, maker = job("print(1)"), quick()
    with supplying(asked, maker) as supply:
        assert taken(supply, asked, environment) is None
    assert maker.made == []


def test_nothing_is_got_ready_for_a_job_that_asks_for_cold_starts(
    environment: Environment,
) -> None:
    asked, maker = job("print(1)", tries=2, cold=True), quick()
    with supplying(asked, maker) as supply:
        assert [taken(supply, asked, environment) for _ in range(2)] == [None, None]
    assert maker.made == []


def test_nothing_is_got_ready_where_memory_is_short(environment: Environment) -> None:
    asked, maker = job("print(1)", tries=2), quick()
    with Supply(asked, prepare=maker, has_room=lambda kind: False) as supply:
        assert [taken(supply, asked, environment) for _ in range(2)] == [None, None]
    assert maker.made == []


@pytest.mark.parametrize("error", [NotWarm(), IsolationError("No.", remedy="Ask.")])
def test_one_that_cannot_be_had_leaves_all_tries_cold(
    error: Exception, environment: Environment
) -> None:
    asked = job("print(1)", tries=3)
    with supplying(asked, quick(error=error)) as supply:
        assert [taken(supply, asked, environment) for _ in range(3)] == [None] * 3


def test_a_try_waits_for_the_one_that_is_nearly_ready(environment: Environment) -> None:
    asked, maker = job("print(1)", tries=2), Maker()
    with supplying(asked, maker) as supply:
        taken(supply, asked, environment)
        threading.Timer(0.3, maker.may_end.set).start()
        assert taken(supply, asked, environment) is maker.made[0]


def test_one_that_fails_and_that_nobody_takes_leaves_nothing(environment: Environment) -> None:
    asked = job("print(1)", tries=2)
    with supplying(asked, quick(error=NotWarm())) as supply:
        taken(supply, asked, environment)


def test_a_run_that_is_cancelled_waits_for_none(environment: Environment) -> None:
    asked, maker = job("print(1)", tries=2), Maker()
    with supplying(asked, maker) as supply:
        taken(supply, asked, environment)
        threading.Timer(0.3, maker.may_end.set).start()
        supply.take(asked, environment, cancelled=lambda: True)
    assert maker.may_end.is_set()


def test_a_symptom_of_the_start_is_tried_cold_until_it_shows(environment: Environment) -> None:
    hang = ExpectedSymptom(kind=Symptom.HANG)
    asked, maker = job("print(1)", tries=5, expected=hang), quick()
    with supplying(asked, maker) as supply:
        got = []
        for verdict in (Verdict.CLEAN, Verdict.REPRODUCED, Verdict.CLEAN, Verdict.CLEAN):
            got.append(taken(supply, asked, environment))
            supply.learn(verdict, was_cold=got[-1] is None)
        got.append(taken(supply, asked, environment))
    # What was got ready while the second try after the hit ran is still taken.
    assert [one is not None for one in got] == [False, False, False, True, False]
    assert supply.had_cold


def test_a_spare_serves_the_first_try_of_its_kind(environment: Environment) -> None:
    asked, standing = job("print(1)"), Standing(kind("print(2)"))
    with supplying(asked, quick(), spare=cast(WarmSandbox, standing)) as supply:
        assert taken(supply, asked, environment) is standing
        supply.learn(Verdict.REPRODUCED, was_cold=False)
    assert not standing.is_closed
    assert not supply.had_cold


def test_a_spare_of_another_kind_is_closed(environment: Environment) -> None:
    asked, standing = job("print(1)"), Standing(kind("import dask"))
    with supplying(asked, quick(), spare=cast(WarmSandbox, standing)) as supply:
        assert taken(supply, asked, environment) is None
    assert standing.is_closed


def test_a_spare_that_is_never_asked_for_is_closed() -> None:
    standing = Standing(kind())
    with supplying(job(""), quick(), spare=cast(WarmSandbox, standing)):
        pass
    assert standing.is_closed


@pytest.mark.parametrize(("gibibytes", "is_enough"), [(20, True), (1, False)])
def test_room_is_what_a_run_of_that_kind_leaves(
    gibibytes: int, is_enough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Memory(total=24 * 1024**3, available=gibibytes * 1024**3)
    monkeypatch.setattr(room, "memory", lambda: found)
    big = kind_of(job("print(1)", policy={"memory_bytes": 4 * 1024**3}))
    assert big is not None
    assert fits(big) is is_enough
