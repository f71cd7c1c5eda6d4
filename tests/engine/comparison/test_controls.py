"""Comparisons as they are run: real processes, where a variable stands for the release."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.comparison import controls
from reproducers.engine.environments import Environment, EnvironmentRefused
from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom
from reproducers.engine.judge import Judgement
from reproducers.engine.report import Against, Difference, Report, parse_report
from reproducers.engine.reporting import Judged
from reproducers.engine.run import run_job
from reproducers.engine.sandbox.policy import SandboxOutcome
from reproducers.engine.symptoms import Observation
from reproducers.engine.trial_run import Attempt
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.unsandboxed import OwnPython, job

pytestmark = pytest.mark.usefixtures("home")

RELEASE = "import os\nnew = os.environ['RELEASE'] == '2.0'\n"
GOOD = Against(
    dask="1.0", verdict=Verdict.CLEAN, reason="It ended well and showed nothing of it.", runs=1
)


class Releases(OwnPython):
    """This interpreter, told which release it is."""

    def __call__(self, spec: EnvironmentSpec, **rest: Any) -> Environment:
        if spec.dask == "0.0":
            raise EnvironmentRefused(Verdict.UNSATISFIABLE, "Nothing fits.", "")
        environment = super().__call__(spec, **rest)
        variables = {**environment.variables, "RELEASE": str(spec.dask)}
        return dataclasses.replace(environment, variables=variables)


def run(
    script: str,
    folder: Path,
    *,
    kind: Symptom | None = None,
    against: str | None = "1.0",
    notes: list[str] | None = None,
    **facts: Any,
) -> Report:
    described = job(
        RELEASE + script,
        environment=EnvironmentSpec(dask="2.0"),
        expected=ExpectedSymptom(kind=kind),
        against=against,
        **facts,
    )
    said = [] if notes is None else notes
    return run_job(
        described,
        emit=lambda event: said.append(event.note),
        cancelled=lambda: False,
        obtain=Releases(folder),
    )


@pytest.mark.parametrize("kind", [None, Symptom.WRONG_RESULT])
def test_a_result_that_differs_from_another_releases_is_wrong(
    tmp_path: Path, kind: Symptom | None
) -> None:
    report = run("result = [1, 2 if new else 3]", tmp_path, kind=kind)
    assert (report.verdict, report.symptom, report.owner) == (
        Verdict.REPRODUCED,
        Symptom.WRONG_RESULT,
        "unknown",
    )
    assert report.reason == "Its result is not that of 1.0: result.items[1].value is 2, not 3."
    assert report.against == dataclasses.replace(
        GOOD,
        runs=2,
        measure="result",
        differences=(Difference(place="result.items[1].value", ours="2", theirs="3"),),
    )
    assert parse_report(report.to_json().encode()) == report


def test_two_wrong_results_have_names_of_their_own(tmp_path: Path) -> None:
    one = run("result = new", tmp_path)
    other = run("result = [new]", tmp_path)
    assert len({one.fingerprint, other.fingerprint, None}) == 3


def test_an_equal_result_is_clean_and_says_so(tmp_path: Path) -> None:
    report = run("result = (1, 'x', {3.5})", tmp_path)
    assert (report.verdict, report.reason) == (Verdict.CLEAN, "Its result is that of 1.0.")
    assert report.against == dataclasses.replace(GOOD, measure="result")


def test_a_random_result_is_no_evidence(tmp_path: Path) -> None:
    report = run("import random\nresult = random.random()", tmp_path)
    assert (report.verdict, report.symptom) == (Verdict.DIFFERENT, None)
    assert "give what is random a seed" in report.reason


def test_each_try_is_compared(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    script = f"""
import pathlib
counter = pathlib.Path({str(counter)!r})
count = int(counter.read_text()) if counter.exists() else 0
counter.write_text(str(count + new))
result = count if new and count == 1 else 7
"""
    report = run(script, tmp_path, tries=3)
    assert [one.verdict for one in report.tries] == [
        Verdict.CLEAN,
        Verdict.REPRODUCED,
        Verdict.CLEAN,
    ]


def test_a_feature_that_the_other_release_lacks_is_no_evidence(tmp_path: Path) -> None:
    report = run("assert new or 1 / 0\nresult = 1", tmp_path)
    assert (report.verdict, report.reason) == (
        Verdict.DIFFERENT,
        "There is no result of 1.0 to compare with: it raised ZeroDivisionError: division by zero.",
    )


def test_a_script_that_fails_by_itself_is_judged_by_that(tmp_path: Path) -> None:
    report = run("result = 1\nassert not new", tmp_path)
    assert (report.verdict, report.symptom) == (Verdict.REPRODUCED, Symptom.WRONG_RESULT)
    assert report.against == GOOD


def test_a_script_without_a_result_says_that_none_was_compared(tmp_path: Path) -> None:
    report = run("pass", tmp_path, kind=Symptom.WRONG_RESULT)
    assert report.verdict is Verdict.CLEAN
    assert report.notes[-1] == "The script leaves no value in `result`, so that none was compared."


def test_of_other_symptoms_it_is_told_whether_the_other_release_has_them(tmp_path: Path) -> None:
    report = run("1 / 0\nresult = 1", tmp_path, kind=Symptom.EXCEPTION)
    assert report.verdict is Verdict.REPRODUCED
    assert report.against == Against(
        dask="1.0",
        verdict=Verdict.REPRODUCED,
        reason="It raised ZeroDivisionError: division by zero.",
        runs=1,
    )


def test_a_release_that_cannot_be_had_is_a_verdict(tmp_path: Path) -> None:
    report = run("pass", tmp_path, against="0.0")
    assert (report.verdict, report.against) == (Verdict.UNSATISFIABLE, None)


def test_without_a_release_a_stated_wrong_result_is_compared_with_one_thread(
    tmp_path: Path,
) -> None:
    notes: list[str] = []
    report = run("result = 1", tmp_path, kind=Symptom.WRONG_RESULT, against=None, notes=notes)
    assert (report.verdict, report.reason) == (
        Verdict.CLEAN,
        "Its result is that of the synchronous scheduler.",
    )
    assert report.against == dataclasses.replace(GOOD, dask=None, measure="result")
    assert "to compare, in one thread" in notes


@pytest.mark.parametrize(
    ("script", "kind"),
    [("result = 1", None), ("pass", Symptom.WRONG_RESULT), ("1 / 0", Symptom.WRONG_RESULT)],
)
def test_nothing_else_is_compared_with_one_thread(
    tmp_path: Path, script: str, kind: Symptom | None
) -> None:
    assert run(script, tmp_path, kind=kind, against=None).against is None


def test_a_slower_release_is_slow(tmp_path: Path) -> None:
    script = "import time\ntime.sleep(1.5 if new else 0.01)"
    report = run(script, tmp_path, kind=Symptom.SLOW)
    assert (report.verdict, report.symptom, report.runs) == (Verdict.REPRODUCED, Symptom.SLOW, 5)
    assert report.against is not None
    assert (report.against.measure, report.against.runs) == ("seconds", 5)
    assert report.against.ratio is not None
    assert report.against.ratio > 2


def test_a_release_that_runs_out_of_time_alone_is_slow_at_once(tmp_path: Path) -> None:
    script = "import time\ntime.sleep(60 if new else 0)"
    report = run(script, tmp_path, kind=Symptom.SLOW, policy={"timeout_seconds": 2.0})
    assert (report.verdict, report.symptom, report.runs) == (Verdict.REPRODUCED, Symptom.SLOW, 1)
    assert report.against == GOOD


def test_more_memory_than_another_release_is_memory(tmp_path: Path) -> None:
    script = "import time\nheld = bytearray(b'x') * ((300 if new else 1) * 2**20)\ntime.sleep(0.4)"
    report = run(script, tmp_path, kind=Symptom.MEMORY)
    assert (report.verdict, report.symptom, report.runs) == (Verdict.REPRODUCED, Symptom.MEMORY, 3)
    assert report.against is not None
    assert report.against.measure == "memory"


@pytest.mark.parametrize(("slope", "growth"), [(None, None), (5e6, 5e6), (-5e6, 0.0)])
def test_memory_that_grows_is_sampled_where_it_was_seen_for_long_enough(
    slope: float | None, growth: float | None
) -> None:
    outcome = SandboxOutcome(
        exit_status=0, signal=None, limit=None, seconds=3.0, peak_memory_bytes=7,
        memory_kills=0, limits="weak", stdout=b"", stderr=b"",
    )  # fmt: skip
    made = Attempt(
        outcome=outcome,
        observation=Observation(exit_status=0, memory_slope=slope),
        seconds=3.0,
        start_seconds=1.0,
        has_started=True,
    )
    judgement = Judgement(verdict=Verdict.CLEAN, reason="")
    sample = controls._sample(Judged(attempt=made, judgement=judgement))
    assert sample.pop("growth", None) == growth
    assert sample == {"seconds": 2.0, "memory": 7.0}
