"""What the host saw of a try, with the hints that came out of it."""

import json
from typing import Any

import pytest

from reproducers.engine import reporting
from reproducers.engine.environments import Environment
from reproducers.engine.job import Job
from reproducers.engine.judge import Judgement
from reproducers.engine.reporting import Judged
from reproducers.engine.sandbox.policy import SandboxOutcome
from reproducers.engine.symptoms import WarningShown
from reproducers.engine.trial_run import Attempt, observe
from reproducers.engine.verdicts import Verdict
from tests.engine.unsandboxed import OwnPython


def outcome(**facts: Any) -> SandboxOutcome:
    known: dict[str, Any] = {
        "exit_status": 0,
        "signal": None,
        "limit": None,
        "seconds": 1.0,
        "peak_memory_bytes": None,
        "memory_kills": 0,
        "limits": "weak",
        "stdout": b"",
        "stderr": b"",
    }
    return SandboxOutcome(**{**known, **facts})


def test_warnings_are_read_line_by_line() -> None:
    lines = b'{"category": "A", "message": "x"}\nnonsense\n[]\n{"message": "y"}\n'
    seen = observe(outcome(), {"warnings.jsonl": lines}, script="/work/s.py", ended_at=0.0)
    assert seen.warnings == (WarningShown(category="A", message="x"),)


def test_what_cannot_be_decoded_is_replaced() -> None:
    seen = observe(outcome(stdout=b"caf\xe9"), {}, script="/work/s.py", ended_at=0.0)
    assert seen.output == "caf\ufffd\n"


@pytest.mark.parametrize(
    ("facts", "notes"),
    [
        ({"limits": "cgroup-v2"}, ()),
        ({"limits": "weak"}, (reporting.WEAK,)),
        (
            {"limits": "cgroup-v1", "refused_forks": 3},
            ("3 processes or threads were too many and not started.",),
        ),
    ],
)
def test_what_weakens_a_result_is_noted(
    facts: dict[str, Any], notes: tuple[str, ...], tmp_path: Any
) -> None:
    seen = observe(outcome(**facts), {}, script="/work/s.py", ended_at=0.0)
    attempt = Attempt(
        outcome=outcome(**facts),
        observation=seen,
        seconds=1.0,
        start_seconds=0.0,
        has_started=True,
    )
    judged = Judged(attempt=attempt, judgement=Judgement(verdict=Verdict.CLEAN, reason=""))
    environment: Environment = OwnPython(tmp_path)(
        Job(script="").environment,
        emit=lambda event: None,
        cancelled=lambda: False,
        isolation="bubblewrap",
    )
    assert reporting.notes_on(Job(script=""), environment, judged)[1:] == notes


FATAL = b"""Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "/work/s.py", line 9 in fall
  File "/env/lib/python3.11/site-packages/distributed/worker.py", line 2821 in _run_task
  File "/env/lib/python3.11/site-packages/distributed/worker.py", line 1 in execute
"""


def test_of_a_crash_in_a_worker_the_frames_are_those_of_its_task() -> None:
    files = {"deaths-6.jsonl": b'{"role": "worker", "exitcode": -11}'}
    seen = observe(outcome(stderr=FATAL), files, script="/work/s.py", ended_at=0.0)
    assert [frame.function for frame in seen.main_stack] == ["fall"]
    assert [death.kind for death in seen.deaths] == ["SIGSEGV"]


def test_of_a_hang_the_frames_are_those_of_what_holds_it_up() -> None:
    thread = {"is_main": True, "wait": "untimed", "asleep": 9.0, "stack": [["/work/s.py", 3, "f"]]}
    process = {"schema": 1, "is_script": True, "at": 9.0, "threads": [thread]}
    files = {"process-2.json": json.dumps(process).encode()}
    stopped = outcome(exit_status=None, limit="timeout")
    facts: dict[str, Any] = {"script": "/work/s.py", "ended_at": 9.0}
    seen = observe(stopped, files, floor_seconds=5.0, **facts)
    assert [frame.function for frame in seen.main_stack] == ["f"]
    assert observe(stopped, files, **facts).main_stack == ()
