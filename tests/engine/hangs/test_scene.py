"""Where everything stood is read from what processes wrote, without trust."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.hangs.kinds import how_it_stood
from reproducers.engine.hangs.scene import (
    Life,
    Process,
    Scene,
    ServerState,
    Task,
    Thread,
    read_scene,
)
from reproducers.engine.progress import Progress
from reproducers.engine.tracebacks import Frame

SCRIPT = "/work/script.py"
END = 1000.0


def read(*processes: Any, states: Any = (), progress: Progress | None = None) -> Scene:
    return read_scene(
        progress,
        processes=[json.dumps(one).encode() for one in processes],
        states=[json.dumps(one).encode() for one in states],
        script=SCRIPT,
        ended_at=END,
    )


def test_a_thread_is_read_with_its_frames_outermost_first() -> None:
    thread = {
        "name": "IO loop",
        "stack": [["/env/x.py", 3, "inner"], [SCRIPT, 1, "outer"]],
        "cpu": 0.5,
        "wait": "untimed",
        "still": 3.0,
        "asleep": 2.0,
        "is_limited": True,
        "task": "x-1",
        "worker": "tcp://w",
        "loop_of": "tcp://s",
    }
    found = read({"schema": 1, "at": END - 1, "pid": 6, "threads": [thread]})
    assert found.processes == (
        Process(
            pid=6,
            is_script=False,
            is_fresh=True,
            threads=(
                Thread(
                    frames=(
                        Frame(file=SCRIPT, line=1, function="outer", is_script=True),
                        Frame(file="/env/x.py", line=3, function="inner"),
                    ),
                    name="IO loop",
                    cpu=0.5,
                    still=3.0,
                    asleep=2.0,
                    wait="untimed",
                    is_limited=True,
                    task="x-1",
                    worker="tcp://w",
                    loop_of="tcp://s",
                ),
            ),
            living={},
        ),
    )
    assert found.fresh_threads == found.processes[0].threads


def test_the_scripts_process_tells_of_its_clients_and_of_the_others() -> None:
    clients = [
        {"status": "running", "lag": 2.5, "futures": {"pending": 2, "finished": 3}},
        {"status": "running", "lag": 0.5, "futures": {"pending": 1}},
        {"status": "closed", "lag": 90.0, "futures": {"pending": 9}},
    ]
    lives = [{"pid": 15, "state": "S", "idle": 4.5}]
    facts = {"schema": 1, "is_script": True, "at": END - 60, "clients": clients}
    found = read({**facts, "processes": lives, "threads": [{"is_main": True}]})
    process = found.script
    assert process is not None
    assert (process.client_lag, process.pending, process.is_fresh) == (2.5, 3, False)
    assert process.living == {15: Life(state="S", idle=4.5)}
    assert process.main is not None
    assert found.fresh_threads == ()


def test_tasks_are_read_with_what_they_ask_for() -> None:
    tasks = [
        {
            "key": "x-1",
            "state": "no-worker",
            "on": "tcp://w",
            "worker_restrictions": "{'a'}",
            "resource_restrictions": "{'GPU': 1}",
        }
    ]
    state = {"schema": 1, "at": END, "role": "scheduler", "address": "tcp://s", "tasks": tasks}
    task = Task(key="x-1", state="no-worker", on="tcp://w", restrictions="{'a'} {'GPU': 1}")
    assert read(states=[state, {**state, "left_out": 3}]).states == (
        ServerState(role="scheduler", address="tcp://s", tasks=(task,), is_whole=True),
        ServerState(role="scheduler", address="tcp://s", tasks=(task,), is_whole=False),
    )


def test_a_state_from_before_the_last_move_is_passed_over() -> None:
    progress = Progress(quiet_seconds=40.0, servers=())
    states = [{"schema": 1, "at": END - ago, "address": str(ago)} for ago in (50, 30)]
    found = read(states=states, progress=progress)
    assert [state.address for state in found.states] == ["30"]


def test_what_is_none_is_passed_over() -> None:
    nonsense = [b"", b"{", b"[]", b'{"schema": 2}']
    found = read_scene(None, processes=nonsense, states=nonsense, script=SCRIPT, ended_at=END)
    assert (found, found.script) == (Scene(progress=None), None)


ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats() | st.text() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=8,
)
THREADS = st.fixed_dictionaries({"is_main": st.just(True), "stack": ANYTHING, "wait": ANYTHING})
PROCESSES = st.fixed_dictionaries(
    {
        "schema": st.just(1),
        "is_script": ANYTHING,
        "at": ANYTHING,
        "clients": ANYTHING,
        "processes": ANYTHING,
        "threads": st.lists(THREADS | ANYTHING, max_size=3),
    }
)


@given(st.lists(PROCESSES, max_size=3))
def test_whatever_processes_say_there_is_an_answer(processes: list[Any]) -> None:
    how_it_stood(read(*processes), floor_seconds=30.0)
