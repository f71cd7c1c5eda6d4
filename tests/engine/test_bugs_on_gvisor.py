"""The same bugs in the other sandbox: the same verdict, and the same fingerprint."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from reproducers.engine.prepare import make_job
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.script import read_script_file
from reproducers.engine.verdicts import Verdict
from tests.engine.builds import build

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.cluster,
    pytest.mark.index,
    pytest.mark.skipif(shutil.which("runsc") is None, reason="gVisor is not installed"),
]

BUGS = Path(__file__).parent / "bugs"


def run_in_both(name: str) -> tuple[Report, Report]:
    job = make_job(read_script_file(BUGS / name), dask="2022.12.1", python="3.11")
    build(job.environment)
    on_gvisor = dataclasses.replace(job.policy, isolation="gvisor")
    first, second = (
        run_job(
            dataclasses.replace(job, policy=policy),
            emit=lambda event: None,
            cancelled=lambda: False,
        )
        for policy in (job.policy, on_gvisor)
    )
    return first, second


@pytest.mark.parametrize(
    "name",
    [
        "asarray_dtype.py",
        # A scheduler and two workers below their nannies.
        pytest.param("exception_class_lost.py", marks=pytest.mark.soak),
        pytest.param("groupby_cov.py", marks=pytest.mark.soak),
    ],
)
def test_a_bug_is_the_same_on_either_kernel(name: str) -> None:
    in_bubblewrap, on_gvisor = run_in_both(name)
    assert (on_gvisor.verdict, on_gvisor.isolation) == (Verdict.REPRODUCED, "gvisor")
    assert on_gvisor.symptom == in_bubblewrap.symptom
    assert on_gvisor.fingerprint == in_bubblewrap.fingerprint
    assert on_gvisor.exception == in_bubblewrap.exception
    assert on_gvisor.owner == in_bubblewrap.owner
