"""Children that wait for their Job with a sandbox: both sides of the pipe."""

import io
import json
import os
import queue
import sys
import threading
from functools import partial
from typing import Any, cast

import pytest

from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.executors import child
from reproducers.engine.executors.child import Wire, receive, serve_spare
from reproducers.engine.executors.process import Finished, JobProcess
from reproducers.engine.job import EnvironmentSpec, Job
from reproducers.engine.report import Report
from reproducers.engine.run import Keep
from reproducers.engine.verdicts import Verdict
from reproducers.engine.warm.kinds import Kind, kind_of
from reproducers.engine.warm.sandbox import WarmSandbox
from tests.engine.sandbox.remains import soon

JOB = Job(script="print(1)\n")
TELL = "import json, os, sys, time\nsay = lambda **m: print(json.dumps(m), flush=True)\n"


def kind(**facts: Any) -> Kind:
    found = kind_of(Job(script="", **facts))
    assert found is not None
    return found


class Standing:
    """Stands for a sandbox that waits."""

    is_closed = False

    def is_alive(self) -> bool:
        return True

    def close(self) -> None:
        self.is_closed = True


def told(job: bytes, spare: Standing | None) -> list[dict[str, Any]]:
    """What a spare tells whose parent then sends `job`; its Job's reason says what it was given."""

    def run(
        job: Job, *, emit: Emit, cancelled: Cancelled, keep: Keep, spare: WarmSandbox | None
    ) -> Report:
        return Report(verdict=Verdict.CLEAN, reason=type(spare).__name__)

    target, arrivals = io.BytesIO(), cast("queue.SimpleQueue[bytes]", queue.SimpleQueue())
    arrivals.put(job)
    serve_spare(
        kind(),
        arrivals,
        Wire(target, threading.Event()),
        get_ready=lambda kind, *, is_wanted: cast(WarmSandbox, spare) if is_wanted() else None,
        run=run,
    )
    return [json.loads(line) for line in target.getvalue().splitlines()]


def test_a_spare_says_that_it_is_ready_and_gives_its_sandbox_to_the_job() -> None:
    ready, report = told(JOB.to_json().encode(), Standing())
    assert ready == {"warm": True}
    assert report["report"]["reason"] == "Standing"


def test_a_spare_without_a_sandbox_runs_its_job_all_the_same() -> None:
    ready, report = told(JOB.to_json().encode(), None)
    assert ready == {"warm": False}
    assert report["report"]["reason"] == "NoneType"


def test_a_spare_whose_parent_goes_closes_its_sandbox() -> None:
    standing = Standing()
    assert told(b"", standing) == [{"warm": True}]
    assert standing.is_closed
    assert told(b"", None) == [{"warm": False}]


def test_the_second_line_is_the_job_and_what_follows_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "GRACE_SECONDS", 0.01)
    arrivals: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    ending, forced = threading.Event(), threading.Event()
    receive(io.BytesIO(b"job\ncancel\n"), arrivals, ending, end=forced.set)
    assert arrivals.get() == b"job\n"
    assert ending.is_set()
    assert forced.wait(10)


def spare(code: str) -> JobProcess:
    return JobProcess.spare(kind(), environ=os.environ, command=(sys.executable, "-c", TELL + code))


def test_a_parent_sees_whether_a_spare_is_ready_and_hands_it_the_job() -> None:
    process = spare(
        "assert 'get_ready' in json.loads(sys.stdin.readline())\n"
        "say(warm=True)\n"
        "job = json.loads(sys.stdin.readline())\n"
        "say(report={'script': job['script']})\n"
    )
    assert soon(lambda: process.is_warm, True)
    process.give(JOB.to_json())
    assert process.next(seconds=20) == Finished(report_json=b'{"script": "print(1)\\n"}')
    process.close()
    assert soon(lambda: (process.is_warm, process.is_over), (False, True))


def test_a_spare_that_has_none_or_dies_is_not_warm() -> None:
    without = spare("sys.stdin.readline(); say(warm=False); sys.stdin.readline()")
    assert soon(lambda: without.is_warm, False)
    without.dismiss()
    without.dismiss()
    assert soon(lambda: without.is_over, True)
    dead = spare("sys.stdin.readline(); say(warm=True); os.kill(os.getpid(), 9)")
    assert soon(lambda: (dead.is_warm, dead.is_over), (False, True))
    without.close()
    dead.close()


def test_the_real_child_becomes_a_spare_and_ends_with_its_parent(tmp_path: Any) -> None:
    nowhere = kind(environment=EnvironmentSpec(python="2.7"))
    environ = {**os.environ, "REPRO_HOME": str(tmp_path)}
    process = JobProcess.spare(nowhere, environ=environ)
    deadline = partial(lambda: process.is_warm)
    for _ in range(6):
        if soon(deadline, False):
            break
    assert (process.is_warm, process.is_over) == (False, False)
    process.dismiss()
    assert soon(lambda: process.is_over, True)
    process.close()
