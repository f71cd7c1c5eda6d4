"""One server as a child process: started, watched, stopped, and found again after a kill -9."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.account import Account, leashed
from config.embedded.errors import EngineError

LOG_BYTES = 5 * 1024**2


@dataclass
class Server:
    """A server program with its log, its way to stop, and its sign of being ready."""

    name: str
    command: Sequence[str | Path]
    account: Account
    log: Path
    stop_signal: signal.Signals
    is_ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it. It stops by itself should this process die."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        command = leashed(self.command, on_parents_death=self.stop_signal, account=self.account)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 -- our own programs, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                process_group=0,
            )

    def wait_until_ready(self, *, seconds: float = 60) -> None:
        """Return once it answers. Raises EngineError with the end of its log if it does not."""
        give_up = time.monotonic() + seconds
        while not self.is_ready():
            if not self.is_running() or time.monotonic() > give_up:
                raise EngineError(
                    f"{self.name} did not start: {self.last_words()}",
                    remedy=f"Its log is {self.log}.",
                )
            time.sleep(0.02)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, *, seconds: float = 20) -> None:
        """Stop it in its own way, and by force when that takes longer than `seconds`."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self) -> str:
        lines = (
            self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        )
        return lines[-1] if lines else "it said nothing"


def stop_leftover(pid_file: Path, *, folder: Path, stop_signal: signal.Signals) -> None:
    """Stop the server that an owner killed by force left in `folder`; forget one that is gone.

    A process id may have come round to a stranger: only one that works in `folder` is ours.
    """
    pid = _first_number(pid_file)
    if pid is None:
        return
    give_up = time.monotonic() + 20
    while _works_in(pid, folder):
        _signal(pid, stop_signal if time.monotonic() < give_up else signal.SIGKILL)
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def _first_number(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def _signal(pid: int, which: signal.Signals) -> None:
    try:
        os.kill(pid, which)
    except ProcessLookupError:
        return
