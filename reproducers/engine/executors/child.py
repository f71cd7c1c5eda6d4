"""One Job in a process of its own: `python -I -m reproducers.engine.executors.child`.

It reads one line, the Job, and writes JSON lines: events and kept files as they come, and last
what the Job came to. Its input then stays open: a line, or its end, ends the run. So a parent that
is killed takes its run with it. `process.py` is the other side.
"""

import base64
import dataclasses
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Protocol

from reproducers.engine.errors import EngineError
from reproducers.engine.events import Cancellation, Cancelled, Emit, Event
from reproducers.engine.job import Job
from reproducers.engine.report import Report
from reproducers.engine.run import run_job

JOB_BYTES: Final = 32 * 1024**2
GRACE_SECONDS: Final = 10.0
FAILURE: Final = "engine-failure"


class Run(Protocol):
    """Runs a Job to its Report, as `run.run_job` does."""

    def __call__(
        self, job: Job, *, emit: Emit, cancelled: Cancelled, keep: Callable[[str, bytes], None]
    ) -> Report: ...


@dataclass
class Wire:
    """Where messages go. A parent that reads no more is a parent that is gone."""

    stream: BinaryIO
    is_cut: threading.Event
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, kind: str, content: Any) -> None:
        line = json.dumps({kind: content}).encode() + b"\n"
        with self.lock:
            try:
                self.stream.write(line)
                self.stream.flush()
            except OSError:
                self.is_cut.set()

    def event(self, event: Event) -> None:
        self.send("event", dataclasses.asdict(event))

    def file(self, name: str, content: bytes) -> None:
        self.send("file", {"name": name, "content": base64.b64encode(content).decode("ascii")})


def serve(source: BinaryIO, target: BinaryIO, *, run: Run = run_job) -> None:
    """Run the Job that `source` gives and write what happens to `target`."""
    ending = threading.Event()
    wire = Wire(target, ending)
    line = source.readline(JOB_BYTES)
    threading.Thread(target=_listen, args=(source, ending), daemon=True).start()
    try:
        job = Job.from_json(line.decode())
        report = run(job, emit=wire.event, cancelled=ending.is_set, keep=wire.file)
    except Cancellation:
        wire.send("cancelled", True)
    except EngineError as error:
        wire.send("refusal", _refusal(error.code, error.message, error.remedy, error.retryable))
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        message = f"The engine failed with {type(error).__name__}: {error}"[:500]
        wire.send("refusal", _refusal(FAILURE, message, "", True))
    else:
        wire.send("report", report.as_dict())


def _listen(source: BinaryIO, ending: threading.Event) -> None:
    """Wait for a word, or for the end of the parent, and see to it that the run does end."""
    source.readline(16)
    ending.set()
    threading.Timer(GRACE_SECONDS, os._exit, args=(70,)).start()


def _refusal(code: str, message: str, remedy: str, retryable: bool) -> dict[str, Any]:
    return {"code": code, "message": message, "remedy": remedy, "retryable": retryable}


def main() -> None:
    """Keep the real output for messages: whatever prints goes to standard error instead."""
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, target)
    target.flush()
    os._exit(0)  # threads of libraries shall not keep a finished run alive


if __name__ == "__main__":
    main()
