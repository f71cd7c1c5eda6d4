"""Where everything stood when a run was stopped: threads, clients, tasks, as observers wrote it.

Hints, like everything that comes out of a sandbox: read without trust, with bounds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from reproducers.engine.progress import RECENT_SECONDS, Progress
from reproducers.engine.tracebacks import Frame
from reproducers.engine.untrusted import count, items, number, parse, table, text

PROCESS_BYTES: Final = 1024**2
THREADS: Final = 64
FRAMES: Final = 40
TASKS: Final = 500
PROCESSES: Final = 100
CLIENTS: Final = 50

Wait = Literal["untimed", "timed", "other", "running", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Thread:
    """A thread, with its frames outermost first.

    `still`: seconds since it last ran other functions or used its processor; `asleep`: since it
    last ran at all; `cpu`: the share of a processor that it used lately. `wait` says what for: an
    `untimed` wait ends only when another thread acts. `is_limited`: one of Dask's functions that
    it is in was given a time limit. `task` is the one that it works on, `loop_of` the server whose
    event loop it runs.
    """

    frames: tuple[Frame, ...]
    is_main: bool = False
    name: str = ""
    cpu: float = 0.0
    still: float = 0.0
    asleep: float = 0.0
    wait: Wait = "unknown"
    is_limited: bool = False
    task: str | None = None
    worker: str | None = None
    loop_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Life:
    """A process as the kernel tells: its state ("S", "T", ... or "gone"), and for how many seconds
    it has not used a processor."""

    state: str
    idle: float


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process that has an observer. `is_fresh`: it wrote just before the end.

    Of the script's own process: `client_lag`, the longest that an event loop of a client has not
    answered; `pending`, how many futures have no result yet; `living`, how the observed processes
    are, by their number.
    """

    pid: int
    is_script: bool
    is_fresh: bool
    threads: tuple[Thread, ...] = ()
    client_lag: float = 0.0
    pending: int = 0
    living: Mapping[int, Life]

    @property
    def main(self) -> Thread | None:
        return next((thread for thread in self.threads if thread.is_main), None)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as one server knows it; `on` is the worker that the scheduler gave it to."""

    key: str
    state: str
    on: str | None = None
    restrictions: str = ""


@dataclass(frozen=True, kw_only=True)
class ServerState:
    """The tasks of a server in which nothing moved. `is_whole`: none is left out."""

    role: str
    address: str
    tasks: tuple[Task, ...]
    is_whole: bool


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All that is known of a run's last seconds. `progress` is None where no cluster was seen."""

    progress: Progress | None
    processes: tuple[Process, ...] = ()
    states: tuple[ServerState, ...] = ()

    @property
    def script(self) -> Process | None:
        return next((process for process in self.processes if process.is_script), None)

    @property
    def fresh_threads(self) -> tuple[Thread, ...]:
        fresh = (process for process in self.processes if process.is_fresh)
        return tuple(thread for process in fresh for thread in process.threads)


def read_scene(
    progress: Progress | None,
    *,
    processes: Iterable[bytes],
    states: Iterable[bytes],
    script: str,
    ended_at: float,
) -> Scene:
    """`script` is its path inside, `ended_at` the host's clock in Unix seconds."""
    quiet_since = ended_at - progress.quiet_seconds if progress is not None else ended_at
    return Scene(
        progress=progress,
        processes=tuple(_process(facts, script, ended_at) for facts in _tables(processes)),
        states=tuple(
            _state(facts) for facts in _tables(states) if number(facts.get("at")) >= quiet_since
        ),
    )


def _tables(contents: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for content in contents:
        try:
            facts = table(parse(content, limit=PROCESS_BYTES))
        except ValueError:
            continue
        if facts.get("schema") == 1:
            yield facts


def _process(facts: Mapping[str, Any], script: str, ended_at: float) -> Process:
    known = [table(client) for client in items(facts.get("clients"), limit=CLIENTS)]
    clients = [client for client in known if client.get("status") == "running"]
    living = [table(one) for one in items(facts.get("processes"), limit=PROCESSES)]
    threads = items(facts.get("threads"), limit=THREADS)
    return Process(
        pid=count(facts.get("pid")),
        is_script=facts.get("is_script") is True,
        is_fresh=number(facts.get("at")) > ended_at - RECENT_SECONDS,
        threads=tuple(_thread(table(thread), script) for thread in threads),
        client_lag=max((number(client.get("lag")) for client in clients), default=0.0),
        pending=sum(count(table(client.get("futures")).get("pending")) for client in clients),
        living={count(one.get("pid")): _life(one) for one in living},
    )


def _life(facts: Mapping[str, Any]) -> Life:
    return Life(state=text(facts.get("state"), limit=10), idle=number(facts.get("idle")))


def _thread(facts: Mapping[str, Any], script: str) -> Thread:
    waits: tuple[Wait, ...] = get_args(Wait)
    frames = [
        _frame(items(one, limit=3), script) for one in items(facts.get("stack"), limit=FRAMES)
    ]
    return Thread(
        frames=tuple(reversed(frames)),
        is_main=facts.get("is_main") is True,
        name=text(facts.get("name"), limit=120),
        cpu=number(facts.get("cpu")),
        still=number(facts.get("still")),
        asleep=number(facts.get("asleep")),
        wait=next((wait for wait in waits if wait == facts.get("wait")), "unknown"),
        is_limited=facts.get("is_limited") is True,
        task=text(facts.get("task"), limit=120) or None,
        worker=text(facts.get("worker"), limit=200) or None,
        loop_of=text(facts.get("loop_of"), limit=200) or None,
    )


def _frame(place: list[Any], script: str) -> Frame:
    file, line, function = (*place, None, None, None)[:3]
    name = text(file, limit=300)
    return Frame(
        file=name,
        line=count(line),
        function=text(function, limit=300),
        is_script=name == script,
    )


def _state(facts: Mapping[str, Any]) -> ServerState:
    tasks = items(facts.get("tasks"), limit=TASKS)
    return ServerState(
        role=text(facts.get("role"), limit=20),
        address=text(facts.get("address"), limit=200),
        tasks=tuple(_task(table(task)) for task in tasks),
        is_whole=count(facts.get("left_out")) == 0,
    )


def _task(facts: Mapping[str, Any]) -> Task:
    names = ("worker_restrictions", "host_restrictions", "resource_restrictions")
    restrictions = (text(facts.get(name), limit=120) for name in names)
    return Task(
        key=text(facts.get("key"), limit=120),
        state=text(facts.get("state"), limit=40),
        on=text(facts.get("on"), limit=200) or None,
        restrictions=" ".join(one for one in restrictions if one),
    )
