"""`series.json` of a run, read back: how a cluster's numbers went, as lines that can be drawn.

The numbers come from observers inside the sandbox, where a script may write what it likes: of any
size, type and order. What is read here is bounded, finite, and in the order of time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from reproducers.engine.untrusted import items, number, parse, table, text

SCHEMA: Final = 1
NAME: Final = "series.json"
BYTES: Final = 1024**2
POINTS: Final = 2000
STATES: Final = 12

Column = tuple[float | None, ...]
"""A value for each instant, None where nothing was seen."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """Instants in seconds since the script began, and columns as long as they are or empty.

    `tasks` maps a state of the scheduler to how many tasks were in it. Bytes are sums over the
    workers, `lag_seconds` is that of the event loop that was latest, `transitions` only grow.
    """

    seconds: tuple[float, ...]
    tasks: Mapping[str, Column] = field(default_factory=dict)
    memory_bytes: Column = ()
    managed_bytes: Column = ()
    spilled_bytes: Column = ()
    lag_seconds: Column = ()
    transitions: Column = ()

    @property
    def length(self) -> float:
        """Seconds from the script's start to the last instant."""
        return self.seconds[-1]


def read_series(content: bytes) -> Series | None:
    """The series in a file, None where it holds none that could be drawn."""
    try:
        facts = table(parse(content, limit=BYTES))
    except ValueError:
        return None
    seconds = _instants(facts.get("seconds"))
    if facts.get("schema") != SCHEMA or not seconds:
        return None
    return Series(
        seconds=seconds,
        tasks=dict(_states(facts.get("tasks"), len(seconds))),
        memory_bytes=_column(facts.get("memory_bytes"), len(seconds)),
        managed_bytes=_column(facts.get("managed_bytes"), len(seconds)),
        spilled_bytes=_column(facts.get("spilled_bytes"), len(seconds)),
        lag_seconds=_column(facts.get("lag_seconds"), len(seconds)),
        transitions=_column(facts.get("transitions"), len(seconds)),
    )


def highest(column: Column) -> float | None:
    """The highest value, None where there is none."""
    return max((value for value in column if value is not None), default=None)


def _instants(value: object) -> tuple[float, ...]:
    """Finite and growing, or none at all: a line that runs back in time shows nothing."""
    seconds = tuple(number(one) for one in items(value, limit=POINTS))
    grows = all(before < after for before, after in pairwise(seconds))
    return seconds if grows else ()


def _states(value: object, length: int) -> Iterator[tuple[str, Column]]:
    """States that ever held a task, as far as their names are plain words."""
    for name, column in list(table(value).items())[:STATES]:
        found = _column(column, length)
        state = text(name, limit=40)
        if state.replace("-", "").replace("_", "").isalnum() and highest(found):
            yield state, found


def _column(value: object, length: int) -> Column:
    """As many values as there are instants; empty where none is a number."""
    found = [_value(one) for one in items(value, limit=length)]
    found += [None] * (length - len(found))
    return tuple(found) if any(one is not None for one in found) else ()


def _value(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return number(value) if is_number else None
