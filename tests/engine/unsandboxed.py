"""Jobs that run without walls and with this very Python: what they show is quick and real."""

import sys
from pathlib import Path
from typing import Any

from reproducers.engine.environments import Environment
from reproducers.engine.environments.locks import Lease
from reproducers.engine.events import Cancelled, Emit, Event
from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Isolation, Job, RunPolicy
from reproducers.engine.report import EnvironmentFacts, Report
from reproducers.engine.run import run_job

FACTS = EnvironmentFacts(
    python="3.11.7", dask="2026.8.0", distributed="2026.8.0", as_of="2026-08-31", lock="abc"
)


class OwnPython:
    """Gives this interpreter as an environment, for want of a built one."""

    def __init__(self, folder: Path) -> None:
        self._lock = folder / "lock"

    def __call__(
        self, spec: EnvironmentSpec, *, emit: Emit, cancelled: Cancelled, isolation: Isolation
    ) -> Environment:
        emit(Event(phase="environment", done=1, total=1, at=0.0, note="ready"))
        return Environment(
            key="own",
            folder=self._lock.parent,
            python=sys.executable,
            mounts=(),
            variables={"PATH": "/usr/bin:/bin"},
            facts=FACTS,
            lease=Lease.take(self._lock),
            notes=("It is the Python of the tests.",),
        )


def job(script: str, *, policy: dict[str, Any] | None = None, **facts: Any) -> Job:
    """`expected` and the like as in a Job; `policy` what is to differ from the default."""
    limits = {"isolation": "none", "timeout_seconds": 20.0, **(policy or {})}
    return Job(script=script, policy=RunPolicy(**limits), **facts)


def run(script: str, folder: Path, **facts: Any) -> Report:
    """Run a script of the tests' own."""
    return run_job(
        job(script, **facts),
        emit=lambda event: None,
        cancelled=lambda: False,
        obtain=OwnPython(folder),
    )


def expecting(**facts: Any) -> ExpectedSymptom:
    return ExpectedSymptom(**facts)
