"""Runs hostile scripts by the engine's own door, in an environment that costs nothing to build."""

import base64
import compileall
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reproducers.engine.environments import Environment
from reproducers.engine.environments.locks import Lease
from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Isolation, Job, RunPolicy
from reproducers.engine.protections import Protection
from reproducers.engine.run import run_job
from reproducers.engine.sandbox.policy import Mount
from tests.engine.hostile.attacks import Attack, Shown
from tests.engine.hostile.targets import placed
from tests.engine.sandbox.inside import BASE, ENVIRONMENT, INTERPRETER
from tests.engine.unsandboxed import FACTS

SITE = Path(__file__).parent / "site"
LIMITS: dict[str, Any] = {"timeout_seconds": 20.0, "memory_bytes": 512 * 1024**2, "pids": 128}
CHARACTERS = 1 << 20


class StandardLibrary:
    """Gives the interpreter of the tests with a package of ours, as an environment is given."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "site"
        self._lock = folder / "lock"
        if not self.site.is_dir():
            shutil.copytree(SITE, self.site, ignore=shutil.ignore_patterns("__pycache__"))
            compileall.compile_dir(self.site, quiet=2)

    def __call__(
        self, spec: EnvironmentSpec, *, emit: Emit, cancelled: Cancelled, isolation: Isolation
    ) -> Environment:
        return Environment(
            key="own",
            folder=self.site,
            python=INTERPRETER,
            mounts=(
                Mount(source=BASE, target="/python"),
                Mount(source=self.site, target="/env/site"),
            ),
            variables={**ENVIRONMENT, "PYTHONPATH": "/env/site"},
            facts=FACTS,
            lease=Lease.take(self._lock),
        )


def shown(attack: Attack, folder: Path, *, without: Sequence[Protection] = ()) -> Shown:
    """What a run of the script shows, with single protections switched off."""
    environment = StandardLibrary(folder)
    with placed(folder, environment.site) as targets:
        files = {"targets.json": base64.b64encode(targets.encode()).decode()}
        policy = RunPolicy(**{**LIMITS, **attack.policy}, without=tuple(without))
        expected = ExpectedSymptom(**attack.job)
        job = Job(script=attack.script, policy=policy, expected=expected, files=files)
        return ran(job, environment)


def ran(job: Job, environment: StandardLibrary) -> Shown:
    """What the report on it says, with everything that came out."""
    kept: dict[str, bytes] = {}
    report = run_job(
        job,
        emit=lambda event: None,
        cancelled=lambda: False,
        keep=kept.__setitem__,
        obtain=environment,
    )
    texts = (content.decode("utf-8", "replace")[:CHARACTERS] for content in kept.values())
    return Shown(
        verdict=report.verdict,
        symptom=report.symptom,
        kind=report.kind,
        reason=report.reason,
        says="\n".join((report.reason, report.output, *texts)),
    )
