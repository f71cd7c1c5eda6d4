"""How memory went is kept in a bounded series, and how steeply it rose at last is told."""

from itertools import pairwise

import pytest

from reproducers.engine.sandbox.curve import POINTS, Curve, slope


def test_a_short_run_is_kept_whole() -> None:
    curve = Curve()
    for second in range(5):
        curve.add(second + 0.001, 10 * second)
    assert curve.points == tuple((float(second), 10 * second) for second in range(5))


def test_of_a_long_run_evenly_fewer_are_kept() -> None:
    curve = Curve()
    for second in range(10 * POINTS):
        curve.add(float(second), second)
    seconds = [second for second, _ in curve.points]
    assert POINTS / 2 <= len(seconds) <= POINTS
    steps = {later - one for one, later in pairwise(seconds)}
    assert steps == {seconds[1]}


def test_the_slope_is_that_of_the_later_half() -> None:
    points = [(float(x), 1000 if x < 20 else 1000 + 50 * (x - 20)) for x in range(40)]
    assert slope(points) == pytest.approx(50.0)


@pytest.mark.parametrize("points", [[], [(1.0, 2)] * 18, [(1.0, 2)] * 40])
def test_too_few_samples_have_no_slope(points: list[tuple[float, int]]) -> None:
    assert slope(points) is None
