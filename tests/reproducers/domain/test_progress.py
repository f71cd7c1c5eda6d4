from datetime import timedelta

import pytest

from reproducers.domain.progress import Progress, Sample, expected, running, waiting
from tests.factories import NOW

AT = NOW.timestamp()
USUAL = Sample(environment=1.0, start=2.0, script=10.0)


def event(phase: str, *, seconds_ago: float, done: int = 0, total: int = 0) -> dict[str, object]:
    since = AT - seconds_ago
    return {
        "phase": phase, "since": since, "at": AT, "done": done, "total": total, "note": "pandas",
    }  # fmt: skip


LEFT = {
    "all phases lie ahead": (event("environment", seconds_ago=0), USUAL, 14.0),
    "half a phase is over": (event("environment", seconds_ago=0.5), USUAL, 13.5),
    "the script runs": (event("script", seconds_ago=4), USUAL, 7.0),
    "only collecting is left": (event("collect", seconds_ago=0), USUAL, 1.0),
    "it takes longer than it did": (event("script", seconds_ago=11), USUAL, None),
    "the script was never run": (event("start", seconds_ago=0), Sample(start=2.0), None),
    "an unknown environment is behind": (
        event("script", seconds_ago=1), Sample(script=3.0), 3.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LEFT)
def test_what_is_left_is_the_rest_of_this_phase_and_those_that_follow(case: str) -> None:
    told, usual, left = LEFT[case]

    found = running(event=told, started_at=NOW, now=NOW, usual=usual)

    assert found.left == left


def test_a_running_trial_tells_its_phase_and_how_far_it_is() -> None:
    told = event("environment", seconds_ago=3, done=12, total=40)

    found = running(event=told, started_at=NOW, now=NOW, usual=Sample())

    assert found == Progress(phase="environment", seconds=3.0, done=12, total=40, note="pandas")


def test_before_the_first_event_it_is_about_its_environment() -> None:
    found = running(event=None, started_at=NOW, now=NOW + timedelta(seconds=2), usual=USUAL)

    assert found == Progress(phase="environment", seconds=2.0)


def test_a_clock_that_is_ahead_makes_no_negative_time() -> None:
    found = waiting(queued_at=NOW + timedelta(seconds=5), now=NOW, note="It waits.")

    assert found == Progress(phase="waiting", seconds=0.0, note="It waits.")


def test_the_middle_of_earlier_trials_is_expected_phase_by_phase() -> None:
    samples = [
        Sample(environment=1.0, start=2.0),
        Sample(start=4.0, script=7.0),
        Sample(start=30.0),
    ]

    assert expected(samples) == Sample(environment=1.0, start=4.0, script=7.0)
    assert expected([]) == Sample()
