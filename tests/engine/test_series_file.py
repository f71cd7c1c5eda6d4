"""`series.json` comes from where a script may write: whatever stands in it, it can be drawn."""

import json
from typing import Any

import pytest

from reproducers.engine.series import series_of
from reproducers.engine.series_file import POINTS, STATES, Series, highest, read_series

WELL = {
    "schema": 1,
    "seconds": [0.0, 1.0, 2.5],
    "tasks": {"processing": [4, 2, 0], "memory": [0, 2, 4], "erred": [0, 0, 0]},
    "memory_bytes": [100, 300, 200],
    "managed_bytes": [10, None, 20],
    "spilled_bytes": [],
    "lag_seconds": [0.01, 0.5, 0.02],
    "transitions": [0, 40, 90],
}


def read(**changes: Any) -> Series | None:
    return read_series(json.dumps({**WELL, **changes}).encode())


def test_a_series_is_read_as_it_was_written() -> None:
    assert read() == Series(
        seconds=(0.0, 1.0, 2.5),
        tasks={"processing": (4.0, 2.0, 0.0), "memory": (0.0, 2.0, 4.0)},
        memory_bytes=(100.0, 300.0, 200.0),
        managed_bytes=(10.0, None, 20.0),
        lag_seconds=(0.01, 0.5, 0.02),
        transitions=(0.0, 40.0, 90.0),
    )


def test_time_begins_with_the_script() -> None:
    found = read(seconds=[2.0, 5.0])
    assert found is not None
    assert (found.seconds, found.length) == ((2.0, 5.0), 5.0)


def test_what_the_host_writes_is_read() -> None:
    line = {"role": "scheduler", "at": 101.0, "states": {"processing": 3}, "transitions": 7}
    found = read_series(series_of([json.dumps(line).encode()], began_at=100.0).to_json().encode())
    assert found is not None
    assert (found.seconds, found.tasks) == ((1.0,), {"processing": (3.0,)})
    assert (found.transitions, found.lag_seconds) == ((7.0,), (0.0,))


def test_a_run_without_a_cluster_has_none() -> None:
    assert read_series(series_of([]).to_json().encode()) is None


NOTHING: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("no JSON", b"{"),
    ("a list", b"[]"),
    ("another schema", b'{"schema": 2, "seconds": [0]}'),
    ("no instants", b'{"schema": 1, "seconds": []}'),
    ("instants that are no list", b'{"schema": 1, "seconds": {"0": 1}}'),
    ("instants that go back", b'{"schema": 1, "seconds": [0, 2, 1]}'),
    ("instants that stand still", b'{"schema": 1, "seconds": [1, 1]}'),
    ("instants without an end", b'{"schema": 1, "seconds": [0, Infinity, Infinity]}'),
    ("more than a megabyte", b'{"schema": 1, "seconds": [0]}' + b" " * 1024**2),
]


@pytest.mark.parametrize(("what", "content"), NOTHING, ids=[what for what, _ in NOTHING])
def test_what_cannot_be_drawn_is_no_series(what: str, content: bytes) -> None:
    assert read_series(content) is None


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ([1], (1.0, None, None)),
        ([1, 2, 3, 4], (1.0, 2.0, 3.0)),
        ([-1, True, "9"], (0.0, None, None)),
        ([float("nan"), 10**400, 1], (0.0, 2.0**53, 1.0)),
        (["a", None], ()),
        ("abc", ()),
    ],
)
def test_a_column_is_as_long_as_time_and_finite(values: object, column: tuple[Any, ...]) -> None:
    found = read(memory_bytes=values)
    assert found is not None
    assert found.memory_bytes == column


@pytest.mark.parametrize("name", ["<script>", "a b", "", "--", "\x1b[31m", "no\nworker"], ids=ascii)
def test_a_state_has_a_plain_name(name: str) -> None:
    found = read(tasks={name: [1, 1, 1], "no-worker": [1, 1, 1]})
    assert found is not None
    assert list(found.tasks) == ["no-worker"]


def test_there_are_only_so_many_points_and_states() -> None:
    found = read(
        seconds=list(range(5000)),
        tasks={f"state{n}": [1] for n in range(50)},
    )
    assert found is not None
    assert (len(found.seconds), len(found.tasks)) == (POINTS, STATES)


def test_the_highest_of_nothing_is_nothing() -> None:
    assert (highest(()), highest((None,)), highest((None, 2.0))) == (None, None, 2.0)
