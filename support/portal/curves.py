"""How a run's cluster went, as plots: memory of its workers, its tasks, the lag of its loops.

The numbers are those of `series.json`, which was read as the hostile file it may be.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from reproducers.engine.quantities import format_bytes
from reproducers.engine.series_file import Series, highest
from web.plots import LOW, Line, Plot

STATES: Final = {
    "processing": "processing",
    "waiting": "waiting",
    "queued": "queued",
    "no-worker": "no worker",
    "memory": "in memory",
    "erred": "erred",
}
"""What a plot shows of the scheduler's states, the most telling first, with its word."""

MILLION: Final = 10**6
LAG_WORTH_TELLING: Final = 0.05
"""Seconds: an event loop is always a little late."""


def plots_of(series: Series | None, *, worker_memory_bytes: int | None = None) -> list[Plot]:
    """The plots of a run that had a cluster; `worker_memory_bytes` is what all workers may use."""
    if series is None:
        return []
    drawn = (_memory(series, worker_memory_bytes), _tasks(series), _lag(series))
    return [plot for plot in drawn if plot is not None]


def _memory(series: Series, limit: int | None) -> Plot | None:
    columns = {
        "processes": series.memory_bytes,
        "managed": series.managed_bytes,
        "spilled": series.spilled_bytes,
    }
    lines = [Line(name=name, values=column) for name, column in columns.items() if highest(column)]
    if not lines:
        return None
    of = f" of {format_bytes(limit)}" if limit else ""
    return Plot(
        name="Memory of the workers",
        said=f"at most {_bytes(highest(series.memory_bytes) or 0)}{of}",
        seconds=series.seconds,
        lines=lines,
        told=_bytes,
        base=1024,
        limit=_flat("limit", limit, series) if limit else None,
    )


def _flat(name: str, value: float, series: Series) -> Line:
    return Line(name=name, values=[value] * len(series.seconds))


def _tasks(series: Series) -> Plot | None:
    lines = [
        Line(name=word, values=series.tasks[state])
        for state, word in STATES.items()
        if state in series.tasks
    ]
    if not lines:
        return None
    return Plot(
        name="Tasks by state",
        said=_of_tasks(lines, highest(series.transitions)),
        seconds=series.seconds,
        lines=lines,
        told=_count,
    )


def _of_tasks(lines: Sequence[Line], transitions: float | None) -> str:
    moved = [f"{_count(transitions)} transitions"] if transitions else []
    return ", ".join([*_most(lines), *moved])


def _most(lines: Sequence[Line]) -> Iterator[str]:
    """How many were in the first two states at most."""
    for line in lines[:2]:
        yield f"at most {_count(highest(tuple(line.values)) or 0)} {line.name}"


def _lag(series: Series) -> Plot | None:
    top = highest(series.lag_seconds) or 0
    if top < LAG_WORTH_TELLING:
        return None
    return Plot(
        name="Lag of the slowest event loop",
        said=f"at most {_lagged(top)}",
        seconds=series.seconds,
        lines=[Line(name="lag", values=series.lag_seconds)],
        told=_lagged,
        height=LOW,
    )


def _bytes(value: float) -> str:
    return format_bytes(round(value))


def _count(value: float) -> str:
    """With thin spaces; in millions where an axis has no room for more."""
    if value < MILLION:
        return f"{value:.3g}" if 0 < value < 1 else f"{value:,.0f}".replace(",", "\u202f")
    return f"{value / MILLION:.3g} M" if value < 999 * MILLION else "over 999 M"


def _lagged(value: float) -> str:
    return f"{value:.2g} s" if value < 1 else f"{value:.1f} s".replace(".0 s", " s")
