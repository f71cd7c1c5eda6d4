"""What the observer's lines say of clusters: when something last moved, and what then lay where.

They come from the sandbox, so they explain what the host saw and can never contradict it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from reproducers.engine.untrusted import count, items, number, parse, table, text

LINE_BYTES: Final = 16 * 1024
LINES: Final = 50_000
RECENT_SECONDS: Final = 10.0
WORKERS: Final = 64
_UNFINISHED: Final = ("waiting", "queued", "no-worker", "processing")


@dataclass(frozen=True, kw_only=True)
class WorkerSeen:
    """A worker as its scheduler knows it. `silent`: seconds since its last heartbeat."""

    address: str
    status: str
    silent: float
    processing: int


@dataclass(frozen=True, kw_only=True)
class Glance:
    """One server in one second.

    `transitions` and `bytes` only grow. `lag`: seconds that its event loop takes to answer, or has
    not answered for. `executing`: the tasks that a worker works on, in threads or as coroutines.
    `task_seconds`: how long a scheduler's tasks take, about the median; 0 where none is done.
    """

    at: float
    role: Literal["scheduler", "worker"]
    address: str
    pid: int
    transitions: int
    bytes: int
    states: tuple[tuple[str, int], ...]
    lag: float
    executing: tuple[str, ...]
    unrunnable: int
    task_seconds: float
    by_worker: tuple[WorkerSeen, ...]

    @property
    def unfinished(self) -> int:
        return sum(number for state, number in self.states if state in _UNFINISHED)

    def in_state(self, wanted: str) -> int:
        return dict(self.states).get(wanted, 0)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """All clusters at the end: how long nothing moved, and each server's last line.

    `servers` are those that still wrote in the last RECENT_SECONDS, `silent` the others.
    """

    quiet_seconds: float
    servers: tuple[Glance, ...]
    silent: tuple[Glance, ...] = ()

    @property
    def schedulers(self) -> tuple[Glance, ...]:
        return tuple(glance for glance in self.servers if glance.role == "scheduler")

    @property
    def workers(self) -> tuple[Glance, ...]:
        return tuple(glance for glance in self.servers if glance.role == "worker")

    @property
    def known_workers(self) -> tuple[WorkerSeen, ...]:
        """Those that a scheduler counts on, there or not."""
        return tuple(worker for one in self.schedulers for worker in one.by_worker)

    @property
    def roles(self) -> dict[int, str]:
        """What each process was that was ever seen; a scheduler with workers is a scheduler."""
        seen = (*self.servers, *self.silent)
        return {one.pid: one.role for one in sorted(seen, key=lambda one: one.role, reverse=True)}

    @property
    def unfinished(self) -> int:
        return sum(glance.unfinished for glance in self.schedulers)

    @property
    def task_seconds(self) -> float:
        return max((glance.task_seconds for glance in self.schedulers), default=0.0)

    def in_state(self, wanted: str) -> int:
        """How many tasks are in that state of the schedulers."""
        return sum(glance.in_state(wanted) for glance in self.schedulers)


def read_progress(lines: Iterable[bytes], *, ended_at: float) -> Progress | None:
    """The progress of all clusters, None where no line tells of one.

    `ended_at` is the host's clock in Unix seconds, which the lines go by as well.
    """
    glances = sorted(_glances(lines), key=lambda glance: glance.at)
    if not glances:
        return None
    last = {glance.address: glance for glance in glances}
    return Progress(
        quiet_seconds=max(0.0, ended_at - _moved_at(glances)),
        servers=tuple(one for one in last.values() if one.at > ended_at - RECENT_SECONDS),
        silent=tuple(one for one in last.values() if one.at <= ended_at - RECENT_SECONDS),
    )


def _moved_at(glances: list[Glance]) -> float:
    """The last instant at which a server's counters were not what they had been."""
    moved_at = glances[0].at
    known: dict[str, object] = {}
    for glance in glances:
        counters = (glance.transitions, glance.bytes, glance.states)
        if known.get(glance.address) != counters:
            known[glance.address] = counters
            moved_at = glance.at
    return moved_at


def _glances(lines: Iterable[bytes]) -> Iterator[Glance]:
    for number_of_lines, line in enumerate(lines):
        if number_of_lines == LINES:
            return
        try:
            facts = table(parse(line, limit=LINE_BYTES))
        except ValueError:
            continue
        if facts.get("role") in ("scheduler", "worker"):
            yield _glance(facts)


def _glance(facts: Mapping[str, Any]) -> Glance:
    states = sorted(table(facts.get("states")).items())
    executing = items(facts.get("executing"), limit=100)
    return Glance(
        at=number(facts.get("at")),
        role=facts["role"],
        address=text(facts.get("address"), limit=200),
        pid=count(facts.get("pid")),
        transitions=count(facts.get("transitions")),
        bytes=count(facts.get("bytes")),
        states=tuple((text(state, limit=40), count(held)) for state, held in states if held),
        lag=number(facts.get("lag")),
        executing=tuple(text(table(one).get("key"), limit=200) for one in executing),
        unrunnable=count(facts.get("unrunnable")),
        task_seconds=number(facts.get("task_seconds")),
        by_worker=tuple(map(_worker, items(facts.get("by_worker"), limit=WORKERS))),
    )


def _worker(value: object) -> WorkerSeen:
    facts = table(value)
    return WorkerSeen(
        address=text(facts.get("address"), limit=200),
        status=text(facts.get("status"), limit=40),
        silent=number(facts.get("silent")),
        processing=count(facts.get("processing")),
    )
