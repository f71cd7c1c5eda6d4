"""Real processes beside a test, on the test's own database and Redis: web, worker, runner."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import places
from config.embedded.account import leashed


@dataclass(frozen=True)
class Process:
    """A running process and the file that everything it says goes to."""

    popen: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass(frozen=True)
class Site:
    """A web process (ASGI) that answers at `url`, with no slash at its end."""

    url: str
    process: Process


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log: Path,
    fds: Sequence[int] = (),
) -> Iterator[Process]:
    """`command` in the checkout until the block ends; it also ends when this process does."""
    with log.open("wb") as out:
        popen = subprocess.Popen(
            leashed(command, on_parents_death=signal.SIGTERM),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=places.CHECKOUT,
            env=dict(environment),
            pass_fds=fds,
            process_group=0,
        )
    try:
        yield Process(popen=popen, log=log)
    finally:
        _end(popen)


def _end(popen: subprocess.Popen[bytes]) -> None:
    popen.terminate()
    try:
        popen.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()


@contextmanager
def site(*, environment: Mapping[str, str], log: Path) -> Iterator[Site]:
    """uvicorn on a free port of loopback, once it answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://localhost:{listening.getsockname()[1]}"
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application"]
        command += ["--fd", str(listening.fileno()), "--log-level", "warning"]
        with running(
            command,
            environment={**environment, "PUBLIC_URL": url},
            log=log,
            fds=[listening.fileno()],
        ) as process:
            _wait_until_it_answers(process, port=listening.getsockname()[1])
            yield Site(url=url, process=process)


def _wait_until_it_answers(process: Process, *, port: int, seconds: float = 180) -> None:
    give_up = time.monotonic() + seconds
    while not _answers(port):
        if process.popen.poll() is not None or time.monotonic() > give_up:
            raise AssertionError(f"The web process does not answer:\n{process.said()}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("localhost", port, timeout=20)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
