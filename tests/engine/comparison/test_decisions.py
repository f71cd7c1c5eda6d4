"""From runs here and there to a verdict: tables keyed by sentences."""

from typing import Any

import pytest

from reproducers.engine.comparison import decisions
from reproducers.engine.comparison.measures import Compared, Measure
from reproducers.engine.judge import Judgement
from reproducers.engine.verdicts import Symptom, Verdict

CLEAN = Judgement(verdict=Verdict.CLEAN, reason="It ended well.")
LATE = Judgement(verdict=Verdict.REPRODUCED, reason="It was not done.", symptom=Symptom.SLOW)
FAILED = Judgement(verdict=Verdict.DIFFERENT, reason="It raised ValueError.")

ONE, TWO = {"type": "int64", "value": 1}, {"type": "int64", "value": 2}


@pytest.mark.parametrize(
    ("own", "their", "verdict"),
    [
        pytest.param(LATE, CLEAN, Verdict.REPRODUCED, id="late here alone"),
        pytest.param(LATE, LATE, Verdict.DIFFERENT, id="late on both"),
        pytest.param(LATE, FAILED, Verdict.DIFFERENT, id="nothing to compare with"),
        pytest.param(FAILED, CLEAN, Verdict.DIFFERENT, id="failed here"),
        pytest.param(FAILED, FAILED, Verdict.DIFFERENT, id="failed on both"),
    ],
)
def test_a_run_that_does_not_end_well_decides(
    own: Judgement, their: Judgement, verdict: Verdict
) -> None:
    assert decisions.is_over([CLEAN, own], [CLEAN, their])
    assert decisions.unmeasured(own, their, there="2024.1.0").verdict is verdict


def test_runs_that_end_well_go_on() -> None:
    assert not decisions.is_over([CLEAN], [CLEAN])


def test_where_only_there_it_fails_a_clean_run_says_nothing() -> None:
    judgement = decisions.unmeasured(CLEAN, FAILED, there="2024.1.0")
    assert judgement == Judgement(
        verdict=Verdict.DIFFERENT,
        reason="On 2024.1.0 it cannot be measured: it raised ValueError.",
    )


@pytest.mark.parametrize(
    ("own", "again", "verdict", "reason"),
    [
        (ONE, ONE, Verdict.CLEAN, "Its result is that of 2024.1.0."),
        (
            TWO,
            ONE,
            Verdict.REPRODUCED,
            "Its result is not that of 2024.1.0: result.value is 2, not 1.",
        ),
        (
            TWO,
            TWO,
            Verdict.DIFFERENT,
            (
                "Its result differs from run to run on 2024.1.0, so that it cannot be compared; "
                "give what is random a seed."
            ),
        ),
        (
            TWO,
            None,
            Verdict.DIFFERENT,
            (
                "Its result differs from run to run on 2024.1.0, so that it cannot be compared; "
                "give what is random a seed."
            ),
        ),
    ],
    ids=["equal", "differs", "random", "not there again"],
)
def test_a_result_is_wrong_where_it_differs_from_a_steady_one(
    own: Any, again: Any, verdict: Verdict, reason: str
) -> None:
    judgement = decisions.on_result(own, ONE, again, there="2024.1.0")
    assert (judgement.verdict, judgement.reason) == (verdict, reason)
    is_hit = verdict is Verdict.REPRODUCED
    assert judgement.symptom == (Symptom.WRONG_RESULT if is_hit else None)
    assert judgement.named_by == ("result.value" if is_hit else "")


def test_another_order_is_named() -> None:
    own, their = ({"type": "list", "items": items} for items in ([ONE, TWO], [TWO, ONE]))
    judgement = decisions.on_result(own, their, their, there="V")
    assert judgement.reason == "Its result has the same rows as on V, in another order."


def test_without_a_result_there_is_no_evidence() -> None:
    judgement = decisions.no_result(FAILED, there="V")
    assert (judgement.verdict, judgement.reason) == (
        Verdict.DIFFERENT,
        "There is no result of V to compare with: it raised ValueError.",
    )


@pytest.mark.parametrize(
    ("measure", "ours", "theirs", "is_more", "reason"),
    [
        (
            "seconds", 2.0, 1.0, True,
            "It takes 2.0 s, 1.0 s on V; runs of one release differ by 10%.",
        ),
        (
            "seconds", 1.0, 1.0, False,
            "It takes no more: 1.0 s, 1.0 s on V; runs of one release differ by 10%.",
        ),
        (
            "transitions", 900.0, 100.0, True,
            "It takes 900 transitions, 100 on V; runs of one release differ by 10%.",
        ),
        (
            "memory", 2.0**30, 2.0**20, True,
            "It takes 1 GiB, 1 MiB on V; runs of one release differ by 10%.",
        ),
    ],
)  # fmt: skip
def test_a_measure_is_told_with_both_sides_and_the_noise(
    measure: Measure, ours: float, theirs: float, is_more: bool, reason: str
) -> None:
    found = Compared(measure=measure, ours=ours, theirs=theirs, noise=0.1, is_more=is_more)
    judgement = decisions.on_measure(found, Symptom.SLOW, there="V")
    verdict, symptom = (Verdict.REPRODUCED, Symptom.SLOW) if is_more else (Verdict.CLEAN, None)
    assert (judgement.verdict, judgement.symptom, judgement.reason) == (verdict, symptom, reason)


def test_growth_is_told_by_the_second() -> None:
    found = Compared(measure="growth", ours=2.0**23, theirs=0.0, noise=0.0, is_more=True)
    reason = decisions.on_measure(found, Symptom.MEMORY, there="V").reason
    assert reason == "It takes 8 MiB more a second, 0 B on V; runs of one release differ by 0%."


def samples(seconds: float, memory: float, **counters: float) -> list[dict[Measure, float]]:
    facts: dict[str, float] = {"seconds": seconds, "memory": memory, **counters}
    return [facts] * 5  # type: ignore[list-item]


def test_memory_is_measured_in_bytes_and_slowness_by_what_all_runs_have() -> None:
    ours, theirs = samples(3, 9e8, transitions=900, tasks=9), samples(3, 1e8, transitions=100)
    assert decisions.measured(Symptom.MEMORY, ours, theirs).measure == "memory"
    assert decisions.measured(Symptom.SLOW, ours, theirs).measure == "transitions"


def test_memory_that_grows_faster_tells_where_peaks_do_not() -> None:
    ours, theirs = samples(3, 1e8, growth=5e7), samples(3, 1e8, growth=1e5)
    assert decisions.measured(Symptom.MEMORY, ours, theirs).measure == "growth"
