"""Which verdicts a warm run may give, as tables."""

import pytest

from reproducers.engine.job import ExpectedSymptom
from reproducers.engine.verdicts import Symptom, Verdict
from reproducers.engine.warm.rules import (
    is_repeated_cold,
    is_worth_waiting,
    may_show_at_the_start,
)


def expecting(kind: Symptom | None = None, match: str | None = None) -> ExpectedSymptom:
    return ExpectedSymptom(kind=kind, match=match)


@pytest.mark.parametrize("expected", [expecting(), *map(expecting, Symptom)])
def test_a_warm_run_may_confirm_whatever_it_is(expected: ExpectedSymptom) -> None:
    assert not is_repeated_cold(Verdict.REPRODUCED, expected, had_cold=False)
    assert is_worth_waiting(Verdict.REPRODUCED, expected)


@pytest.mark.parametrize(
    ("expected", "repeated"),
    [
        (expecting(Symptom.HANG), True),
        (expecting(Symptom.MEMORY), True),
        (expecting(Symptom.CRASH), True),
        (expecting(Symptom.KILLED_WORKER), True),
        (expecting(Symptom.EXCEPTION), False),
        (expecting(Symptom.WRONG_RESULT), False),
        (expecting(Symptom.EXCEPTION, "KeyError"), False),
        (expecting(Symptom.EXCEPTION, "ImportError: cannot import name"), True),
        (expecting(Symptom.EXCEPTION, "Timed out trying to connect"), True),
        (expecting(None, "Nanny failed to start"), True),
        (expecting(None, "shapes do not fit"), False),
    ],
)
def test_a_clean_run_counts_warm_only_where_nothing_shows_at_the_start(
    expected: ExpectedSymptom, repeated: bool
) -> None:
    assert may_show_at_the_start(expected) is repeated
    assert is_repeated_cold(Verdict.CLEAN, expected, had_cold=True) is repeated
    assert is_worth_waiting(Verdict.CLEAN, expected) is not repeated


def test_clean_of_something_unstated_needs_one_cold_run() -> None:
    assert is_repeated_cold(Verdict.CLEAN, expecting(), had_cold=False)
    assert not is_repeated_cold(Verdict.CLEAN, expecting(), had_cold=True)


@pytest.mark.parametrize("verdict", [Verdict.DIFFERENT, Verdict.BAD_ENVIRONMENT])
def test_an_answer_that_is_no_evidence_is_asked_for_again_cold(verdict: Verdict) -> None:
    assert is_repeated_cold(verdict, expecting(Symptom.EXCEPTION), had_cold=True)
    assert not is_worth_waiting(verdict, expecting(Symptom.EXCEPTION))


def test_a_limit_is_the_same_warm_and_cold() -> None:
    assert not is_repeated_cold(Verdict.LIMIT, expecting(), had_cold=False)
