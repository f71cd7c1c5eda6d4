"""Whether a cluster still moved is told from the lines that its observer wrote."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.progress import Progress, read_progress

START = 1_800_000_000.0


def line(at: float, role: str = "scheduler", **facts: Any) -> bytes:
    known = {"role": role, "address": f"tcp://{role}", "transitions": 1, "states": {}}
    return json.dumps({"at": START + at, **known, **facts}).encode()


def read(*lines: bytes, ended: float) -> Progress | None:
    return read_progress(lines, ended_at=START + ended)


def seconds(*moments: tuple[float, int]) -> Iterator[bytes]:
    for at, transitions in moments:
        yield line(at, transitions=transitions, states={"processing": 3, "memory": 4})


def test_quiet_is_counted_from_the_last_change() -> None:
    found = read(*seconds((0, 1), (1, 5), (2, 5), (40, 5)), ended=41)
    assert found == Progress(quiet_seconds=40, unfinished=3, unrunnable=0, held=0, busy=0)


def test_a_change_on_any_server_is_a_move() -> None:
    lines = [line(0), line(40), line(39, "worker"), line(40, "worker", states={"memory": 1})]
    assert read(*lines, ended=41) == Progress(
        quiet_seconds=1, unfinished=0, unrunnable=0, held=0, busy=0
    )


def test_a_server_that_comes_anew_is_a_move() -> None:
    found = read(line(0), line(38, "worker"), line(40), ended=41)
    assert found is not None
    assert found.quiet_seconds == 3


def test_what_lies_where_is_told_by_schedulers_and_workers() -> None:
    states = {"waiting": 1, "queued": 2, "no-worker": 4, "processing": 8, "memory": 16}
    worker = {"states": {"executing": 1, "memory": 9}, "executing": [{"key": "x"}]}
    found = read(
        line(40, states=states, unrunnable=4),
        line(40, "worker", **worker),
        line(40, "worker", address="tcp://other", **worker),
        ended=41,
    )
    assert found == Progress(quiet_seconds=1, unfinished=15, unrunnable=4, held=2, busy=2)


def test_a_worker_that_is_gone_holds_nothing() -> None:
    found = read(line(0, "worker", states={"executing": 1}), line(40), ended=41)
    assert found is not None
    assert found.held == 0


def test_without_a_scheduler_at_the_end_nothing_is_known() -> None:
    assert read(line(0), line(40, "worker"), ended=41) is None


def test_lines_that_are_none_are_passed_over() -> None:
    assert read(b"", b"[]", b"{", b'{"role": []}', b'{"role": "client"}', ended=41) is None


def test_lines_from_the_future_do_not_make_a_quiet_time_negative() -> None:
    found = read(line(9999), ended=41)
    assert found is not None
    assert found.quiet_seconds == 0


def test_endless_lines_are_read_to_a_limit() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"{"

    assert read_progress(endless(), ended_at=START) is None


NUMBERS = st.none() | st.integers() | st.floats() | st.text()


@given(st.lists(st.fixed_dictionaries({"at": NUMBERS, "states": NUMBERS, "transitions": NUMBERS})))
def test_whatever_the_lines_say_progress_is_not_negative(lines: list[dict[str, Any]]) -> None:
    written = [json.dumps({"role": "scheduler", **facts}).encode() for facts in lines]
    found = read_progress(written, ended_at=START)
    assert found is None or found.quiet_seconds >= 0
