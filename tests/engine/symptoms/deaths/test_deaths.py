"""How a worker died is told with the KilledWorker, and crashes beside the script are seen."""

from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.report import Report
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.symptoms.runs import MIDDLE, NEWEST, OLDEST, run, together

pytestmark = [pytest.mark.sandbox, pytest.mark.cluster, pytest.mark.index]

SCRIPTS = Path(__file__).parent / "scripts"
KILLED, CRASH = Symptom.KILLED_WORKER, Symptom.CRASH
DIED = {
    "exits": (KILLED, "exit"),
    "killed": (KILLED, "SIGKILL"),
    "scheduler_crash": (CRASH, "SIGSEGV"),
    "segfault": (KILLED, "SIGSEGV"),
}


def told(report: Report) -> Any:
    is_hit = report.verdict is Verdict.REPRODUCED
    return (report.symptom, report.kind) if is_hit else report.reason


def test_a_worker_that_crashed_is_told_by_its_signal() -> None:
    report = run(SCRIPTS / "segfault.py", NEWEST)
    assert told(report) == (KILLED, "SIGSEGV")
    assert report.reason.endswith("(workers were killed by SIGSEGV).")


@pytest.mark.soak
@pytest.mark.parametrize("dask", [OLDEST, MIDDLE, NEWEST])
def test_how_workers_died_is_told_on_every_release(dask: str) -> None:
    reports = together([SCRIPTS / f"{name}.py" for name in DIED], dask)
    assert {name: told(report) for name, report in reports.items()} == DIED


@pytest.mark.soak
@pytest.mark.parametrize("dask", [OLDEST, NEWEST])
def test_a_worker_over_its_memory_was_ended_by_its_nanny(dask: str) -> None:
    report = run(SCRIPTS / "budget.py", dask, memory_bytes=800 * 2**20)
    assert told(report) == (KILLED, "nanny-memory")


@pytest.mark.soak
def test_workers_that_were_told_to_close_are_no_crash() -> None:
    assert told(run(SCRIPTS / "retired.py", "2023.10.0")) == (KILLED, "closed")


@pytest.mark.soak
def test_a_crash_that_the_script_survives_is_one_to_who_asks_for_it() -> None:
    script = SCRIPTS / "segfault_survived.py"
    assert run(script, NEWEST).verdict is Verdict.CLEAN
    assert told(run(script, NEWEST, kind=CRASH)) == (CRASH, "SIGSEGV")


@pytest.mark.soak
@pytest.mark.parametrize("dask", [OLDEST, NEWEST])
def test_a_worker_that_our_own_limit_killed_gets_more_memory_and_dask_no_blame(dask: str) -> None:
    report = run(SCRIPTS / "own_limit.py", dask, memory_bytes=700 * 2**20)
    assert report.verdict is Verdict.CLEAN, report.reason
    assert report.notes[-1] == (
        "It used all of its 700 MiB of memory, so it was run again with 1.4 GiB: that run counts."
    )
