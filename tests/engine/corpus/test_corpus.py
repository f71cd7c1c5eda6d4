"""Every case of the corpus gets the right verdict, symptom and owner, put as its reporter would."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.verdicts import Verdict
from tests.engine.builds import build
from tests.engine.corpus.cases import FOLDER, OWNED, Case, cases

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.cluster,
    pytest.mark.index,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/corpus is not there"),
]

SIDE_BY_SIDE = 2
QUICK = {"config-env-true", "take-from-huge-axis", "to-array-lengths-single"}
CASES = {case.id: case for case in cases()}
LONG = [name for name, case in CASES.items() if case.name not in QUICK]


def run(case: Case) -> Report:
    build(case.environment)
    return run_job(case.job, emit=lambda event: None, cancelled=lambda: False)


def check(case: Case, report: Report) -> None:
    """Whether the report says what was observed without us."""
    if not case.is_bad:
        assert (report.verdict, report.symptom) == (Verdict.CLEAN, None), report.reason
        return
    assert (report.verdict, report.symptom) == (Verdict.REPRODUCED, case.symptom), report.reason
    if case.truth["kind"] in OWNED:
        assert (report.owner, report.owner_from) == (case.truth["repo"], "frames")
    if case.truth["kind"] == "flaky":
        assert 0 < report.hits < report.runs


@pytest.mark.parametrize("name", [name for name in CASES if name not in LONG])
def test_a_quick_case_is_judged_as_it_was_observed(name: str) -> None:
    check(CASES[name], run(CASES[name]))


@pytest.fixture(scope="module")
def reports() -> Iterator[dict[str, Future[Report]]]:
    """All long cases, at work side by side from the first one that is asked for; hangs first."""
    order = sorted(LONG, key=lambda name: CASES[name].truth["kind"] not in ("hang", "slow"))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {name: pool.submit(run, CASES[name]) for name in order}
        pool.shutdown(cancel_futures=True)


@pytest.mark.soak
@pytest.mark.parametrize("name", LONG)
def test_a_case_is_judged_as_it_was_observed(name: str, reports: dict[str, Future[Report]]) -> None:
    check(CASES[name], reports[name].result())
