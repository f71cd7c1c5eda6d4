"""Whether a cluster still moved is told from the lines that its observer wrote."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.progress import LINES, Progress, WorkerSeen, read_progress

START = 1_800_000_000.0


def line(at: float, role: str = "scheduler", **facts: Any) -> bytes:
    known = {"role": role, "address": f"tcp://{role}", "transitions": 1, "states": {}}
    return json.dumps({"at": START + at, **known, **facts}).encode()


def read(*lines: bytes, ended: float) -> Progress:
    found = read_progress(lines, ended_at=START + ended)
    assert found is not None
    return found


def test_quiet_is_counted_from_the_last_change() -> None:
    moments = ((0, 1), (1, 5), (2, 5), (40, 5))
    states = {"processing": 3, "memory": 4}
    lines = [line(at, transitions=number, states=states) for at, number in moments]
    assert read(*lines, ended=41).quiet_seconds == 40


def test_a_change_on_any_server_is_a_move() -> None:
    lines = [line(0), line(40), line(39, "worker"), line(40, "worker", states={"memory": 1})]
    assert read(*lines, ended=41).quiet_seconds == 1


def test_bytes_that_workers_send_each_other_are_a_move() -> None:
    lines = [line(0), line(0, "worker", bytes=1), line(40, "worker", bytes=2)]
    assert read(*lines, ended=41).quiet_seconds == 1


def test_a_server_that_comes_anew_is_a_move() -> None:
    assert read(line(0), line(38, "worker"), line(40), ended=41).quiet_seconds == 3


def test_what_lies_where_is_told_by_schedulers() -> None:
    states = {"waiting": 1, "queued": 2, "no-worker": 4, "processing": 8, "memory": 16}
    found = read(line(40, states=states), line(40, "worker", states=states), ended=41)
    assert (found.unfinished, found.in_state("processing"), found.in_state("erred")) == (15, 8, 0)


def test_servers_that_wrote_lately_are_told_from_those_that_fell_silent() -> None:
    found = read(line(0, "worker", pid=7), line(40, pid=6), ended=41)
    assert [one.role for one in found.servers] == ["scheduler"]
    assert [one.role for one in found.silent] == ["worker"]
    assert (found.workers, found.roles) == ((), {6: "scheduler", 7: "worker"})


def test_a_process_with_a_scheduler_and_a_worker_is_the_schedulers() -> None:
    assert read(line(1, "worker", pid=6), line(1, pid=6), ended=2).roles == {6: "scheduler"}


def test_what_a_scheduler_knows_of_its_workers_is_read() -> None:
    known = {"address": "tcp://w", "status": "paused", "silent": 2.5, "processing": 3}
    found = read(line(1, by_worker=[known, "nonsense"], task_seconds=4.5), ended=2)
    assert found.known_workers == (
        WorkerSeen(address="tcp://w", status="paused", silent=2.5, processing=3),
        WorkerSeen(address="", status="", silent=0.0, processing=0),
    )
    assert found.task_seconds == 4.5


def test_what_a_worker_works_on_is_read() -> None:
    found = read(line(1, "worker", executing=[{"key": "x"}, "nonsense"], lag=0.5), ended=2)
    assert [(one.executing, one.lag) for one in found.workers] == [(("x", ""), 0.5)]
    assert found.task_seconds == 0.0


def test_without_any_line_nothing_is_known() -> None:
    nonsense = [b"", b"[]", b"{", b'{"role": []}', b'{"role": "client"}']
    assert read_progress(nonsense, ended_at=START) is None


def test_lines_from_the_future_do_not_make_a_quiet_time_negative() -> None:
    assert read(line(9999), ended=41).quiet_seconds == 0


def test_endless_lines_are_read_to_a_limit() -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(LINES):
            yield b"{"
        while True:
            yield line(1)

    assert read_progress(endless(), ended_at=START) is None


NUMBERS = st.none() | st.integers() | st.floats() | st.text()


@given(st.lists(st.fixed_dictionaries({"at": NUMBERS, "states": NUMBERS, "transitions": NUMBERS})))
def test_whatever_the_lines_say_progress_is_not_negative(lines: list[dict[str, Any]]) -> None:
    written = [json.dumps({"role": "scheduler", **facts}).encode() for facts in lines]
    found = read_progress(written, ended_at=START)
    assert found is None or found.quiet_seconds >= 0
