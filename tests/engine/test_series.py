"""Observers' lines become curves over the run's seconds, small whatever the lines say."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.series import POINTS, WORKERS, Series, series_of

START = 1_800_000_000.0


def line(at: float, role: str = "scheduler", **facts: Any) -> bytes:
    known = {"role": role, "address": f"tcp://{role}", "transitions": 1, "lag": 0.0}
    return json.dumps({"at": START + at, **known, **facts}).encode()


def worker(name: str, memory: int, managed: int = 0, spilled: int = 0) -> dict[str, Any]:
    return {"address": name, "memory": memory, "managed": managed, "spilled": spilled}


def test_each_second_has_its_tasks_memory_lag_and_transitions() -> None:
    lines = [
        line(2, states={"processing": 3}, by_worker=[worker("a", 10, 4, 1), worker("b", 5)]),
        line(1, states={"processing": 1, "waiting": 2}, transitions=7, by_worker=[worker("a", 8)]),
        line(2.2, "worker", lag=0.5),
    ]
    assert series_of(lines, began_at=START) == Series(
        seconds=(1.0, 2.0),
        tasks={"waiting": (2, 0), "processing": (1, 3)},
        memory_bytes=(8, 15),
        managed_bytes=(0, 4),
        spilled_bytes=(0, 1),
        workers={"a": (8, 10), "b": (0, 5)},
        lag_seconds=(0.0, 0.5),
        transitions=(7, 1),
    )


def test_without_the_scripts_start_it_counts_from_the_first_line() -> None:
    assert series_of([line(5), line(7)]).seconds == (0.0, 2.0)


def test_clusters_beside_each_other_are_summed() -> None:
    lines = [
        line(1, states={"memory": 1}, address="tcp://one"),
        line(1.1, states={"memory": 2}, address="tcp://two"),
    ]
    assert series_of(lines, began_at=START).tasks == {"memory": (3,)}


def test_a_server_that_is_gone_counts_no_more() -> None:
    lines = [line(0, address="tcp://gone", transitions=5), line(30), line(31)]
    assert series_of(lines).transitions == (5, 1, 1)


def test_a_script_without_a_cluster_has_no_curves() -> None:
    assert series_of([line(1, "worker"), b"{", b"[]", b'{"role": []}']) == Series()


def test_a_long_run_is_thinned_to_a_bounded_number_of_points() -> None:
    found = series_of([line(second, transitions=second) for second in range(3001)])
    assert len(found.seconds) <= POINTS
    assert found.seconds[-1] == 3000.0
    assert found.transitions[-1] == 3000


def test_only_some_workers_have_a_curve_of_their_own_but_all_count() -> None:
    by_worker = [worker(f"{number:02}", 1) for number in range(40)]
    found = series_of([line(1, by_worker=by_worker)])
    assert (len(found.workers), found.memory_bytes) == (WORKERS, (40,))


def test_servers_beyond_reason_are_left_out() -> None:
    lines = [line(1, address=f"tcp://{number}") for number in range(150)]
    assert series_of(lines).transitions == (100,)


def test_endless_lines_are_read_to_a_limit() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"{"

    assert series_of(endless()) == Series()


def test_it_is_written_as_small_json_with_a_schema() -> None:
    written = json.loads(series_of([line(1, states={"memory": 1})]).to_json())
    assert written.pop("workers") == {}
    assert written == {
        "schema": 1,
        "seconds": [0.0],
        "tasks": {"memory": [1]},
        "memory_bytes": [0],
        "managed_bytes": [0],
        "spilled_bytes": [0],
        "lag_seconds": [0.0],
        "transitions": [1],
    }


ANYTHING = st.none() | st.integers() | st.floats() | st.text()


@given(
    st.lists(
        st.fixed_dictionaries(
            {"at": ANYTHING, "states": ANYTHING, "lag": ANYTHING, "by_worker": ANYTHING}
        )
    )
)
def test_whatever_the_lines_say_the_curves_are_of_equal_length(lines: list[Any]) -> None:
    written = [json.dumps({"role": "scheduler", **facts}).encode() for facts in lines]
    found = series_of(written)
    assert len(found.seconds) == len(found.memory_bytes) == len(found.lag_seconds) <= POINTS
    assert sorted(set(found.seconds)) == list(found.seconds)
