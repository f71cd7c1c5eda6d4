"""What an engine's child does that waits for its Job with a sandbox: a spare."""

import queue
from collections.abc import Callable
from typing import Final, Protocol

from reproducers.engine.environments import Environment, EnvironmentRefused, obtain
from reproducers.engine.errors import EngineError
from reproducers.engine.events import Cancellation
from reproducers.engine.job import Job
from reproducers.engine.warm import sandbox
from reproducers.engine.warm.kinds import Kind
from reproducers.engine.warm.sandbox import NotWarm, WarmSandbox
from reproducers.engine.warm.supply import Prepare

GLANCE_SECONDS: Final = 0.5

IsWanted = Callable[[], bool]


class GetReady(Protocol):
    """Gives a sandbox that waits, as `get_ready` does."""

    def __call__(self, kind: Kind, *, is_wanted: IsWanted) -> WarmSandbox | None: ...


class Obtain(Protocol):
    """Gives the environment of a job."""

    def __call__(self, job: Job, *, is_wanted: IsWanted) -> Environment: ...


def obtained(job: Job, *, is_wanted: IsWanted) -> Environment:
    """The environment of `job`, to be closed; raises what `obtain` raises."""
    return obtain(
        job.environment,
        emit=lambda event: None,
        cancelled=lambda: not is_wanted(),
        isolation=job.policy.isolation,
    )


def get_ready(
    kind: Kind,
    *,
    is_wanted: IsWanted,
    obtained: Obtain = obtained,
    prepare: Prepare = sandbox.prepare,
) -> WarmSandbox | None:
    """A sandbox of that kind, None where there can be none.

    It does not hold its environment while it waits, so that it keeps nobody from evicting that; it
    suits no job any more then.
    """
    try:
        with obtained(kind.job, is_wanted=is_wanted) as environment:
            return prepare(kind, environment, is_wanted=is_wanted)
    except (NotWarm, EngineError, EnvironmentRefused, Cancellation):
        return None


def arrival(
    arrivals: "queue.SimpleQueue[bytes]",
    spare: WarmSandbox | None,
    *,
    say_dead: Callable[[], object],
) -> bytes:
    """The Job that comes, nothing where the parent goes. A spare that dies meanwhile is told of."""
    is_alive = spare is not None
    while True:
        try:
            return arrivals.get(timeout=GLANCE_SECONDS)
        except queue.Empty:
            if is_alive and spare is not None and not spare.is_alive():
                is_alive = False
                say_dead()
