"""Whose problem it looks like, as a table of tracebacks."""

import pytest

from reproducers.engine.owner import owner, owner_of
from reproducers.engine.symptoms import Observation
from reproducers.engine.verdicts import Symptom
from tests.engine.observed import KILLED_WORKER, frames, raised


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param([], "unknown", id="no frames, no owner"),
        pytest.param(["script:main"], "script", id="the script's own mistake"),
        pytest.param(["script:main", "pandas/core/frame.py:f"], "script", id="without Dask"),
        pytest.param(["script:main", "dask/array/core.py:f"], "dask/dask", id="in dask"),
        pytest.param(
            ["script:main", "dask/base.py:compute", "distributed/shuffle/_core.py:run"],
            "dask/distributed",
            id="in distributed, asked for by dask",
        ),
        pytest.param(
            ["script:main", "dask_expr/_collection.py:f"],
            "dask/dask",
            id="in dask-expr, which is part of dask now",
        ),
        pytest.param(
            ["script:main", "dask/array/core.py:f", "numpy/core/multiarray.py:concatenate"],
            "dask/dask",
            id="in a library that dask calls",
        ),
        pytest.param(
            ["script:main", "distributed/client.py:result", "script:task"],
            "dask/distributed",
            id="in a task that the client was asked for",
        ),
        pytest.param(
            [
                "script:main",
                "dask/base.py:compute",
                "distributed/client.py:gather",
                "distributed/utils.py:sync",
                "pandas/core/frame.py:f",
            ],
            "dask/dask",
            id="in a task of a collection of dask's, fetched by the client",
        ),
        pytest.param(
            ["script:main", "dask/base.py:compute", "distributed/client.py:_gather"],
            "dask/distributed",
            id="raised by the client itself",
        ),
        pytest.param(
            ["script:main", "dask/base.py:compute", "distributed/client.py:submit", "x.py:f"],
            "dask/distributed",
            id="below the client, which did more than fetch",
        ),
    ],
)
def test_the_owner_is_the_innermost_frame_of_dasks(places: list[str], expected: str) -> None:
    assert owner_of(frames(*places)) == expected


@pytest.mark.parametrize(
    ("symptom", "expected"),
    [
        (Symptom.EXCEPTION, "dask/dask"),
        (Symptom.CRASH, "dask/dask"),
        (Symptom.WRONG_RESULT, "unknown"),
        (Symptom.SLOW, "unknown"),
        (Symptom.MEMORY, "unknown"),
        (Symptom.WARNING, "unknown"),
        (None, "unknown"),
    ],
)
def test_frames_tell_the_owner_of_some_symptoms_only(
    symptom: Symptom | None, expected: str
) -> None:
    assert owner(raised("ValueError", "x", "script:m", "dask/base.py:f"), symptom) == expected


def test_a_killed_worker_is_distributeds() -> None:
    assert owner(KILLED_WORKER, Symptom.KILLED_WORKER) == "dask/distributed"


def test_a_death_or_a_hang_is_told_by_where_the_script_stood() -> None:
    stack = frames("script:main", "dask/array/core.py:f")
    dead = Observation(exit_status=None, signal=11, main_stack=stack)
    stuck = Observation(exit_status=None, limit="timeout", main_stack=stack)
    assert (owner(dead, Symptom.CRASH), owner(stuck, Symptom.HANG)) == ("dask/dask", "dask/dask")


def test_a_client_that_waits_hangs_in_distributed_whoever_asked() -> None:
    waiting = ("script:main", "dask/base.py:compute", "distributed/client.py:gather")
    stack = frames(*waiting, "/python/lib/python3.11/threading.py:wait")
    stuck = Observation(exit_status=None, limit="timeout", main_stack=stack)
    assert owner(stuck, Symptom.HANG) == "dask/distributed"


def test_without_a_stack_nobody_knows() -> None:
    assert owner(Observation(exit_status=None, signal=9), Symptom.CRASH) == "unknown"
