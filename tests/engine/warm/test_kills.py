"""Whoever is killed while a sandbox waits, nothing of it is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reproducers.engine.executors.process import JobProcess
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.sandbox.processes import descendants
from tests.engine.builds import build
from tests.engine.sandbox.remains import left_by, soon
from tests.engine.warm.walled import job, kind

pytestmark = [pytest.mark.sandbox, pytest.mark.index]

ON_2026 = EnvironmentSpec(requirements=("dask[complete]",), dask="2026.8.0", python="3.11")
SCRIPT = "import dask\n"


def patiently(look: Callable[[], object], wanted: object) -> bool:
    return any(soon(look, wanted) for _ in range(20))


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    build(ON_2026)


def waiting() -> JobProcess:
    """A real spare that is ready."""
    process = JobProcess.spare(kind(SCRIPT, environment=ON_2026), environ=os.environ)
    assert patiently(lambda: process.is_warm, True)
    return process


def below(process: int) -> list[int]:
    return [one for one in descendants(process) if Path(f"/proc/{one}").exists()]


def users_of(processes: list[int]) -> set[int]:
    return {Path(f"/proc/{one}").stat().st_uid for one in processes} - {os.geteuid()}


def check_gone(processes: list[int], users: set[int]) -> None:
    assert soon(lambda: [one for one in processes if Path(f"/proc/{one}").exists()], [])
    for user in users:
        assert soon(lambda user=user: left_by(user), [])  # type: ignore[misc]


def test_a_spare_takes_its_job_and_is_gone_afterwards() -> None:
    process = waiting()
    processes = below(process._process.pid)
    users = users_of(processes)
    process.give(
        job("import dask\nraise KeyError(dask.__version__)", environment=ON_2026).to_json()
    )
    message = process.next(seconds=60)
    while message is not None and not hasattr(message, "report_json"):
        message = process.next(seconds=60)
    assert message is not None
    report = message.report_json.decode()
    assert '"verdict": "reproduced"' in report
    assert '"warm": true' in report
    assert process.close() == 0
    check_gone(processes, users)


def test_a_child_that_is_killed_leaves_no_sandbox_behind() -> None:
    process = waiting()
    processes = below(process._process.pid)
    users = users_of(processes)
    assert len(processes) > 2
    process.kill()
    process.close()
    check_gone(processes, users)


PARENT = """
import os, sys
from reproducers.engine.executors.process import JobProcess
from reproducers.engine.warm.kinds import Kind
spare = JobProcess.spare(Kind.from_json(sys.argv[1]), environ=os.environ)
while not spare.is_warm:
    pass
print(spare._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.soak
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_parent_that_is_killed_leaves_no_sandbox_behind(ending: signal.Signals) -> None:
    line = kind(SCRIPT, environment=ON_2026).to_json()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, line], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        processes = [child, *below(child)]
        users = users_of(processes)
        parent.send_signal(ending)
        parent.wait()
    check_gone(processes, users)
