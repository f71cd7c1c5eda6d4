"""A run that our own limit on memory ended gets more, within bounds, before anything is said."""

from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.job import GIBIBYTE, ExpectedSymptom, Job, RunPolicy
from reproducers.engine.judge import Found, judge
from reproducers.engine.memory_retry import available_bytes, is_wanted, note, with_more
from reproducers.engine.symptoms import Observation
from reproducers.engine.verdicts import Symptom

FULL = Observation(exit_status=None, limit="memory", memory_kills=1)
LATE_AND_FULL = Observation(exit_status=None, limit="timeout", memory_kills=1)
SURVIVED = Observation(exit_status=0, memory_kills=1)
LATE = Observation(exit_status=None, limit="timeout")


def job(kind: Symptom | None = None, **policy: Any) -> Job:
    expected = ExpectedSymptom(kind=kind)
    return Job(script="", policy=RunPolicy(**policy), expected=expected)


@pytest.mark.parametrize(
    ("seen", "kind", "expected"),
    [
        (FULL, None, True),
        (FULL, Symptom.KILLED_WORKER, True),
        (FULL, Symptom.MEMORY, False),
        (LATE_AND_FULL, None, True),
        (SURVIVED, None, False),
        (LATE, None, False),
    ],
)
def test_more_is_wanted_where_nothing_could_be_said_for_want_of_it(
    seen: Observation, kind: Symptom | None, expected: bool
) -> None:
    asked = job(kind)
    judgement = judge(seen, expected=asked.expected, found=Found(), policy=asked.policy)
    assert is_wanted(asked, seen, judgement) is expected


@pytest.mark.parametrize(
    ("had", "largest", "machine", "given"),
    [
        pytest.param(4, 16, 64, 8, id="twice as much"),
        pytest.param(4, 6, 64, 6, id="as much as the policy allows"),
        pytest.param(4, 16, 7, 6.3, id="as much as the machine has, but for a tenth"),
        pytest.param(4, 4, 64, None, id="the policy allows no more"),
        pytest.param(4, 16, 5, None, id="a little more is not worth it"),
    ],
)
def test_it_gets_twice_as_much_within_bounds(
    had: int, largest: int, machine: int, given: float | None
) -> None:
    asked = job(memory_bytes=had * GIBIBYTE, largest_memory_bytes=largest * GIBIBYTE)
    larger = with_more(asked, available_bytes=machine * GIBIBYTE)
    assert (larger and larger.policy.memory_bytes) == (given and int(given * GIBIBYTE))


def test_the_report_says_which_memory_counts() -> None:
    asked, larger = job(), job(memory_bytes=8 * GIBIBYTE)
    assert note(asked, larger) == (
        "It used all of its 4 GiB of memory, so it was run again with 8 GiB: that run counts."
    )
    assert note(asked, None) == (
        "It used all of its 4 GiB of memory, and there was no more to try it again with."
    )


def test_what_the_machine_has_is_read_from_the_kernel(tmp_path: Path) -> None:
    source = tmp_path / "meminfo"
    source.write_text("MemTotal:  9 kB\nMemAvailable:   5 kB\n")
    assert available_bytes(source) == 5 * 1024
    assert available_bytes() > 0
