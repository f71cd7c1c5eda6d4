"""The child's side: one Job in, JSON lines out, and an end when its parent is gone."""

import base64
import io
import json
import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from reproducers.engine.errors import EnvironmentServiceError, UnknownRelease
from reproducers.engine.events import Cancellation, Cancelled, Emit, Event
from reproducers.engine.executors import child
from reproducers.engine.executors.child import Run, Wire, listen, serve
from reproducers.engine.executors.process import JobProcess
from reproducers.engine.job import Job, RunPolicy
from reproducers.engine.report import Report
from reproducers.engine.run import Keep
from reproducers.engine.verdicts import Verdict

JOB = Job(script="print(1)\n").to_json().encode()
CLEAN = Report(verdict=Verdict.CLEAN, reason="It ran.")


def told(run: Run, *, job: bytes = JOB) -> list[dict[str, Any]]:
    """What is told of a Job when the engine does as `run` does."""
    target = io.BytesIO()
    serve(job, Wire(target, threading.Event()), run=run)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def raising(error: Exception) -> Run:
    def run(job: Job, *, emit: Emit, cancelled: Cancelled, keep: Keep) -> Report:
        raise error

    return run


def test_events_files_and_the_report_are_told_in_order() -> None:
    def run(job: Job, *, emit: Emit, cancelled: Cancelled, keep: Keep) -> Report:
        emit(Event(phase="script", done=1, total=2, at=5.0, note=job.script))
        keep("output.txt", b"\xff")
        return CLEAN

    assert told(run) == [
        {"event": {"phase": "script", "done": 1, "total": 2, "at": 5.0, "note": "print(1)\n"}},
        {"file": {"name": "output.txt", "content": base64.b64encode(b"\xff").decode()}},
        {"report": json.loads(CLEAN.to_json())},
    ]


def test_a_refusal_is_told_with_its_remedy_and_whether_to_come_again() -> None:
    unknown = UnknownRelease("There is no Dask 1.", remedy="Name another.")
    away = EnvironmentServiceError("The index is away.", remedy="Wait.")

    assert told(raising(unknown)) == [
        {
            "refusal": {
                "code": "unknown-release",
                "message": "There is no Dask 1.",
                "remedy": "Name another.",
                "retryable": False,
            }
        }
    ]
    assert told(raising(away))[0]["refusal"]["retryable"] is True


def test_a_job_without_isolation_is_refused() -> None:
    job = Job(script="print(1)\n", policy=RunPolicy(isolation="none"))

    (line,) = told(raising(ZeroDivisionError()), job=job.to_json().encode())

    assert (line["refusal"]["code"], line["refusal"]["retryable"]) == ("usage", False)
    assert "without isolation" in line["refusal"]["message"]


def test_a_fault_of_the_engine_is_told_and_may_be_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = told(raising(ZeroDivisionError("x" * 1000)))

    refusal = line["refusal"]
    assert (refusal["code"], refusal["retryable"]) == ("engine-failure", True)
    assert refusal["message"].startswith("The engine failed with ZeroDivisionError: xxx")
    assert len(refusal["message"]) == 500
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("job", [b"", b"{}\n", b'{"schema": 99}\n', b"\xff\n"])
def test_what_is_no_job_is_a_fault_of_ours(job: bytes) -> None:
    (line,) = told(raising(AssertionError("it was run")), job=job)

    assert line["refusal"]["code"] == "engine-failure"
    assert "AssertionError" not in line["refusal"]["message"]


def test_a_cancelled_run_says_only_that() -> None:
    assert told(raising(Cancellation())) == [{"cancelled": True}]


def test_a_parent_that_reads_no_more_ends_the_run() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ending = threading.Event()

    with os.fdopen(writer, "wb", buffering=0) as target:
        Wire(target, ending).file("a.txt", b"")

    assert ending.is_set()


@pytest.mark.parametrize("word", [b"cancel\n", b""])
def test_a_word_or_the_end_of_the_parent_ends_the_run_if_need_be_by_force(
    word: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "GRACE_SECONDS", 0.01)
    ending, forced = threading.Event(), threading.Event()

    listen(io.BytesIO(word), ending, end=forced.set)

    assert ending.is_set()
    assert forced.wait(10)


def test_the_real_child_takes_a_job_from_its_parent_and_answers() -> None:
    process = JobProcess('{"schema": 99}', environ=os.environ)

    message = process.next(seconds=30)

    assert process.close() == 0
    assert getattr(message, "code", message) == "engine-failure"


def test_the_real_child_never_imports_django_nor_what_knows_the_database() -> None:
    code = (
        "import sys, reproducers.engine.executors.child\n"
        "ours = {'django', 'celery', 'psycopg', 'config', 'support', 'reproducers.models'}\n"
        "print(sorted(ours & set(sys.modules)))"
    )

    found = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, env={}
    )

    assert found.stdout.strip() == "[]"
