"""An environment for real sandboxes that takes no building: the tests' own interpreter alone.

What a script imports of Dask and the like are stand-ins that a test writes itself.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reproducers.engine.environments import Environment
from reproducers.engine.environments.locks import Lease
from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.job import EnvironmentSpec, Isolation, Job, RunPolicy
from reproducers.engine.sandbox.policy import Mount
from reproducers.engine.trial_run import Watcher
from reproducers.engine.warm import sandbox
from reproducers.engine.warm.kinds import Kind, kind_of
from reproducers.engine.warm.sandbox import WarmSandbox
from tests.engine.sandbox.inside import BASE, ENVIRONMENT, INTERPRETER
from tests.engine.unsandboxed import FACTS

SILENT = Watcher(lambda event: None, lambda: False, total=20, note="")


class Walled:
    """Gives the environment. `packages` are modules by name, with their source."""

    def __init__(self, folder: Path, packages: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self.tree = folder / "packages"
        self.tree.mkdir()
        folder.chmod(0o755)
        for name, source in {"distributed": "", **(packages or {})}.items():
            (self.tree / f"{name}.py").write_text(source)

    def __call__(
        self, spec: EnvironmentSpec, *, emit: Emit, cancelled: Cancelled, isolation: Isolation
    ) -> Environment:
        return self.environment()

    def environment(self) -> Environment:
        return Environment(
            key="walled",
            folder=self.tree,
            python=INTERPRETER,
            mounts=(
                Mount(source=BASE, target="/python"),
                Mount(source=self.tree, target="/packages"),
            ),
            variables={**ENVIRONMENT, "PYTHONPATH": "/packages"},
            facts=FACTS,
            lease=Lease.take(self._folder / "lock"),
        )


def job(script: str, *, policy: dict[str, Any] | None = None, **facts: Any) -> Job:
    """`policy` is what differs from a default that suits a test."""
    limits = {"timeout_seconds": 20.0, "memory_bytes": 512 * 1024**2, **(policy or {})}
    return Job(script=script, policy=RunPolicy(**limits), **facts)


def kind(script: str = "", **facts: Any) -> Kind:
    """The kind of a job that may be warm."""
    found = kind_of(job(script, **facts))
    assert found is not None
    return found


def ready(environment: Environment, script: str = "", **facts: Any) -> WarmSandbox:
    """A sandbox that waits for a job like this one."""
    return sandbox.prepare(kind(script, **facts), environment, is_wanted=lambda: True)
