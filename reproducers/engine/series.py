"""How a run's clusters developed: a few curves over time, made on the host from observers' lines.

Small JSON, bounded whatever the lines say, and drawn by us. The lines come from the sandbox: these
curves illustrate, and no verdict rests on them.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from reproducers.engine.untrusted import count, items, number, parse, table, text

SCHEMA: Final = 1
POINTS: Final = 600
WORKERS: Final = 16
SERVERS: Final = 100
LINE_BYTES: Final = 16 * 1024
LINES: Final = 50_000
STALE_SECONDS: Final = 5.0

# The scheduler's states that are worth a curve, in the order in which a task goes through them.
STATES: Final = ("waiting", "no-worker", "queued", "processing", "memory", "erred")


@dataclass(frozen=True, kw_only=True)
class Series:
    """Curves of equal length; each value belongs to the second at its place in `seconds`.

    `seconds` counts from the script's start and grows. `tasks` has the number of tasks in each
    state that ever had one. Memory is summed over all workers, as their scheduler last heard it:
    of the processes, of what tasks hold there, and of what was moved to disk; `workers` has the
    memory of each process by the worker's address. `lag_seconds` is that of the slowest event
    loop, `transitions` the growing count of all schedulers.
    """

    seconds: tuple[float, ...] = ()
    tasks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    memory_bytes: tuple[int, ...] = ()
    managed_bytes: tuple[int, ...] = ()
    spilled_bytes: tuple[int, ...] = ()
    workers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    lag_seconds: tuple[float, ...] = ()
    transitions: tuple[int, ...] = ()

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA, **asdict(self)}, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class _Moment:
    """What all servers together showed at one second."""

    second: float
    tasks: Mapping[str, int]
    memory: Mapping[str, tuple[int, int, int]]
    lag: float
    transitions: int


def series_of(lines: Iterable[bytes], *, began_at: float | None = None) -> Series:
    """The curves in observers' lines of whatever order; empty ones where no scheduler wrote.

    `began_at` is the script's start in Unix seconds; without it, its first line's.
    """
    read = sorted(_read(lines), key=lambda line: number(line.get("at")))
    if not any(line["role"] == "scheduler" for line in read):
        return Series()
    start = number(read[0].get("at")) if began_at is None else began_at
    moments = list(_moments(read, start))
    workers = sorted({address for moment in moments for address in moment.memory})[:WORKERS]
    return Series(
        seconds=tuple(moment.second for moment in moments),
        tasks={
            state: tuple(moment.tasks.get(state, 0) for moment in moments)
            for state in STATES
            if any(moment.tasks.get(state) for moment in moments)
        },
        memory_bytes=_total(moments, 0),
        managed_bytes=_total(moments, 1),
        spilled_bytes=_total(moments, 2),
        workers={
            worker: tuple(moment.memory.get(worker, (0,))[0] for moment in moments)
            for worker in workers
        },
        lag_seconds=tuple(moment.lag for moment in moments),
        transitions=tuple(moment.transitions for moment in moments),
    )


def _total(moments: Iterable[_Moment], which: int) -> tuple[int, ...]:
    return tuple(sum(held[which] for held in moment.memory.values()) for moment in moments)


def _read(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for number_of_lines, line in enumerate(lines):
        if number_of_lines == LINES:
            return
        try:
            facts = table(parse(line, limit=LINE_BYTES))
        except ValueError:
            continue
        if facts.get("role") in ("scheduler", "worker"):
            yield facts


def _moments(lines: list[Mapping[str, Any]], start: float) -> Iterator[_Moment]:
    """At most POINTS, evenly spread: of the lines in one step the last of each server counts."""
    first, last = number(lines[0].get("at")), number(lines[-1].get("at"))
    step, begin = max(1, math.ceil((last - first + 1) / POINTS)), max(0.0, first - start)
    known: dict[str, Mapping[str, Any]] = {}
    at = 0.0
    for position, line in enumerate(lines):
        at = number(line.get("at"))
        address = text(line.get("address"), limit=200)
        if address in known or len(known) < SERVERS:
            known[address] = line
        is_last = position + 1 == len(lines)
        if is_last or _step(lines[position + 1], first, step) > _step(line, first, step):
            there = [one for one in known.values() if at - number(one.get("at")) < STALE_SECONDS]
            yield _moment(there, round(begin + step * _step(line, first, step), 1))


def _step(line: Mapping[str, Any], first: float, length: int) -> float:
    return (number(line.get("at")) - first) // length


def _moment(there: list[Mapping[str, Any]], second: float) -> _Moment:
    schedulers = [line for line in there if line["role"] == "scheduler"]
    workers = [table(one) for line in schedulers for one in items(line.get("by_worker"), limit=64)]
    states = [table(line.get("states")) for line in schedulers]
    return _Moment(
        second=second,
        tasks={state: sum(count(one.get(state)) for one in states) for state in STATES},
        memory={text(one.get("address"), limit=60): _held(one) for one in workers},
        lag=max(number(line.get("lag")) for line in there),
        transitions=sum(count(line.get("transitions")) for line in schedulers),
    )


def _held(worker: Mapping[str, Any]) -> tuple[int, int, int]:
    return (
        count(worker.get("memory")),
        count(worker.get("managed")),
        count(worker.get("spilled")),
    )
