"""What a spare child does: gets ready, waits, and says when what it has is gone."""

import queue
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from reproducers.engine.environments import Environment, EnvironmentRefused
from reproducers.engine.errors import EngineError, EnvironmentServiceError
from reproducers.engine.events import Cancellation
from reproducers.engine.job import EnvironmentSpec, Job
from reproducers.engine.verdicts import Verdict
from reproducers.engine.warm import waiting
from reproducers.engine.warm.sandbox import NotWarm, WarmSandbox
from tests.engine.indexes import Index
from tests.engine.warm.walled import Walled, kind

REFUSED = EnvironmentRefused(Verdict.UNSATISFIABLE, "Nothing fits.")


def always() -> bool:
    return True


class Obtained:
    """Gives an environment, or fails to; `given` is what it gave."""

    def __init__(self, folder: Path, error: Exception | None = None) -> None:
        self._walled, self._error = Walled(folder), error
        self.given: list[Environment] = []

    def __call__(self, job: Job, *, is_wanted: waiting.IsWanted) -> Environment:
        if self._error is not None:
            raise self._error
        self.given.append(self._walled.environment())
        return self.given[-1]


def made(*_arguments: Any, **_options: Any) -> WarmSandbox:
    return cast(WarmSandbox, "a sandbox")


def unfit(*_arguments: Any, **_options: Any) -> WarmSandbox:
    raise NotWarm


def test_what_waits_holds_no_environment_against_eviction(tmp_path: Path) -> None:
    obtained = Obtained(tmp_path)
    found = waiting.get_ready(kind(), is_wanted=always, obtained=obtained, prepare=made)
    assert found is cast(WarmSandbox, "a sandbox")
    assert [environment.lease._descriptor for environment in obtained.given] == [None]


def test_packages_that_do_not_get_ready_leave_none(tmp_path: Path) -> None:
    found = waiting.get_ready(kind(), is_wanted=always, obtained=Obtained(tmp_path), prepare=unfit)
    assert found is None


@pytest.mark.parametrize(
    "error", [REFUSED, Cancellation(), EnvironmentServiceError("No disk.", remedy="Free some.")]
)
def test_without_an_environment_there_is_none(error: Exception, tmp_path: Path) -> None:
    obtained = Obtained(tmp_path, error)
    assert waiting.get_ready(kind(), is_wanted=always, obtained=obtained, prepare=made) is None


def test_what_obtaining_refuses_is_raised(own_index: Index) -> None:
    unknown = kind(environment=EnvironmentSpec(dask="1.2.3", python="3.11"))
    with pytest.raises(EngineError):
        waiting.obtained(unknown.job, is_wanted=always)


class Dying:
    """Is found dead at the second look."""

    def __init__(self) -> None:
        self.looks = 0

    def is_alive(self) -> bool:
        self.looks += 1
        return self.looks < 2


def test_a_death_is_told_once_and_the_job_taken_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "GLANCE_SECONDS", 0.01)
    arrivals: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    told, spare = [], Dying()
    threading.Timer(0.3, arrivals.put, [b"job"]).start()
    came = waiting.arrival(arrivals, cast(WarmSandbox, spare), say_dead=lambda: told.append("dead"))
    assert (came, told, spare.looks) == (b"job", ["dead"], 2)


def test_without_a_sandbox_a_job_is_awaited_as_well() -> None:
    arrivals: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    arrivals.put(b"")
    assert waiting.arrival(arrivals, None, say_dead=lambda: None) == b""
