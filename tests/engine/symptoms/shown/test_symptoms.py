"""Every symptom is told on the oldest release, one in the middle and the newest."""

from pathlib import Path
from typing import NamedTuple

import pytest

from reproducers.engine.prepare import make_job
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.script import read_script_file
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.builds import build

pytestmark = [pytest.mark.sandbox, pytest.mark.cluster, pytest.mark.index]

SCRIPTS = Path(__file__).parent / "scripts"
OLDEST, MIDDLE, NEWEST = "2022.12.1", "2024.2.1", "2026.8.0"


class Told(NamedTuple):
    """What a report has to say."""

    verdict: Verdict
    symptom: Symptom | None
    kind: str | None = None
    owner: str = "unknown"


def hit(symptom: Symptom, kind: str | None = None, owner: str = "unknown") -> Told:
    return Told(Verdict.REPRODUCED, symptom, kind, owner)


TOLD = {
    "exception": hit(Symptom.EXCEPTION, owner="dask/distributed"),
    "wrong_result": hit(Symptom.WRONG_RESULT),
    "wrong_in_threads": hit(Symptom.WRONG_RESULT),
    "right_in_threads": Told(Verdict.CLEAN, None),
    "memory": hit(Symptom.MEMORY),
    "crash": hit(Symptom.CRASH, "SIGSEGV", "dask/dask"),
    "slow": hit(Symptom.SLOW),
    "warning": hit(Symptom.WARNING),
    "no_warning": Told(Verdict.CLEAN, None),
}
SAMPLE = {
    ("exception", MIDDLE),
    ("wrong_in_threads", OLDEST),
    ("right_in_threads", NEWEST),
    ("crash", NEWEST),
    ("warning", MIDDLE),
}


def run(name: str, dask: str, *, against: str | None = None, kind: Symptom | None = None) -> Report:
    script = read_script_file(SCRIPTS / f"{name}.py")
    job = make_job(script, dask=dask, python="3.11", against=against, symptom=kind)
    for release in filter(None, (dask, against)):
        build(make_job(script, dask=release, python="3.11").environment)
    return run_job(job, emit=lambda event: None, cancelled=lambda: False)


def told(report: Report) -> Told:
    return Told(report.verdict, report.symptom, report.kind, report.owner)


@pytest.mark.parametrize(
    ("name", "dask"),
    [
        pytest.param(name, dask, marks=() if (name, dask) in SAMPLE else pytest.mark.soak)
        for name in TOLD
        for dask in (OLDEST, MIDDLE, NEWEST)
    ],
)
def test_a_symptom_is_told_on_every_release(name: str, dask: str) -> None:
    report = run(name, dask)
    assert told(report) == TOLD[name], report.reason


def test_a_result_is_compared_with_that_of_another_release() -> None:
    report = run("by_release", MIDDLE, against=OLDEST)
    assert told(report) == hit(Symptom.WRONG_RESULT), report.reason
    assert (
        report.reason
        == "Its result is not that of 2022.12.1: result.items.'new'.value is True, not False."
    )
    assert report.against is not None
    assert (report.against.dask, report.against.verdict) == (OLDEST, Verdict.CLEAN)


@pytest.mark.parametrize("dask", [OLDEST, NEWEST])
def test_a_table_with_many_spellings_is_the_same_on_all_releases(dask: str) -> None:
    report = run("right_in_threads", dask, against=MIDDLE)
    assert report.reason == f"Its result is that of {MIDDLE}."


@pytest.mark.soak
@pytest.mark.parametrize(
    ("kind", "measure"), [(Symptom.SLOW, "seconds"), (Symptom.MEMORY, "memory")]
)
def test_what_a_release_costs_is_compared_with_another(kind: Symptom, measure: str) -> None:
    worse, same = (
        run("by_release", dask, against=against, kind=kind)
        for dask, against in ((MIDDLE, OLDEST), (MIDDLE, MIDDLE))
    )
    assert told(worse) == hit(kind), worse.reason
    assert worse.against is not None
    assert worse.against.measure == measure
    assert told(same) == Told(Verdict.CLEAN, None), same.reason
