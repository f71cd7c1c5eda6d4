"""What a thread's stack and sleep say, as tables."""

from typing import Any

import pytest

from reproducers.engine.hangs.threads import (
    Window,
    fetches,
    is_asleep,
    is_in_dask,
    is_stuck,
    of_the_callback,
    of_the_task,
    runs_locally,
    stands,
    where,
)
from tests.engine.hangs.scenes import (
    FOR_EVER,
    GATHERS,
    LIBRARY,
    POLLS,
    SLEEPS,
    WAITS,
    WORKS,
    thread,
)
from tests.engine.observed import frames

WINDOW = Window(seconds=30.0)
IN_SCRIPT = ("script:main", f"{LIBRARY}/threading.py:wait")


@pytest.mark.parametrize(
    ("places", "facts", "expected"),
    [
        pytest.param(IN_SCRIPT, FOR_EVER, "stuck", id="only another thread could wake it"),
        pytest.param(IN_SCRIPT, SLEEPS, "asleep", id="it sleeps"),
        pytest.param(IN_SCRIPT, {"wait": "other", "asleep": 40.0}, "stands", id="it waits outside"),
        pytest.param(IN_SCRIPT, WORKS, "moves", id="it works"),
        pytest.param(IN_SCRIPT, POLLS, "moves", id="it polls"),
        pytest.param(WAITS, POLLS, "stuck", id="Dask waits in it"),
        pytest.param(WAITS, {**POLLS, "is_limited": True}, "moves", id="Dask waits, not for ever"),
        pytest.param(WAITS, {**SLEEPS, "is_limited": True}, "asleep", id="and not a bit moves"),
        pytest.param(WAITS, WORKS, "moves", id="Dask works in it"),
        pytest.param(
            IN_SCRIPT,
            {"wait": "untimed", "asleep": 25.0},
            "stuck",
            id="samples do not reach to the very end",
        ),
        pytest.param(IN_SCRIPT, {"wait": "untimed", "asleep": 20.0}, "moves", id="not long enough"),
    ],
)
def test_a_thread_is_stuck_or_asleep_or_moves(
    places: tuple[str, ...], facts: dict[str, Any], expected: str
) -> None:
    one = thread(*places, **facts)
    told = "moves"
    if is_stuck(one, WINDOW):
        told = "stuck"
    elif is_asleep(one, WINDOW):
        told = "asleep"
    elif stands(one, WINDOW):
        told = "stands"
    assert told == expected
    assert stands(one, WINDOW) == (expected != "moves")


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (GATHERS, True),
        (("distributed/client.py:get", "script:callback", f"{LIBRARY}/queue.py:get"), False),
        ((f"{LIBRARY}/queue.py:get",), False),
        (("distributed/worker.py:_run_task", "dask/_task_spec.py:__call__"), False),
        ((), False),
    ],
)
def test_who_waits_is_told_by_the_innermost_frame_that_is_not_pythons_own(
    places: tuple[str, ...], expected: bool
) -> None:
    assert is_in_dask(frames(*places)) is expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (GATHERS, True),
        (("script:main", "dask/base.py:compute", "distributed/client.py:gather"), True),
        (WAITS, False),
        (("script:main", "distributed/queues.py:get"), False),
        (("script:main",), False),
    ],
)
def test_results_are_told_from_other_things_that_are_asked_for(
    places: tuple[str, ...], expected: bool
) -> None:
    assert fetches(frames(*places)) is expected


@pytest.mark.parametrize(
    ("places", "task"),
    [
        (
            ("distributed/worker.py:_run_task", "dask/_task_spec.py:__call__", "script:f"),
            ("script:f",),
        ),
        (("distributed/worker.py:apply_function",), ("distributed/worker.py:apply_function",)),
        (("script:f", "numpy/x.py:run"), ("script:f", "numpy/x.py:run")),
    ],
)
def test_the_frames_of_a_task_are_those_below_who_calls_it(
    places: tuple[str, ...], task: tuple[str, ...]
) -> None:
    assert of_the_task(frames(*places)) == frames(*task)


@pytest.mark.parametrize(
    ("places", "callback"),
    [
        ((f"{LIBRARY}/asyncio/events.py:_run", "script:f"), ("script:f",)),
        ((f"{LIBRARY}/asyncio/events.py:_run",), (f"{LIBRARY}/asyncio/events.py:_run",)),
        (("script:f",), ("script:f",)),
    ],
)
def test_the_frames_of_a_callback_are_those_below_the_loop(
    places: tuple[str, ...], callback: tuple[str, ...]
) -> None:
    assert of_the_callback(frames(*places)) == frames(*callback)


def test_a_task_of_the_threaded_scheduler_is_known_by_who_calls_it() -> None:
    assert runs_locally(thread("dask/local.py:execute_task", "script:f"))
    assert not runs_locally(thread("dask/local.py:get_async"))


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (WAITS, "wait (distributed/event.py line 1)"),
        (("distributed/utils.py:sync",), "sync (distributed/utils.py line 1)"),
        (IN_SCRIPT, "main (script.py line 1)"),
        ((f"{LIBRARY}/threading.py:wait",), "the standard library"),
    ],
)
def test_a_place_is_named_by_what_tells_something(places: tuple[str, ...], expected: str) -> None:
    assert where(frames(*places)) == expected
