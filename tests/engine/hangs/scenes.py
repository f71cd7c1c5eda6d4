"""Last seconds of runs, written down shortly."""

from typing import Any

from reproducers.engine.hangs.scene import Life, Process, Scene, ServerState, Task, Thread
from reproducers.engine.progress import Glance, Progress, WorkerSeen
from tests.engine.observed import frames

SCHEDULER, WORKER = "tcp://s:1", "tcp://w:1"
FLOOR = 30.0
LIBRARY = "/python/lib/python3.11"

SLEEPS: dict[str, Any] = {"wait": "timed", "asleep": 40.0, "still": 40.0}
FOR_EVER: dict[str, Any] = {"wait": "untimed", "asleep": 40.0, "still": 40.0}
WORKS: dict[str, Any] = {"wait": "running", "cpu": 1.0}
POLLS: dict[str, Any] = {"wait": "timed", "asleep": 4.0, "still": 40.0}


def thread(*places: str, **facts: Any) -> Thread:
    return Thread(frames=frames(*places), **facts)


IN_SYNC = (f"{LIBRARY}/threading.py:wait",)
GATHERS = ("script:main", "distributed/client.py:gather", "distributed/utils.py:sync", *IN_SYNC)
WAITS = ("script:main", "distributed/event.py:wait", "distributed/utils.py:sync", *IN_SYNC)
TASK = ("distributed/worker.py:_run_task", "script:patient", *IN_SYNC)


def main(*places: str, **facts: Any) -> Thread:
    return thread(*(places or GATHERS), is_main=True, **(facts or POLLS))


def script(*threads: Thread, **facts: Any) -> Process:
    known: dict[str, Any] = {"pid": 2, "is_script": True, "is_fresh": True, "living": {}}
    return Process(threads=threads or (main(),), **{**known, **facts})


def process(pid: int, *threads: Thread, is_fresh: bool = True) -> Process:
    return Process(pid=pid, is_script=False, is_fresh=is_fresh, threads=threads, living={})


def glance(role: Any, address: str, **facts: Any) -> Glance:
    known: dict[str, Any] = {
        "at": 0.0,
        "pid": 6 if role == "scheduler" else 15,
        "transitions": 1,
        "bytes": 0,
        "states": (),
        "lag": 0.0,
        "executing": (),
        "unrunnable": 0,
        "task_seconds": 0.0,
        "by_worker": (),
    }
    return Glance(role=role, address=address, **{**known, **facts})


def scheduler(*workers: WorkerSeen, processing: int = 1, **facts: Any) -> Glance:
    states = (("processing", processing),) if processing else ()
    return glance("scheduler", SCHEDULER, **{"states": states, "by_worker": workers, **facts})


def worker(**facts: Any) -> Glance:
    return glance("worker", WORKER, **facts)


def known(status: str = "running", *, silent: float = 0.5, processing: int = 1) -> WorkerSeen:
    return WorkerSeen(address=WORKER, status=status, silent=silent, processing=processing)


def progress(*servers: Glance, quiet: float = 40.0, silent: tuple[Glance, ...] = ()) -> Progress:
    return Progress(quiet_seconds=quiet, servers=servers, silent=silent)


def scene(
    *servers: Glance,
    quiet: float = 40.0,
    silent: tuple[Glance, ...] = (),
    processes: tuple[Process, ...] | None = None,
    states: tuple[ServerState, ...] = (),
) -> Scene:
    there = progress(*servers, quiet=quiet, silent=silent) if servers or silent else None
    return Scene(
        progress=there,
        processes=(script(),) if processes is None else processes,
        states=states,
    )


def scheduled(*tasks: Task) -> ServerState:
    return ServerState(role="scheduler", address=SCHEDULER, tasks=tasks, is_whole=True)


def held(*tasks: Task, is_whole: bool = True) -> ServerState:
    return ServerState(role="worker", address=WORKER, tasks=tasks, is_whole=is_whole)


def task(state: str, **facts: Any) -> Task:
    return Task(**{"key": "x-1", "state": state, **facts})


def living(state: str = "S", idle: float = 0.0) -> Process:
    """The script's process, which has looked at that of the worker and that of the scheduler."""
    life = Life(state=state, idle=idle)
    return script(living={15: life, 6: life})
