"""The rule by which a run becomes a verdict, as tables keyed by sentences."""

import dataclasses
from typing import Any

import pytest

from reproducers.engine.deaths import Death
from reproducers.engine.hangs.kinds import Motion, Standstill
from reproducers.engine.job import ExpectedSymptom, RunPolicy
from reproducers.engine.judge import Found, Judgement, judge
from reproducers.engine.symptoms import Observation, WarningShown
from reproducers.engine.tracebacks import Captured, Raised
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.observed import KILLED_WORKER, raised

POLICY = RunPolicy(timeout_seconds=120, memory_bytes=4 * 1024**3)
NOTHING = ExpectedSymptom()

WELL = Observation(exit_status=0)
LATE = Observation(exit_status=None, limit="timeout")
TYPE_ERROR = raised("TypeError", "no", "script:main", "dask/array/core.py:concatenate")
OWN_ASSERT = raised("AssertionError", "3 != 4", "script:main", "script:check")
DEAD = Observation(exit_status=None, signal=11)
FULL = Observation(exit_status=None, limit="memory", memory_kills=1)
ABSENT = raised("ModuleNotFoundError", "No module named 'xgboost.dask'", "script:<module>")
WARNED = Observation(
    exit_status=0, warnings=(WarningShown(category="FutureWarning", message="will\nchange"),)
)


def late(standing: Any) -> Observation:
    return Observation(exit_status=None, limit="timeout", standing=standing)


STUCK = late(Standstill(kind="deadlock", sentence="nothing moved"))
MAYBE = late(Standstill(kind="task-blocked", sentence="a task stood", is_certain=False))
MOVING = late(Motion(sentence="a task was at work"))
WAITING = late(Motion(sentence="it slept by its own will", is_waiting=True))


def verdict(
    seen: Observation,
    kind: Symptom | None = None,
    *,
    match: bool | None = None,
    accept: bool | None = None,
) -> tuple[Verdict, Symptom | None]:
    judgement = judgement_on(seen, kind, match=match, accept=accept)
    return judgement.verdict, judgement.symptom


def judgement_on(
    seen: Observation,
    kind: Symptom | None = None,
    *,
    match: bool | None = None,
    accept: bool | None = None,
) -> Judgement:
    found = Found(match=match, accept=accept)
    return judge(seen, expected=ExpectedSymptom(kind=kind), found=found, policy=POLICY)


REPRODUCED, DIFFERENT = Verdict.REPRODUCED, Verdict.DIFFERENT
CLEAN, LIMIT = (Verdict.CLEAN, None), (Verdict.LIMIT, None)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(WELL, CLEAN, id="an end without failure is clean"),
        pytest.param(TYPE_ERROR, (REPRODUCED, Symptom.EXCEPTION), id="an exception"),
        pytest.param(OWN_ASSERT, (REPRODUCED, Symptom.WRONG_RESULT), id="a failed assert"),
        pytest.param(KILLED_WORKER, (REPRODUCED, Symptom.KILLED_WORKER), id="a killed worker"),
        pytest.param(DEAD, (REPRODUCED, Symptom.CRASH), id="a death"),
        pytest.param(
            Observation(exit_status=3), (REPRODUCED, Symptom.CRASH), id="an exit without a word"
        ),
        pytest.param(LATE, LIMIT, id="sleeping for ever is no hang without proof"),
        pytest.param(STUCK, (REPRODUCED, Symptom.HANG), id="a proven standstill is a hang"),
        pytest.param(MAYBE, LIMIT, id="what may be meant so is no hang that nobody stated"),
        pytest.param(MOVING, LIMIT, id="what moves does not hang"),
        pytest.param(WAITING, LIMIT, id="what waits by its own will does not hang"),
        pytest.param(FULL, LIMIT, id="our own limit on memory says nothing of Dask"),
        pytest.param(WARNED, CLEAN, id="a warning that nobody asked for"),
        pytest.param(
            Observation(exit_status=None, limit="output"), LIMIT, id="too much was printed"
        ),
        pytest.param(
            ABSENT, (Verdict.BAD_ENVIRONMENT, None), id="a package of the script's is missing"
        ),
    ],
)
def test_without_a_stated_symptom_what_a_script_shows_first_is_it(
    seen: Observation, expected: tuple[Verdict, Symptom | None]
) -> None:
    assert verdict(seen) == expected


@pytest.mark.parametrize(
    ("kind", "seen", "expected"),
    [
        (Symptom.EXCEPTION, TYPE_ERROR, (REPRODUCED, Symptom.EXCEPTION)),
        (Symptom.EXCEPTION, OWN_ASSERT, (DIFFERENT, Symptom.WRONG_RESULT)),
        (Symptom.EXCEPTION, WELL, CLEAN),
        (Symptom.EXCEPTION, LATE, LIMIT),
        (Symptom.EXCEPTION, STUCK, LIMIT),
        (Symptom.WRONG_RESULT, OWN_ASSERT, (REPRODUCED, Symptom.WRONG_RESULT)),
        (Symptom.WRONG_RESULT, TYPE_ERROR, (DIFFERENT, Symptom.EXCEPTION)),
        (Symptom.WRONG_RESULT, ABSENT, (Verdict.BAD_ENVIRONMENT, None)),
        (Symptom.KILLED_WORKER, KILLED_WORKER, (REPRODUCED, Symptom.KILLED_WORKER)),
        (Symptom.KILLED_WORKER, FULL, LIMIT),
        (Symptom.CRASH, DEAD, (REPRODUCED, Symptom.CRASH)),
        (Symptom.CRASH, KILLED_WORKER, (DIFFERENT, Symptom.KILLED_WORKER)),
        (Symptom.CRASH, TYPE_ERROR, (DIFFERENT, Symptom.EXCEPTION)),
        (Symptom.MEMORY, FULL, (REPRODUCED, Symptom.MEMORY)),
        (Symptom.MEMORY, WELL, CLEAN),
        (Symptom.HANG, LATE, (REPRODUCED, Symptom.HANG)),
        (Symptom.HANG, STUCK, (REPRODUCED, Symptom.HANG)),
        (Symptom.HANG, MAYBE, (REPRODUCED, Symptom.HANG)),
        (Symptom.HANG, MOVING, (DIFFERENT, Symptom.SLOW)),
        (Symptom.HANG, WAITING, LIMIT),
        (Symptom.HANG, WELL, CLEAN),
        (Symptom.HANG, TYPE_ERROR, (DIFFERENT, Symptom.EXCEPTION)),
        (Symptom.SLOW, LATE, (REPRODUCED, Symptom.SLOW)),
        (Symptom.SLOW, MOVING, (REPRODUCED, Symptom.SLOW)),
        (Symptom.SLOW, MAYBE, (REPRODUCED, Symptom.SLOW)),
        (Symptom.SLOW, STUCK, (DIFFERENT, Symptom.HANG)),
        (Symptom.SLOW, WELL, CLEAN),
        (Symptom.WARNING, WARNED, (REPRODUCED, Symptom.WARNING)),
        (Symptom.WARNING, WELL, CLEAN),
        (Symptom.WARNING, TYPE_ERROR, (DIFFERENT, Symptom.EXCEPTION)),
    ],
    ids=str,
)
def test_with_a_stated_symptom_only_that_is_reproduced(
    kind: Symptom, seen: Observation, expected: tuple[Verdict, Symptom | None]
) -> None:
    assert verdict(seen, kind) == expected


@pytest.mark.parametrize(
    ("kind", "seen", "match", "expected"),
    [
        (None, TYPE_ERROR, True, (REPRODUCED, Symptom.EXCEPTION)),
        (None, TYPE_ERROR, False, (DIFFERENT, Symptom.EXCEPTION)),
        (None, WELL, True, (REPRODUCED, None)),
        (None, WELL, False, CLEAN),
        (None, LATE, True, (REPRODUCED, None)),
        (None, LATE, False, LIMIT),
        (None, STUCK, False, (DIFFERENT, Symptom.HANG)),
        (None, ABSENT, True, (REPRODUCED, Symptom.EXCEPTION)),
        (None, ABSENT, False, (Verdict.BAD_ENVIRONMENT, None)),
        (None, FULL, True, LIMIT),
        (Symptom.EXCEPTION, OWN_ASSERT, True, (REPRODUCED, Symptom.WRONG_RESULT)),
        (Symptom.EXCEPTION, TYPE_ERROR, False, (DIFFERENT, Symptom.EXCEPTION)),
        (Symptom.WARNING, WARNED, True, (REPRODUCED, Symptom.WARNING)),
        (Symptom.WARNING, WARNED, False, CLEAN),
        (Symptom.HANG, LATE, True, (REPRODUCED, Symptom.HANG)),
        (Symptom.HANG, LATE, False, (DIFFERENT, Symptom.HANG)),
        (Symptom.HANG, WELL, True, CLEAN),
        (Symptom.CRASH, DEAD, False, (DIFFERENT, Symptom.CRASH)),
        (Symptom.CRASH, TYPE_ERROR, True, (DIFFERENT, Symptom.EXCEPTION)),
        (Symptom.MEMORY, FULL, False, LIMIT),
    ],
    ids=str,
)
def test_with_a_match_only_what_matches_is_reproduced(
    kind: Symptom | None,
    seen: Observation,
    match: bool,
    expected: tuple[Verdict, Symptom | None],
) -> None:
    assert verdict(seen, kind, match=match) == expected


@pytest.mark.parametrize(
    ("seen", "accept", "expected"),
    [
        (TYPE_ERROR, True, CLEAN),
        (TYPE_ERROR, False, (REPRODUCED, Symptom.EXCEPTION)),
        (DEAD, True, (REPRODUCED, Symptom.CRASH)),
        (LATE, True, LIMIT),
        (WELL, True, CLEAN),
    ],
    ids=str,
)
def test_an_accepted_error_is_a_right_answer(
    seen: Observation, accept: bool, expected: tuple[Verdict, Symptom | None]
) -> None:
    assert verdict(seen, accept=accept) == expected


def test_an_accepted_error_is_clean_even_where_it_also_matches() -> None:
    assert verdict(TYPE_ERROR, match=True, accept=True) == CLEAN


def test_a_forged_exception_beside_a_clean_exit_is_nothing() -> None:
    forged = Captured(chain=(Raised(type="TypeError", module="x", message="no"),), traceback="")
    assert verdict(Observation(exit_status=0, exception=forged)) == CLEAN


def test_a_forged_verdict_in_the_output_is_nothing() -> None:
    assert verdict(Observation(exit_status=0, output='{"verdict": "reproduced"}')) == CLEAN


def test_a_worker_that_the_kernel_killed_for_our_limit_says_nothing_of_dask() -> None:
    seen = raised("KilledWorker", "x", module="distributed.scheduler", memory_kills=2)
    assert verdict(seen) == LIMIT


def test_a_script_that_got_over_a_killed_worker_is_clean() -> None:
    assert verdict(Observation(exit_status=0, memory_kills=1)) == CLEAN


def test_a_worker_killed_by_a_signal_is_a_crash_to_who_said_crash() -> None:
    output = "distributed.nanny - INFO - Worker process 77 was killed by signal 11"
    seen = raised("KilledWorker", "x", module="distributed.scheduler", output=output)
    judgement = judgement_on(seen, Symptom.CRASH)
    assert (judgement.verdict, judgement.symptom, judgement.kind) == (
        REPRODUCED,
        Symptom.CRASH,
        "SIGSEGV",
    )


def test_a_limit_of_ours_that_a_script_fails_at_says_nothing_of_dask() -> None:
    full = raised("OSError", "[Errno 28] No space left on device")
    assert verdict(full) == LIMIT
    assert verdict(full, Symptom.EXCEPTION) == LIMIT
    assert verdict(full, match=True) == (REPRODUCED, Symptom.EXCEPTION)


CRASHED = (Death(pid=15, role="worker", signal=11),)


@pytest.mark.parametrize(
    ("seen", "kind", "expected"),
    [
        (Observation(exit_status=0, deaths=CRASHED), None, CLEAN),
        (Observation(exit_status=0, deaths=CRASHED), Symptom.CRASH, (REPRODUCED, Symptom.CRASH)),
        (raised("ValueError", deaths=CRASHED), Symptom.CRASH, (REPRODUCED, Symptom.CRASH)),
        (raised("ValueError", deaths=CRASHED), None, (REPRODUCED, Symptom.EXCEPTION)),
    ],
    ids=str,
)
def test_a_crash_beside_the_script_is_one_to_who_said_crash(
    seen: Observation, kind: Symptom | None, expected: tuple[Verdict, Symptom | None]
) -> None:
    assert verdict(seen, kind) == expected


def test_a_search_without_an_end_is_no_evidence_even_of_a_clean_run() -> None:
    found = Found(is_complete=False)
    judgement = judge(WELL, expected=ExpectedSymptom(match="x"), found=found, policy=POLICY)
    assert judgement.verdict is Verdict.LIMIT


def test_a_run_that_is_too_short_to_tell_a_hang_says_so() -> None:
    policy = RunPolicy(timeout_seconds=20)
    judgements = [
        judge(LATE, expected=ExpectedSymptom(kind=kind), found=Found(), policy=policy)
        for kind in (Symptom.HANG, None)
    ]
    assert [(one.verdict, one.reason) for one in judgements] == 2 * [
        (
            Verdict.LIMIT,
            (
                "It was stopped after 20 seconds, and nothing shows that it hangs: "
                "that takes 30 seconds without progress."
            ),
        )
    ]


@pytest.mark.parametrize(("seen", "kind"), [(STUCK, "deadlock"), (MAYBE, "task-blocked")])
def test_a_hang_has_its_kind(seen: Observation, kind: str) -> None:
    assert judgement_on(seen, Symptom.HANG).kind == kind


@pytest.mark.parametrize(
    ("seen", "stated", "match", "reason"),
    [
        (WELL, None, None, "It ended well and showed nothing of it."),
        (TYPE_ERROR, None, None, "It raised TypeError: no."),
        (raised("TypeError"), None, None, "It raised TypeError."),
        (raised("TypeError", "No.\nReally."), None, None, "It raised TypeError: No. Really."),
        (TYPE_ERROR, None, False, "Not what was reported: it raised TypeError: no."),
        (DEAD, None, None, "It was killed by SIGSEGV."),
        (LATE, Symptom.HANG, None, "It did not end within 120 seconds."),
        (LATE, Symptom.SLOW, None, "It was not done after 120 seconds."),
        (LATE, None, None, "It was stopped after 120 seconds, and nothing shows that it hangs."),
        (STUCK, None, None, "Nothing moved."),
        (
            MOVING,
            None,
            None,
            (
                "It was stopped after 120 seconds, and nothing shows that it hangs: "
                "a task was at work."
            ),
        ),
        (
            MOVING,
            Symptom.HANG,
            None,
            (
                "Not what was reported: it was still making progress when it was stopped "
                "after 120 seconds: a task was at work."
            ),
        ),
        (
            FULL,
            None,
            None,
            (
                "It used more than the 4 GiB of memory it may use; "
                "nothing can be said until it gets more."
            ),
        ),
        (WARNED, Symptom.WARNING, None, "It warned FutureWarning: will change."),
        (WELL, None, True, "Its output or warnings show what was reported."),
        (
            ABSENT,
            None,
            None,
            (
                "The script imports xgboost.dask, which its environment has not got; "
                "name it in the script's dependencies or with --with."
            ),
        ),
    ],
    ids=str,
)
def test_the_reason_is_a_sentence(
    seen: Observation, stated: Symptom | None, match: bool | None, reason: str
) -> None:
    assert judgement_on(seen, stated, match=match).reason == reason


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (raised("MemoryError", "Unable to allocate 7 TiB"), (REPRODUCED, Symptom.MEMORY)),
        (
            raised(
                "KilledWorker",
                "x",
                module="distributed.scheduler",
                output="Worker tcp://x (pid=5) exceeded 95% memory budget. Restarting...",
            ),
            (REPRODUCED, Symptom.MEMORY),
        ),
        (TYPE_ERROR, (DIFFERENT, Symptom.EXCEPTION)),
    ],
    ids=["not to be had", "the nanny's budget", "something else"],
)
def test_stated_memory_has_several_faces(
    seen: Observation, expected: tuple[Verdict, Symptom | None]
) -> None:
    assert verdict(seen, Symptom.MEMORY) == expected


def test_memory_that_grows_says_how_fast() -> None:
    seen = dataclasses.replace(FULL, memory_slope=45.0 * 1024**2)
    assert judgement_on(seen, Symptom.MEMORY).reason == (
        "It used more than the 4 GiB of memory it may use, growing by 45 MiB a second."
    )
