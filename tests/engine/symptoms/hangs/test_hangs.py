"""Each kind of hang is told apart unasked, and nothing that moves or waits is taken for one.

With a floor that is lowered, but for one of each kind.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reproducers.engine.report import Report
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.symptoms.runs import MIDDLE, NEWEST, OLDEST, run, together

pytestmark = [pytest.mark.sandbox, pytest.mark.cluster, pytest.mark.index]

HERE = Path(__file__).parent
SCRIPTS = sorted((HERE / "scripts").glob("*.py"))
MOVING = sorted((HERE / "moving").glob("*.py"))
LOWERED: dict[str, Any] = {"timeout_seconds": 40.0, "hang_floor_seconds": 5.0}
PATIENCE: dict[str, Any] = {"timeout_seconds": 120.0, "hang_floor_seconds": 5.0}


class Told(NamedTuple):
    """What a report says of a hang."""

    kind: str | None
    owner: str


KINDS = {
    "client_loop_blocked": Told("client-stuck", "script"),
    "client_queue": Told("client-stuck", "dask/distributed"),
    "client_stuck": Told("client-stuck", "dask/distributed"),
    "deadlock": Told("deadlock", "dask/distributed"),
    "gather_stuck": Told("gather-stuck", "dask/distributed"),
    "paused": Told("paused-on-memory", "dask/distributed"),
    "plain_lock": Told("client-stuck", "script"),
    "scheduler_blocked": Told("scheduler-blocked", "script"),
    "task_blocked": Told("task-blocked", "script"),
    "task_waits_in_dask": Told("task-blocked", "dask/distributed"),
    "threads_deadlock": Told("task-blocked", "script"),
    "unrunnable": Told("unrunnable", "dask/distributed"),
    "worker_holds_lock": Told("event-loop-blocked", "dask/distributed"),
    "worker_loop_blocked": Told("event-loop-blocked", "script"),
    "worker_lost": Told("worker-lost", "dask/distributed"),
}
ONE_OF_EACH = (
    "client_stuck",
    "deadlock",
    "gather_stuck",
    "paused",
    "scheduler_blocked",
    "task_blocked",
    "unrunnable",
    "worker_loop_blocked",
    "worker_lost",
)

# What a reporter who says that it hangs is told: that it moved, that it waited, or that it hangs.
SAYS_IT_HANGS = {
    "awaiting_task": Verdict.REPRODUCED,
    "changing_task": Verdict.DIFFERENT,
    "long_native_task": Verdict.DIFFERENT,
    "long_task": Verdict.DIFFERENT,
    "polls": Verdict.DIFFERENT,
    "processes_asleep": Verdict.REPRODUCED,
    "sleeping_beside_cluster": Verdict.LIMIT,
    "sleeping_script": Verdict.LIMIT,
    "sleeping_task": Verdict.REPRODUCED,
    "slow_queue": Verdict.DIFFERENT,
    "threads_at_work": Verdict.DIFFERENT,
    "waits_for_a_program": Verdict.REPRODUCED,
    "waits_with_a_limit": Verdict.REPRODUCED,
    "working_script": Verdict.DIFFERENT,
}


def told(report: Report) -> Told | str:
    is_hang = (report.verdict, report.symptom) == (Verdict.REPRODUCED, Symptom.HANG)
    return Told(report.kind, report.owner) if is_hang else report.reason


@pytest.mark.parametrize("name", ["plain_lock", "threads_deadlock"])
def test_a_script_that_stands_still_without_a_cluster_hangs(name: str) -> None:
    report = run(
        HERE / "scripts" / f"{name}.py", NEWEST, timeout_seconds=9.0, hang_floor_seconds=3.0
    )
    assert told(report) == KINDS[name]


def test_a_script_that_sleeps_by_its_own_will_does_not_hang() -> None:
    script = HERE / "moving" / "sleeping_script.py"
    report = run(script, NEWEST, timeout_seconds=5.0, hang_floor_seconds=2.0)
    assert (report.verdict, report.symptom) == (Verdict.LIMIT, None)
    assert "it slept by its own will in <module> (script.py line 5)" in report.reason


@pytest.mark.soak
@pytest.mark.parametrize("dask", [OLDEST, MIDDLE])
def test_each_kind_of_hang_is_told_on_old_releases(dask: str) -> None:
    reports = together(SCRIPTS, dask, **LOWERED)
    for name in KINDS:
        if told(reports[name]) != KINDS[name]:  # on a busy machine its cluster came up too late
            reports[name] = run(HERE / "scripts" / f"{name}.py", dask, **PATIENCE)
    assert {name: told(report) for name, report in reports.items()} == KINDS


@pytest.mark.soak
def test_each_kind_of_hang_is_told_after_thirty_seconds() -> None:
    scripts = [HERE / "scripts" / f"{name}.py" for name in ONE_OF_EACH]
    reports = together(scripts, NEWEST, timeout_seconds=75.0)
    assert {name: told(report) for name, report in reports.items()} == {
        name: KINDS[name] for name in ONE_OF_EACH
    }


@pytest.mark.soak
def test_what_moves_or_waits_is_no_hang() -> None:
    reports = together(MOVING, NEWEST, timeout_seconds=30.0, hang_floor_seconds=5.0)
    assert {name: report.verdict for name, report in reports.items()} == dict.fromkeys(
        SAYS_IT_HANGS, Verdict.LIMIT
    )


@pytest.mark.soak
def test_who_says_that_it_hangs_is_told_where_it_moved() -> None:
    reports = together(
        MOVING, NEWEST, kind=Symptom.HANG, timeout_seconds=30.0, hang_floor_seconds=5.0
    )
    assert {name: report.verdict for name, report in reports.items()} == SAYS_IT_HANGS


def test_stacks_and_states_of_all_processes_are_kept_from_before_the_end() -> None:
    kept: dict[str, bytes] = {}
    script = HERE / "scripts" / "task_blocked.py"
    report = run(script, NEWEST, kept=kept, timeout_seconds=25.0, hang_floor_seconds=3.0)
    assert told(report) == KINDS["task_blocked"]
    kinds = Counter(name.split("-")[0] for name in kept)
    # The script's process, the scheduler's with the nannies, and two workers'.
    assert (kinds["stacks.txt"], kinds["stacks"], kinds["process"]) == (1, 3, 4)
    assert (kinds["state"], kinds["observer"], kinds["series.json"]) == (3, 3, 1)
    assert any(b"in patient" in content for name, content in kept.items() if "stacks-" in name)
    states = [json.loads(content) for name, content in kept.items() if "state-scheduler" in name]
    assert [task["state"] for task in states[0]["tasks"]] == ["processing"]
