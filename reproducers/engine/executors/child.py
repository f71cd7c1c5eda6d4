"""One Job in a process of its own: `python -I -m reproducers.engine.executors.child`.

It reads one line, the Job, and writes JSON lines: events and kept files as they come, and last
what the Job came to. Its input then stays open: a line, or its end, ends the run. So a parent that
is killed takes its run with it. `process.py` is the other side.

A first line that is no Job but `{"get_ready": KIND}` makes it a spare: it gets a sandbox ready for
jobs of that kind, says `{"warm": true}` (or false, also later), and waits for the Job.
"""

import base64
import dataclasses
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, Final, Protocol

from reproducers.engine.errors import EngineError, UsageError
from reproducers.engine.events import Cancellation, Cancelled, Emit, Event
from reproducers.engine.job import Job
from reproducers.engine.report import Report
from reproducers.engine.run import Keep, run_job
from reproducers.engine.warm import waiting
from reproducers.engine.warm.kinds import Kind, wanted
from reproducers.engine.warm.sandbox import WarmSandbox

JOB_BYTES: Final = 32 * 1024**2
GRACE_SECONDS: Final = 10.0
WORD_BYTES: Final = 16
MESSAGE_CHARACTERS: Final = 500
FAILURE: Final = "engine-failure"


class Run(Protocol):
    """Runs a Job to its Report, as `run.run_job` does."""

    def __call__(self, job: Job, *, emit: Emit, cancelled: Cancelled, keep: Keep) -> Report: ...


class RunWithSpare(Protocol):
    """As `Run`, with a sandbox that waits."""

    def __call__(
        self,
        job: Job,
        *,
        emit: Emit,
        cancelled: Cancelled,
        keep: Keep,
        spare: WarmSandbox | None,
    ) -> Report: ...


@dataclass
class Wire:
    """Where messages go. A parent that reads no more is a parent that is gone: `ending` is set."""

    stream: BinaryIO
    ending: threading.Event
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, kind: str, content: Any) -> None:
        line = json.dumps({kind: content}).encode() + b"\n"
        with self.lock:
            try:
                self.stream.write(line)
                self.stream.flush()
            except OSError:
                self.ending.set()

    def event(self, event: Event) -> None:
        self.send("event", dataclasses.asdict(event))

    def file(self, name: str, content: bytes) -> None:
        self.send("file", {"name": name, "content": base64.b64encode(content).decode("ascii")})

    def refusal(self, code: str, message: str, *, remedy: str, retryable: bool) -> None:
        facts = {"code": code, "message": message, "remedy": remedy, "retryable": retryable}
        self.send("refusal", facts)


def serve(job_json: bytes, wire: Wire, *, run: Run = run_job) -> None:
    """Run the Job until `wire.ending` is set, and tell what happens."""
    try:
        job = Job.from_json(job_json.decode())
        _require_isolation(job)
        report = run(job, emit=wire.event, cancelled=wire.ending.is_set, keep=wire.file)
    except Cancellation:
        wire.send("cancelled", True)
    except EngineError as error:
        wire.refusal(error.code, error.message, remedy=error.remedy, retryable=error.retryable)
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        message = f"The engine failed with {type(error).__name__}: {error}"[:MESSAGE_CHARACTERS]
        wire.refusal(FAILURE, message, remedy="", retryable=True)
    else:
        wire.send("report", report.as_dict())


def _require_isolation(job: Job) -> None:
    """Raises UsageError: whose script it is, nobody here knows."""
    if job.policy.isolation == "none":
        raise UsageError(
            "The service runs nothing without isolation.",
            remedy="Run your own script with `repro run --isolation none` instead.",
        )


def serve_spare(
    kind: Kind,
    arrivals: "queue.SimpleQueue[bytes]",
    wire: Wire,
    *,
    get_ready: waiting.GetReady = waiting.get_ready,
    run: RunWithSpare = run_job,
) -> None:
    """Wait with a sandbox of that kind, if there can be one, and serve the Job that comes."""
    spare = get_ready(kind, is_wanted=lambda: not wire.ending.is_set())
    wire.send("warm", spare is not None)
    job_json = waiting.arrival(arrivals, spare, say_dead=partial(wire.send, "warm", False))
    if job_json:
        serve(job_json, wire, run=partial(run, spare=spare))
    elif spare is not None:
        spare.close()


def receive(
    source: BinaryIO,
    arrivals: "queue.SimpleQueue[bytes]",
    ending: threading.Event,
    *,
    end: Callable[[], object],
) -> None:
    """Pass the Job on, nothing where the parent is gone, and listen from then on."""
    arrivals.put(source.readline(JOB_BYTES))
    listen(source, ending, end=end)


def listen(source: BinaryIO, ending: threading.Event, *, end: Callable[[], object]) -> None:
    """Wait for a word or for the end of the parent; `end` follows if the run does not end then."""
    source.readline(WORD_BYTES)
    ending.set()
    timer = threading.Timer(GRACE_SECONDS, end)
    timer.daemon = True
    timer.start()


def main() -> None:  # pragma: no cover -- in a process of its own, as test_child starts it
    """Keep the real output for messages: whatever prints goes to standard error instead."""
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source, ending = sys.stdin.buffer, threading.Event()
    line, wire = source.readline(JOB_BYTES), Wire(target, ending)
    leave = {"end": partial(os._exit, 70)}
    if kind := wanted(line):
        arrivals: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        heard = (source, arrivals, ending)
        threading.Thread(target=receive, args=heard, kwargs=leave, daemon=True).start()
        serve_spare(kind, arrivals, wire)
    else:
        threading.Thread(target=listen, args=(source, ending), kwargs=leave, daemon=True).start()
        serve(line, wire)
    os._exit(0)  # threads of libraries shall not keep a finished run alive


if __name__ == "__main__":  # pragma: no cover -- see main
    main()
