"""Whole jobs whose tries find a sandbox ready: what they report, and what is done again cold."""

from pathlib import Path

import pytest

from reproducers.engine.job import ExpectedSymptom, Job
from reproducers.engine.report import Report, parse_report
from reproducers.engine.run import run_job
from reproducers.engine.verdicts import Symptom, Verdict
from reproducers.engine.warm import supply
from reproducers.engine.warm.sandbox import WarmSandbox
from tests.engine.warm.walled import Walled, job, ready

pytestmark = pytest.mark.sandbox

# It tells whether it waited: what it imports first was imported by another main module.
DASK = "import sys\nWAITED = 'warm' in getattr(sys.modules['__main__'], '__file__', '')\n"
ONLY_COLD = "import dask\nassert dask.WAITED\n"
ONLY_WARM = "import dask\nassert not dask.WAITED\n"


@pytest.fixture(autouse=True)
def roomy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries lie in a home of the test's own, and whatever else runs, memory is free."""
    monkeypatch.setattr(supply, "fits", lambda kind: True)


@pytest.fixture
def walled(tmp_path: Path) -> Walled:
    folder = tmp_path / "walled"
    folder.mkdir()
    return Walled(folder, {"dask": DASK})


def run(job: Job, walled: Walled, spare: WarmSandbox | None = None) -> Report:
    return run_job(
        job, emit=lambda event: None, cancelled=lambda: False, obtain=walled, spare=spare
    )


def told(report: Report) -> list[tuple[Verdict, bool]]:
    return [(one.verdict, one.warm) for one in report.tries]


def test_later_tries_are_warm_and_say_so(walled: Walled) -> None:
    report = run(job("import dask\nraise KeyError(1)", tries=3), walled)
    assert told(report) == [
        (Verdict.REPRODUCED, False),
        (Verdict.REPRODUCED, True),
        (Verdict.REPRODUCED, True),
    ]
    assert parse_report(report.to_json().encode()).tries == report.tries


def test_a_job_that_asks_for_it_is_cold_throughout(walled: Walled) -> None:
    report = run(job("import dask\nraise KeyError(1)", tries=2, cold=True), walled)
    assert told(report) == [(Verdict.REPRODUCED, False)] * 2


def test_a_warm_run_confirms(walled: Walled) -> None:
    script = f"{ONLY_WARM}raise KeyError"
    waiting = ready(walled.environment(), script)
    report = run(job("import dask\nraise KeyError(1)"), walled, spare=waiting)
    assert told(report) == [(Verdict.REPRODUCED, True)]


@pytest.mark.parametrize(
    ("script", "expected", "tries"),
    [
        (ONLY_COLD, ExpectedSymptom(kind=Symptom.CRASH), [(Verdict.DIFFERENT, False)]),
        ("", ExpectedSymptom(kind=Symptom.HANG), [(Verdict.CLEAN, False)]),
        ("", ExpectedSymptom(), [(Verdict.CLEAN, False)]),
        ("", ExpectedSymptom(kind=Symptom.EXCEPTION), [(Verdict.CLEAN, True)]),
    ],
    ids=["a crash", "a hang", "unstated", "an exception"],
)
def test_what_a_warm_run_may_have_missed_is_looked_for_again_cold(
    script: str, expected: ExpectedSymptom, tries: list[tuple[Verdict, bool]], walled: Walled
) -> None:
    waiting = ready(walled.environment(), script)
    assert told(run(job(script, expected=expected), walled, spare=waiting)) == tries


def test_one_that_died_while_it_waited_costs_nothing_but_a_cold_start(walled: Walled) -> None:
    waiting = ready(walled.environment())
    waiting._watch.launcher.kill()
    waiting._watch.launcher.wait()
    assert told(run(job("raise KeyError(1)"), walled, spare=waiting)) == [
        (Verdict.REPRODUCED, False)
    ]


def test_one_that_is_unfit_after_all_costs_nothing_but_a_cold_start(walled: Walled) -> None:
    waiting = ready(walled.environment())
    script = "import os\nos.remove('/output/started.json')\nos._exit(118)"
    report = run(job(script), walled, spare=waiting)
    assert [one.warm for one in report.tries] == [False]


def test_nothing_is_left_of_a_job(walled: Walled, home: Path) -> None:
    run(job("raise KeyError(1)", tries=2), walled)
    assert [left for left in (home / "tries").iterdir() if left.is_dir()] == []
