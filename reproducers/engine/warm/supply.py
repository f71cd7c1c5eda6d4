"""Waiting sandboxes for the tries of one job: while one try runs, the next one's is got ready."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self

from reproducers.engine.environments import Environment
from reproducers.engine.errors import EngineError
from reproducers.engine.events import Cancelled
from reproducers.engine.job import Job
from reproducers.engine.verdicts import Verdict
from reproducers.engine.warm import room, rules, sandbox
from reproducers.engine.warm.kinds import Kind, kind_of
from reproducers.engine.warm.sandbox import NotWarm, WarmSandbox

PATIENCE_SECONDS: Final = 0.2

HasRoom = Callable[[Kind], bool]


class Prepare(Protocol):
    """Gets a sandbox ready, as `sandbox.prepare` does."""

    def __call__(
        self, kind: Kind, environment: Environment, *, is_wanted: Callable[[], bool]
    ) -> WarmSandbox: ...


def fits(kind: Kind) -> bool:
    """Whether one more may wait beside one run of the same kind."""
    policy = kind.job.policy
    return room.has_room(
        room.memory(),
        waiting_bytes=room.needed(workers=policy.workers, has_cluster=kind.has_cluster),
        running_bytes=policy.memory_bytes,
    )


class Preparation:
    """One that is being got ready in a thread of its own."""

    def __init__(self, kind: Kind, environment: Environment, prepare: Prepare) -> None:
        self._kind, self._environment, self._prepare_one = kind, environment, prepare
        self._is_wanted = True
        self._made: WarmSandbox | None = None
        self._thread = threading.Thread(target=self._prepare, name="warm-sandbox", daemon=True)
        self._thread.start()

    def result(self, cancelled: Cancelled) -> WarmSandbox | None:
        """It, once it is ready; None where it does not become so, or the run is cancelled."""
        while self._thread.is_alive() and not cancelled():
            self._thread.join(PATIENCE_SECONDS)
        self._is_wanted = False
        self._thread.join()
        made, self._made = self._made, None
        return made

    def close(self) -> None:
        """Let nothing of it be left."""
        if made := self.result(lambda: True):
            made.close()

    def _prepare(self) -> None:
        try:
            self._made = self._prepare_one(
                self._kind, self._environment, is_wanted=lambda: self._is_wanted
            )
        except (NotWarm, EngineError):
            self._made = None


class Supply:
    """What the tries of `job` get. A context manager: what is left over is killed.

    `spare` was got ready before the job was known. One is got ready ahead where another try is to
    come, memory is free, and a warm run can tell something.
    """

    def __init__(
        self,
        job: Job,
        *,
        spare: WarmSandbox | None = None,
        prepare: Prepare = sandbox.prepare,
        has_room: HasRoom | None = None,
    ) -> None:
        self._job, self._kind, self._left = job, kind_of(job), job.tries
        self._spare, self._prepare, self._has_room = spare, prepare, has_room or fits
        self._ahead: Preparation | None = None
        self._is_worth_it = not rules.may_show_at_the_start(job.expected)
        self.had_cold = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._spare is not None:
            self._spare.close()
        if self._ahead is not None:
            self._ahead.close()

    def take(
        self, job: Job, environment: Environment, *, cancelled: Cancelled
    ) -> WarmSandbox | None:
        """One for a try of `job`, the caller's to close; None: it has to start cold."""
        found, self._spare = self._spare, None
        if found is None and self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            found = ahead.result(cancelled)
            self._is_worth_it = self._is_worth_it and found is not None
        if found is not None and not found.suits(kind_of(job), environment):
            found.close()
            return None
        return found

    def get_ahead(self, environment: Environment) -> None:
        """Begin with the next try's, if there is to be one; a try begins now."""
        self._left -= 1
        if self._kind is None or self._left < 1 or not self._is_worth_it:
            return
        if self._ahead is None and self._has_room(self._kind):
            self._ahead = Preparation(self._kind, environment, self._prepare)

    def learn(self, verdict: Verdict, *, was_cold: bool) -> None:
        """How a try ended: one that was found unfit in a waiting sandbox stays cold from now on."""
        self.had_cold = self.had_cold or was_cold
        self._is_worth_it = rules.is_worth_waiting(verdict, self._job.expected)
