"""The matrix gives all its cells at once and is done when each has its verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.plans.matrix import Cell, Matrix, reported_and_newest
from reproducers.engine.plans.plan import drive
from reproducers.engine.trials import Trial
from reproducers.engine.verdicts import Verdict

OLD, NEW = Trial(dask="2024.1.0"), Trial(dask="2026.7.1")


def test_all_cells_are_ready_at_once() -> None:
    assert reported_and_newest("2024.1.0", "2026.7.1").ready() == (OLD, NEW)


def test_the_newest_release_is_tried_once_where_it_is_the_reported_one() -> None:
    assert reported_and_newest("2026.7.1", "2026.7.1").ready() == (NEW,)


def test_what_is_recorded_is_no_longer_ready() -> None:
    matrix = Matrix([OLD, NEW])
    matrix.record(NEW, Verdict.CLEAN)
    assert (matrix.ready(), matrix.result()) == ((OLD,), None)


def test_a_verdict_on_another_trial_is_refused() -> None:
    with pytest.raises(ValueError, match="no cell"):
        Matrix([OLD]).record(NEW, Verdict.CLEAN)


def test_a_matrix_without_cells_is_done() -> None:
    assert drive(Matrix([]), lambda trial: Verdict.CLEAN) == ()


@given(st.dictionaries(st.integers(0, 99), st.sampled_from(Verdict)))
def test_every_cell_keeps_its_own_verdict_whatever_it_is(verdicts: dict[int, Verdict]) -> None:
    answers = {Trial(dask=f"2024.1.{patch}"): verdict for patch, verdict in verdicts.items()}
    assert drive(Matrix(answers), answers.__getitem__) == tuple(
        Cell(trial=trial, verdict=verdict) for trial, verdict in answers.items()
    )


class Stuck:
    """Wants nothing and knows nothing."""

    def ready(self) -> tuple[Trial, ...]:
        return ()

    def record(self, trial: Trial, verdict: Verdict) -> None:
        raise AssertionError

    def result(self) -> None:
        return None


def test_a_plan_that_is_stuck_is_no_endless_loop() -> None:
    with pytest.raises(ValueError, match="wants no trial"):
        drive(Stuck(), lambda trial: Verdict.CLEAN)
