"""In which way a run stands still, as tables: what its last seconds show, and what it is."""

from typing import Any

import pytest

from reproducers.engine.hangs.kinds import Motion, Reason, Standstill, how_it_stood
from reproducers.engine.hangs.scene import Process, Scene, ServerState, Thread
from tests.engine.hangs.scenes import (
    FLOOR,
    FOR_EVER,
    GATHERS,
    LIBRARY,
    POLLS,
    SCHEDULER,
    SLEEPS,
    TASK,
    WAITS,
    WORKER,
    WORKS,
    held,
    known,
    living,
    main,
    process,
    scene,
    scheduled,
    scheduler,
    script,
    task,
    thread,
    worker,
)
from tests.engine.observed import frames


def reason(seen: Scene) -> Reason:
    return how_it_stood(seen, floor_seconds=FLOOR)


def told(seen: Scene) -> tuple[str | None, bool] | str | None:
    """The kind and whether it is certain; `waiting` or `moving`; None where nothing is known."""
    found = reason(seen)
    if isinstance(found, Standstill):
        return found.kind, found.is_certain
    if isinstance(found, Motion):
        return "waiting" if found.is_waiting else "moving"
    return None


def at_work(*places: str, **facts: Any) -> tuple[Process, ...]:
    """The script's process, and that of a worker with a thread that works on a task."""
    busy = thread(*(places or TASK), task="x-1", worker=WORKER, **facts)
    return script(), process(15, busy)


BUSY = scheduler(known())
IDLE = scheduler(known(processing=0), processing=0)
LAG: dict[str, Any] = {"lag": 40.0}
LOOP = thread("distributed/worker.py:execute", "script:rude", loop_of=WORKER, **SLEEPS)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(scene(BUSY, quiet=5), "moving", id="something moved lately"),
        pytest.param(scene(BUSY, quiet=20), "waiting", id="it has not moved for long enough"),
        pytest.param(
            scene(scheduler(known(), task_seconds=5.0)),
            "waiting",
            id="tasks take so long that forty seconds are not ten of them",
        ),
        pytest.param(
            scene(scheduler(known(), **LAG)),
            ("scheduler-blocked", True),
            id="the scheduler's event loop does not answer",
        ),
        pytest.param(
            scene(
                scheduler(known(), **LAG),
                processes=(
                    script(),
                    process(6, thread("script:big_graph", loop_of=SCHEDULER, **WORKS)),
                ),
            ),
            ("scheduler-blocked", False),
            id="a scheduler that is at work may yet come back",
        ),
        pytest.param(
            scene(silent=(BUSY,), processes=(living(idle=1.0),)),
            ("scheduler-blocked", False),
            id="the scheduler's process lives and writes no more",
        ),
        pytest.param(
            scene(silent=(BUSY,), processes=(living(idle=40.0),)),
            ("scheduler-blocked", True),
            id="the scheduler's process lives, writes no more and uses no processor",
        ),
        pytest.param(
            scene(silent=(BUSY,), processes=(living(), process(6))),
            ("gather-stuck", True),
            id="a scheduler that was closed in a process that goes on",
        ),
        pytest.param(
            scene(silent=(worker(), BUSY), processes=(living("gone"),)),
            ("gather-stuck", True),
            id="a scheduler whose process is gone",
        ),
    ],
)
def test_a_scheduler_that_stands_holds_everything_up(seen: Scene, expected: object) -> None:
    assert told(seen) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            scene(scheduler(known(silent=40.0)), silent=(worker(),), processes=(living("T"),)),
            ("worker-lost", True),
            id="its process is stopped",
        ),
        pytest.param(
            scene(scheduler(known(silent=40.0)), silent=(worker(),), processes=()),
            ("worker-lost", True),
            id="nobody knows of its process",
        ),
        pytest.param(
            scene(scheduler(known(silent=40.0))), ("worker-lost", True), id="it never wrote a line"
        ),
        pytest.param(
            scene(scheduler(known(silent=40.0)), silent=(worker(),), processes=(living(),)),
            "moving",
            id="its process lives and is at work",
        ),
        pytest.param(
            scene(
                scheduler(known(silent=40.0)), silent=(worker(),), processes=(living(idle=40.0),)
            ),
            ("event-loop-blocked", True),
            id="its process lives, and has long been idle",
        ),
        pytest.param(
            scene(BUSY, worker(**LAG), processes=(script(), process(15, LOOP))),
            ("event-loop-blocked", True),
            id="its event loop does not answer",
        ),
        pytest.param(
            scene(
                BUSY,
                worker(**LAG),
                processes=(script(), process(15, thread("script:f", loop_of=WORKER, **WORKS))),
            ),
            "moving",
            id="its event loop is at work",
        ),
        pytest.param(
            scene(scheduler(known("paused")), worker()),
            ("paused-on-memory", True),
            id="it paused with a task",
        ),
        pytest.param(
            scene(scheduler(known("paused", processing=0)), worker()),
            ("paused-on-memory", True),
            id="all workers paused",
        ),
        pytest.param(
            scene(scheduler(known("paused", processing=0), known()), worker()),
            ("deadlock", True),
            id="another worker has the task",
        ),
        pytest.param(
            scene(scheduler(known("paused")), worker(), processes=at_work(**SLEEPS)),
            ("task-blocked", False),
            id="it paused while it works on a task",
        ),
        pytest.param(
            scene(scheduler(), silent=(worker(),)), ("worker-lost", True), id="all are gone"
        ),
        pytest.param(scene(scheduler()), ("unrunnable", True), id="there never was one"),
    ],
)
def test_a_worker_holds_its_tasks_up(seen: Scene, expected: object) -> None:
    assert told(seen) == expected


PROCESSING = scheduled(task("processing", on=WORKER))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param((PROCESSING, held()), "and that worker has no such task", id="no such task"),
        pytest.param(
            (PROCESSING, held(task("memory"))),
            "and that worker has it in state memory",
            id="it is done, and the scheduler never heard of it",
        ),
    ],
)
def test_a_task_that_the_worker_does_not_have_proves_a_deadlock(
    states: tuple[ServerState, ...], expected: str
) -> None:
    found = reason(scene(BUSY, worker(), states=states))
    assert isinstance(found, Standstill)
    assert (found.kind, found.is_certain) == ("deadlock", True)
    assert found.sentence == f"the scheduler says that x-1 is processing on {WORKER}, {expected}"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param((PROCESSING, held(task("ready"))), "deadlock", id="ready, and nobody runs it"),
        pytest.param((PROCESSING, held(is_whole=False)), "deadlock", id="not all tasks are known"),
        pytest.param((PROCESSING,), "deadlock", id="the worker told nothing"),
        pytest.param(
            (PROCESSING, held(task("waiting"), task("flight", key="y-1"))),
            "gather-stuck",
            id="it waits for another worker's data",
        ),
        pytest.param(
            (PROCESSING, held(task("waiting"), task("missing", key="y-1"))),
            "deadlock",
            id="it waits for data that nobody has",
        ),
    ],
)
def test_without_that_proof_it_is_told_by_what_the_worker_waits_for(
    states: tuple[ServerState, ...], expected: str
) -> None:
    found = reason(scene(BUSY, worker(), states=states))
    assert isinstance(found, Standstill)
    assert found.kind == expected
    assert "is processing on" not in found.sentence


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(FOR_EVER, ("task-blocked", True), id="only another thread could wake it"),
        pytest.param(SLEEPS, ("task-blocked", False), id="it sleeps"),
        pytest.param(WORKS, "moving", id="it works"),
        pytest.param(POLLS, "moving", id="it looks now and then"),
    ],
)
def test_a_task_on_a_thread_is_told_by_its_sleep(facts: dict[str, Any], expected: object) -> None:
    assert told(scene(BUSY, worker(), processes=at_work(**facts))) == expected


def test_a_task_that_waits_in_dask_is_blocked() -> None:
    waits = ("distributed/worker.py:_run_task", "script:guarded", "distributed/lock.py:acquire")
    seen = scene(BUSY, worker(), processes=at_work(*waits, **POLLS))
    assert told(seen) == ("task-blocked", True)


def test_a_task_that_waits_in_dask_for_a_limited_time_is_not() -> None:
    waits = ("distributed/worker.py:_run_task", "script:guarded", "distributed/lock.py:acquire")
    seen = scene(BUSY, worker(), processes=at_work(*waits, is_limited=True, **POLLS))
    assert told(seen) == "moving"


def test_a_blocked_task_beside_one_that_sleeps_is_not_certain() -> None:
    both = [thread(*TASK, task=name, **facts) for name, facts in (("a", FOR_EVER), ("b", SLEEPS))]
    found = reason(scene(BUSY, processes=(script(), process(15, *both))))
    assert isinstance(found, Standstill)
    assert (found.kind, found.is_certain) == ("task-blocked", False)
    assert found.sentence == "the task a stood in patient (script.py line 1) for 40 seconds"


def test_a_task_of_a_process_that_wrote_long_ago_says_nothing() -> None:
    old = process(15, thread(*TASK, task="x-1", **FOR_EVER), is_fresh=False)
    assert told(scene(BUSY, processes=(script(), old))) == ("deadlock", True)


def test_a_coroutine_that_awaits_something_may_be_blocked() -> None:
    assert told(scene(BUSY, worker(executing=("x-1",)))) == ("task-blocked", False)


NOBODY = scheduler(known(processing=0), states=(("no-worker", 1), ("waiting", 1)), unrunnable=1)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((), "tasks"),
        ((scheduled(task("no-worker")),), "x-1"),
        (
            (scheduled(task("no-worker", restrictions="{'GPU': 1}")),),
            "x-1, which asks for {'GPU': 1}",
        ),
    ],
)
def test_tasks_that_no_worker_may_run_are_named(
    states: tuple[ServerState, ...], words: str
) -> None:
    found = reason(scene(NOBODY, states=states))
    assert isinstance(found, Standstill)
    assert (found.kind, found.is_certain) == ("unrunnable", True)
    assert found.sentence == f"for 40 seconds no worker could run {words}"


def test_tasks_that_nobody_works_on_are_a_deadlock() -> None:
    queued = scheduler(known(processing=0), known(processing=0), states=(("queued", 2),))
    found = reason(scene(queued))
    assert isinstance(found, Standstill)
    assert (found.kind, found.sentence) == (
        "deadlock",
        "nothing moved for 40 seconds, with 2 tasks left and none at work",
    )
    assert found.frames == frames(*GATHERS)


def test_a_script_that_computes_meanwhile_does_not_hang() -> None:
    assert told(scene(BUSY, processes=(script(main("script:main", **WORKS)),))) == "moving"


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        (thread("distributed/protocol/core.py:loads", name="Dask-Offload_0", **WORKS), "moving"),
        (thread("distributed/profile.py:_watch", name="Profile", **WORKS), ("deadlock", True)),
        (thread("distributed/core.py:handle", loop_of=WORKER, **WORKS), ("deadlock", True)),
    ],
    ids=["data is unpacked", "a profiler looks around", "an event loop turns"],
)
def test_a_thread_at_work_may_bring_tasks_on(busy: Thread, expected: object) -> None:
    assert told(scene(BUSY, processes=(script(), process(15, busy)))) == expected


def test_a_cluster_can_be_told_without_a_word_of_the_script() -> None:
    found = reason(scene(BUSY, processes=()))
    assert isinstance(found, Standstill)
    assert (found.kind, found.frames) == ("deadlock", ())


LOCKED = ("script:main",)
THREADED = ("script:main", "dask/base.py:compute", "dask/local.py:get_async")
ON_A_THREAD = ("dask/local.py:execute_task", "script:work")
LOOPS = thread(f"{LIBRARY}/asyncio/events.py:_run", "script:stop", name="IO loop", **FOR_EVER)


@pytest.mark.parametrize(
    ("processes", "alone", "with_a_cluster"),
    [
        pytest.param((), None, None, id="nobody looked at the script"),
        pytest.param((script(thread("script:f")),), None, None, id="its main thread is not known"),
        pytest.param(
            (script(main(*LOCKED, **FOR_EVER)),),
            ("client-stuck", True),
            ("client-stuck", True),
            id="it waits for what only another thread could do",
        ),
        pytest.param((script(main(*LOCKED, **SLEEPS)),), "waiting", "waiting", id="it sleeps"),
        pytest.param((script(main(*LOCKED, **WORKS)),), "moving", "moving", id="it works"),
        pytest.param((script(main(*LOCKED, **POLLS)),), "moving", "moving", id="it polls"),
        pytest.param(
            (script(main(*LOCKED, wait="other", asleep=40.0)),),
            ("client-stuck", False),
            ("client-stuck", False),
            id="it waits for something outside",
        ),
        pytest.param(
            (script(main(*WAITS, **POLLS)),),
            ("client-stuck", True),
            ("client-stuck", True),
            id="it waits in Dask for what nobody does",
        ),
        pytest.param(
            (script(main(*WAITS, is_limited=True, **SLEEPS)),),
            ("client-stuck", False),
            ("client-stuck", False),
            id="it waits in Dask, but not for ever",
        ),
        pytest.param(
            (script(main(*GATHERS, **POLLS)),),
            ("client-stuck", True),
            ("gather-stuck", True),
            id="it waits for results",
        ),
        pytest.param(
            (script(main(*LOCKED, **POLLS), pending=2),),
            "moving",
            ("gather-stuck", True),
            id="it polls for results that the scheduler has done with",
        ),
        pytest.param(
            (script(main("script:main", "dask/order.py:order", **WORKS)),),
            ("client-stuck", False),
            ("client-stuck", False),
            id="it is busy in Dask",
        ),
        pytest.param(
            (script(main(), LOOPS, client_lag=40.0),),
            ("client-stuck", True),
            ("client-stuck", True),
            id="the event loop of its client does not answer",
        ),
        pytest.param(
            (script(main(), client_lag=40.0),),
            ("client-stuck", True),
            ("client-stuck", True),
            id="and nobody knows where that loop stands",
        ),
        pytest.param(
            (script(main(), is_fresh=False),),
            ("client-stuck", False),
            ("client-stuck", False),
            id="its interpreter stood still",
        ),
        pytest.param(
            (script(main(*THREADED, **FOR_EVER), thread(*ON_A_THREAD, **FOR_EVER)),),
            ("task-blocked", True),
            ("task-blocked", True),
            id="a task of the threaded scheduler is blocked",
        ),
        pytest.param(
            (script(main(*THREADED, **FOR_EVER), thread(*ON_A_THREAD, **SLEEPS)),),
            ("task-blocked", False),
            ("task-blocked", False),
            id="a task of the threaded scheduler sleeps",
        ),
        pytest.param(
            (script(main(*THREADED, **FOR_EVER), thread(*ON_A_THREAD, **WORKS)),),
            "moving",
            "moving",
            id="a task of the threaded scheduler works",
        ),
        pytest.param(
            (script(main(*THREADED, **FOR_EVER)),),
            ("client-stuck", False),
            ("gather-stuck", False),
            id="its tasks run in processes where nobody looks",
        ),
    ],
)
def test_a_script_that_asks_nothing_of_a_cluster(
    processes: tuple[Process, ...], alone: object, with_a_cluster: object
) -> None:
    assert told(scene(processes=processes)) == alone
    assert told(scene(IDLE, processes=processes)) == with_a_cluster


@pytest.mark.parametrize(
    ("seen", "owners"),
    [
        pytest.param(
            scene(BUSY, worker(), processes=at_work(**FOR_EVER)),
            ("script:patient", f"{LIBRARY}/threading.py:wait"),
            id="of a task those of the task itself",
        ),
        pytest.param(
            scene(BUSY, worker(**LAG), processes=(script(), process(15, LOOP))),
            ("script:rude",),
            id="of an event loop those of what it runs",
        ),
        pytest.param(
            scene(processes=(script(main(), LOOPS, client_lag=40.0),)),
            ("script:stop",),
            id="of a client's event loop those of what it runs",
        ),
        pytest.param(
            scene(
                processes=(
                    script(main("/x/reproducers/engine/inside/entry.py:run", *LOCKED, **FOR_EVER)),
                )
            ),
            LOCKED,
            id="of the script those that are not ours",
        ),
    ],
)
def test_the_frames_are_those_that_say_whose_fault_it_is(
    seen: Scene, owners: tuple[str, ...]
) -> None:
    found = reason(seen)
    assert isinstance(found, Standstill)
    assert found.frames == frames(*owners)


def test_a_long_key_is_cut_in_a_sentence() -> None:
    long = scheduled(task("no-worker", key="x" * 100))
    found = reason(scene(NOBODY, states=(long,)))
    assert isinstance(found, Standstill)
    assert found.sentence == f"for 40 seconds no worker could run {'x' * 57}..."
