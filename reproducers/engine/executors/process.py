"""The parent's side of `child.py`: a Job in a process that knows no secret of ours.

The child has neither Django nor the database's address: its environment is an allow-list.
"""

import base64
import contextlib
import json
import math
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, Self, get_args

from reproducers.engine.events import NOTE_CHARACTERS, Event, Phase
from reproducers.engine.warm.kinds import Kind, wanting

LINE_BYTES: Final = 16 * 1024**2
KILL_SECONDS: Final = 5.0

_PASSED_ON: Final = frozenset(
    {
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME",
        "PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "REPRO_HOME", "REPRO_INDEX_URL", "REPRO_NIGHTLY_INDEX",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file that the run left, as it came."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Finished:
    """The run has come to a report, JSON that nobody has looked at yet."""

    report_json: bytes


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The engine could not run it, and says why; `retryable`: it may work later."""

    code: str
    message: str
    remedy: str
    retryable: bool


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The run was cancelled, or the process went without a word. `status` as of subprocess."""

    status: int


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """A spare has its sandbox ready, or has none."""

    is_warm: bool


Message = Event | KeptFile | Finished | Refusal | Ended


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a child gets of our environment: where programs, caches and the index are."""
    return {name: value for name, value in environ.items() if name in _PASSED_ON}


class JobProcess:
    """A Job that runs in a process of its own. Messages arrive in a queue, the last of them final.

    `command` is what understands the Job on its standard input. `is_warm`: a spare has its sandbox
    ready; None: not yet, False: never, or no more.
    """

    COMMAND: Final = (sys.executable, "-I", "-m", "reproducers.engine.executors.child")

    def __init__(
        self, job_json: str, *, environ: Mapping[str, str], command: tuple[str, ...] = COMMAND
    ) -> None:
        self._messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.is_warm: bool | None = None
        self._process = subprocess.Popen(  # noqa: S603 -- our own program, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(environ),
            cwd="/",
            process_group=0,  # a Ctrl-C is the parent's to tell
        )
        threading.Thread(target=self._read, daemon=True).start()
        self._tell(job_json.encode() + b"\n")

    @classmethod
    def spare(
        cls, kind: Kind, *, environ: Mapping[str, str], command: tuple[str, ...] = COMMAND
    ) -> Self:
        """One that gets ready for a Job of that kind; `give` it one."""
        return cls(wanting(kind), environ=environ, command=command)

    def give(self, job_json: str) -> None:
        """Hand a Job to a spare, once."""
        self._tell(job_json.encode() + b"\n")

    def dismiss(self) -> None:
        """Let a spare go without a Job; it ends by itself."""
        with contextlib.suppress(OSError):
            self._pipe(self._process.stdin).close()

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def next(self, *, seconds: float) -> Message | None:
        """The next message, or None after `seconds` or when it was nudged."""
        try:
            return self._messages.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None

    def nudge(self) -> None:
        """Let `next` return at once."""
        self._messages.put(None)

    def cancel(self) -> None:
        """Ask it to end the run; it kills its sandbox first."""
        self._tell(b"cancel\n")

    def kill(self) -> None:
        """End it by force; what it had started dies with it."""
        self._process.kill()

    def close(self, *, seconds: float = KILL_SECONDS) -> int:
        """Wait until it is gone, by force after `seconds`; its exit status."""
        with contextlib.suppress(OSError):
            self._pipe(self._process.stdin).close()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def _tell(self, line: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):  # it is gone: its end is the next message
            pipe = self._pipe(self._process.stdin)
            pipe.write(line)
            pipe.flush()

    def _read(self) -> None:
        with self._pipe(self._process.stdout) as output:
            while line := output.readline(LINE_BYTES):
                message = read_message(line)
                if message is None:
                    self.kill()
                    break
                if isinstance(message, Readiness):
                    self.is_warm = message.is_warm
                else:
                    self._messages.put(message)
        self.is_warm = False
        self._messages.put(Ended(status=self._process.wait()))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def read_message(line: bytes) -> Message | Readiness | None:
    """One line of the child's, None where it is none of its words."""
    try:
        (kind, content), *others = json.loads(line).items()
        return None if others else _READERS[kind](content)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None


def _event(content: dict[str, Any]) -> Event:
    if content["phase"] not in get_args(Phase) or not math.isfinite(content["at"]):
        raise ValueError(content)
    return Event(
        phase=content["phase"],
        done=int(content["done"]),
        total=int(content["total"]),
        at=float(content["at"]),
        note=str(content["note"])[:NOTE_CHARACTERS],
    )


def _file(content: dict[str, str]) -> KeptFile:
    return KeptFile(
        name=content["name"], content=base64.b64decode(content["content"], validate=True)
    )


def _report(content: dict[str, Any]) -> Finished:
    return Finished(report_json=json.dumps(content).encode())


def _refused(content: dict[str, Any]) -> Refusal:
    return Refusal(**content)


def _cancelled(content: bool) -> Ended:
    return Ended(status=0)


def _readiness(content: bool) -> Readiness:
    return Readiness(is_warm=content is True)


_READERS: Final[Mapping[str, Callable[[Any], Message | Readiness]]] = {
    "event": _event,
    "file": _file,
    "report": _report,
    "refusal": _refused,
    "cancelled": _cancelled,
    "warm": _readiness,
}
