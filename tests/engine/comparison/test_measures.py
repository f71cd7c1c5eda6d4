"""Whether runs here cost more than runs there, beyond what runs differ by anyway."""

import pytest

from reproducers.engine.comparison.measures import (
    Compared,
    Measure,
    compared,
    interleaved,
    telling,
)


def test_runs_are_interleaved_so_that_a_slow_machine_is_slow_for_both() -> None:
    letters = {"ours": "A", "theirs": "B"}
    assert "".join(letters[side] for side in interleaved(5)) == "ABBAABBAAB"


@pytest.mark.parametrize(
    ("ours", "theirs", "is_more"),
    [
        pytest.param([2.0] * 5, [1.0] * 5, True, id="twice as long"),
        pytest.param([1.1] * 5, [1.0] * 5, False, id="too little to tell"),
        pytest.param([0.2] * 5, [0.1] * 5, False, id="too short to tell"),
        pytest.param([2.0, 6, 2, 6, 2], [1.5, 1.5, 1.5, 1.5, 1.5], False, id="within the noise"),
        pytest.param([3.0, 3, 3, 1, 1], [1.5] * 5, False, id="not in most pairs"),
        pytest.param([1.0] * 5, [2.0] * 5, False, id="quicker"),
        pytest.param([9.0], [1.0], True, id="one run each"),
        pytest.param([1.0, 1.0], [0.0, 0.0], True, id="nothing there"),
    ],
)
def test_ours_is_slower_where_it_is_so_beyond_noise(
    ours: list[float], theirs: list[float], is_more: bool
) -> None:
    assert compared("seconds", ours, theirs).is_more is is_more


def test_the_noise_is_what_a_side_differs_by_itself() -> None:
    found = compared("seconds", [4.0, 3.0, 4.0, 3.0, 4.0], [1.0] * 5)
    assert (found.ours, found.theirs, round(found.noise, 3)) == (4.0, 1.0, 0.333)
    assert found.ratio == 4.0
    assert compared("seconds", [1.0], [0.0]).ratio is None


def one(measure: Measure, ours: float, theirs: float, *, is_more: bool) -> Compared:
    return Compared(measure=measure, ours=ours, theirs=theirs, noise=0.0, is_more=is_more)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([one("seconds", 2, 1, is_more=True)], "seconds"),
        (
            [one("transitions", 300, 100, is_more=True), one("seconds", 1.1, 1, is_more=False)],
            "transitions",
        ),
        (
            [one("transitions", 300, 100, is_more=True), one("seconds", 0.9, 1, is_more=False)],
            "seconds",
        ),
        (
            [one("transitions", 100, 100, is_more=False), one("seconds", 2, 1, is_more=True)],
            "seconds",
        ),
    ],
    ids=["seconds alone", "counters first", "not where it is quicker", "counters tell nothing"],
)
def test_a_counter_tells_before_seconds(found: list[Compared], expected: str) -> None:
    assert telling(found).measure == expected
