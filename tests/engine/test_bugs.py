"""Real bugs of Dask, each shown on a release that has it and absent on one that has not."""

from pathlib import Path

import pytest

from reproducers.engine.prepare import make_job
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.script import read_script_file
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.builds import build

pytestmark = [pytest.mark.sandbox, pytest.mark.cluster, pytest.mark.index]

BUGS = Path(__file__).parent / "bugs"
OLD, NEW = "2022.12.1", "2026.8.0"


def run_on(name: str, dask: str) -> Report:
    job = make_job(read_script_file(BUGS / name), dask=dask, python="3.11")
    build(job.environment)
    return run_job(job, emit=lambda event: None, cancelled=lambda: False)


@pytest.mark.parametrize(
    ("name", "has_it", "has_it_not", "symptom", "exception", "owner"),
    [
        pytest.param(
            "groupby_cov.py", OLD, NEW, Symptom.EXCEPTION, "ValueError", "dask/dask",
            id="an exception in dask",
        ),
        pytest.param(
            "asarray_dtype.py", OLD, NEW, Symptom.WRONG_RESULT, "AssertionError", "unknown",
            id="a wrong result in dask",
        ),
        pytest.param(
            "exception_class_lost.py", OLD, NEW, Symptom.EXCEPTION, "Exception", "dask/distributed",
            id="an exception in distributed, since fixed",
        ),
        pytest.param(
            "map_large_keyword.py", NEW, OLD, Symptom.EXCEPTION, "Exception", "dask/distributed",
            id="an exception in distributed, since introduced",
        ),
    ],
)  # fmt: skip
def test_a_bug_shows_where_it_is_and_nowhere_else(
    name: str, has_it: str, has_it_not: str, symptom: Symptom, exception: str, owner: str
) -> None:
    bad, good = run_on(name, has_it), run_on(name, has_it_not)
    assert (bad.verdict, bad.symptom, bad.owner) == (Verdict.REPRODUCED, symptom, owner)
    assert bad.exception is not None
    assert bad.exception.type == exception
    assert (good.verdict, good.symptom, good.exception) == (Verdict.CLEAN, None, None)
