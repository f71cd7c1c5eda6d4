"""From a run's numbers to its plots: what is told in words, and what is not worth a plot."""

from typing import Any

import pytest

from reproducers.engine.series_file import Series
from support.portal.curves import plots_of
from web.plots import draw

GIB = 1024**3
SECONDS = (0.0, 1.0, 2.0)


def said(**columns: Any) -> list[str]:
    series = Series(seconds=SECONDS, **columns)
    return [f"{plot.name}: {plot.said}" for plot in plots_of(series, worker_memory_bytes=3 * GIB)]


PLOTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("memory", {"memory_bytes": (0, GIB, 5)}, ["Memory of the workers: at most 1 GiB of 3 GiB"]),
    ("an idle cluster", {"memory_bytes": (0, 0, 0), "lag_seconds": (0.01, 0.02, 0.01)}, []),
    (
        "tasks",
        {"tasks": {"waiting": (9, 5, 0), "processing": (1, 2, 2), "memory": (0, 1, 9)}},
        ["Tasks by state: at most 2 processing, at most 9 waiting"],
    ),
    (
        "a state of no release that we know",
        {"tasks": {"dreaming": (9, 5, 0)}},
        [],
    ),
    (
        "transitions",
        {"tasks": {"memory": (0, 1, 1500)}, "transitions": (0, 10, 123456)},
        ["Tasks by state: at most 1\u202f500 in memory, 123\u202f456 transitions"],
    ),
    (
        "more than any cluster has",
        {"tasks": {"memory": (0, 2**53, 0), "erred": (1, 2_500_000, 0)}},
        ["Tasks by state: at most over 999 M in memory, at most 2.5 M erred"],
    ),
    ("a loop that is late", {"lag_seconds": (0, 2.42, None)},
     ["Lag of the slowest event loop: at most 2.4 s"]),
    ("a loop that is a bit late", {"lag_seconds": (0, 0.123, 0)},
     ["Lag of the slowest event loop: at most 0.12 s"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "columns", "words"), PLOTS, ids=[what for what, *_ in PLOTS])
def test_a_plot_is_summed_up_in_words(what: str, columns: dict[str, Any], words: list[str]) -> None:
    assert said(**columns) == words


def test_without_a_cluster_there_is_nothing_to_draw() -> None:
    assert plots_of(None) == []


def test_without_a_known_limit_none_is_drawn() -> None:
    (plot,) = plots_of(Series(seconds=SECONDS, memory_bytes=(1, 2, GIB)))
    assert plot.said == "at most 1 GiB"
    assert [line.name for line in draw(plot).lines] == ["processes"]


def test_memory_is_told_apart_by_where_it_is() -> None:
    kinds = ("memory_bytes", "managed_bytes", "spilled_bytes")
    columns: dict[str, Any] = dict.fromkeys(kinds, (1, 2, 2 * GIB))
    (plot,) = plots_of(Series(seconds=SECONDS, **columns), worker_memory_bytes=3 * GIB)
    drawn = draw(plot)
    assert [line.name for line in drawn.lines] == ["processes", "managed", "spilled", "limit"]
    assert [tick.text for tick in drawn.up] == ["0 B", "2 GiB", "4 GiB"]


def test_counts_below_ten_have_an_axis_too() -> None:
    (plot,) = plots_of(Series(seconds=SECONDS, tasks={"processing": (0, 1, 0)}))
    assert [tick.text for tick in draw(plot).up] == ["0", "0.5", "1"]
