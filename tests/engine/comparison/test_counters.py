"""What clusters did is counted by the observer's last word of each scheduler."""

import json

from reproducers.engine.comparison.counters import counters
from reproducers.engine.progress import LINES


def line(role: str = "scheduler", address: str = "a", **facts: object) -> bytes:
    return json.dumps({"role": role, "address": address, **facts}).encode()


def test_counts_of_several_schedulers_are_summed() -> None:
    lines = [
        line(transitions=5, computed=1, bytes=10),
        line(transitions=9, computed=4, bytes=70),
        line(address="b", transitions=100),
        line("worker", transitions=1000),
        b"no line",
    ]
    assert counters(lines) == {"transitions": 109.0, "tasks": 4.0, "bytes": 70.0}


def test_what_is_no_number_counts_nothing() -> None:
    assert counters([line(transitions="many"), b"[]"]) == {"transitions": 0.0}


def test_no_more_lines_are_read_than_an_observer_writes() -> None:
    assert counters([b""] * LINES + [line(transitions=5)]) == {}
