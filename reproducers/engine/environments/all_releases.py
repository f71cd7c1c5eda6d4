"""Every release of Dask, each on the Python that fits it best, built side by side in one go."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from packaging.version import Version

from reproducers.engine import places, releases
from reproducers.engine.environments import eviction
from reproducers.engine.environments.environment import EnvironmentRefused, Refusal
from reproducers.engine.environments.obtain import obtain
from reproducers.engine.errors import (
    EngineError,
    EnvironmentServiceError,
    InternalError,
    IsolationError,
    MissingPython,
)
from reproducers.engine.events import Cancelled, Event
from reproducers.engine.job import EnvironmentSpec, Isolation
from reproducers.engine.report import EnvironmentFacts

OLDEST: Final = "2022.11.0"
REQUIREMENTS: Final = ("dask[complete]",)
FAILURES_IN_A_ROW: Final = 3
"""After as many the index, the disk or the sandbox is away, and the rest would only take long."""

MOST_AT_ONCE: Final = 8
_UNBOUNDED: Final = 1 << 60


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one release: it has an environment, cannot have one, or something failed.

    One of `facts`, `verdict` and `error` is set; `reason` goes with the verdict. `seconds` is what
    it took; `key` names the environment, which was there before if not `was_built`.
    """

    dask: str
    seconds: float
    key: str | None = None
    facts: EnvironmentFacts | None = None
    was_built: bool = False
    notes: tuple[str, ...] = ()
    verdict: Refusal | None = None
    reason: str = ""
    error: EngineError | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The results in the order of the releases; those that were not begun, and why.

    `bytes` is what all environments of the home take together, of `limit_bytes`.
    """

    results: tuple[Result, ...]
    left_out: tuple[str, ...]
    stopped_because: str
    bytes: int
    limit_bytes: int
    seconds: float


Watch = Callable[[str, Event], None]
"""Takes what is going on with a release, from several threads; must return at once."""

Done = Callable[[Result], None]
"""Takes a result, in the thread of the caller; must return at once."""


def specs(
    *, requirements: tuple[str, ...] = REQUIREMENTS, **wishes: object
) -> dict[str, EnvironmentSpec]:
    """What is to be built, by release, the oldest first; `wishes` are fields of the spec.

    Raises EnvironmentServiceError where the releases are not known.
    """
    known = [found.version for found in releases.known_releases()]
    wanted = [version for version in known if Version(version) >= Version(OLDEST)]
    return {
        version: EnvironmentSpec(requirements=requirements, dask=version, **wishes)  # type: ignore[arg-type]
        for version in wanted
    }


def at_once() -> int:
    """How many are built side by side: a build computes half the time."""
    return min(os.cpu_count() or 1, MOST_AT_ONCE)


def build_all(
    wanted: Mapping[str, EnvironmentSpec],
    *,
    watch: Watch,
    done: Done,
    cancelled: Cancelled,
    isolation: Isolation = "bubblewrap",
    limit_bytes: int | None = None,
    slots: int | None = None,
) -> Outcome:
    """Build what is missing of `wanted`, whatever fails meanwhile; nothing of it is evicted.

    `wanted` is by release; the last one is built first.

    What was there and was not used lately goes, until all fit into `limit_bytes` (None: as the home
    is set). Where they do not fit even so, no further one is begun.
    Raises Cancellation, and UsageError for a Python that there is not.
    """
    began_at, results = time.monotonic(), []
    limit = places.size_bytes() if limit_bytes is None else limit_bytes
    with ExitStack() as held, _pool(slots or at_once()) as pool:
        builder = _Builder(
            held=held, watch=watch, cancelled=cancelled, isolation=isolation, limit_bytes=limit
        )
        # The newest first: it is what most people need, if somebody interrupts.
        newest_first = reversed(list(wanted.items()))
        started = [pool.submit(builder.build, dask, spec) for dask, spec in newest_first]
        for each in as_completed(started):
            if (result := each.result()) is not None:
                results.append(result)
                done(result)
        bytes_now = eviction.total_bytes()
    made = {result.dask: result for result in results}
    return Outcome(
        results=tuple(made[dask] for dask in wanted if dask in made),
        left_out=tuple(dask for dask in wanted if dask not in made),
        stopped_because=builder.stopped_because,
        bytes=bytes_now,
        limit_bytes=limit,
        seconds=time.monotonic() - began_at,
    )


@contextmanager
def _pool(slots: int) -> Iterator[ThreadPoolExecutor]:
    """Where one fails in an unforeseen way, or is cancelled, what has not begun never begins."""
    pool = ThreadPoolExecutor(slots)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(kw_only=True)
class _Builder:
    held: ExitStack
    watch: Watch
    cancelled: Cancelled
    isolation: Isolation
    limit_bytes: int
    stopped_because: str = ""
    failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def build(self, dask: str, spec: EnvironmentSpec) -> Result | None:
        """None where it was not begun."""
        if self.stopped_because:
            return None
        began_at, notes = time.monotonic(), set[str]()

        def emit(event: Event) -> None:
            notes.add(event.note)
            self.watch(dask, event)

        def took() -> float:
            return time.monotonic() - began_at

        try:
            environment = obtain(
                spec,
                emit=emit,
                cancelled=self.cancelled,
                isolation=self.isolation,
                limit_bytes=_UNBOUNDED,
            )
        except EnvironmentRefused as no:
            return Result(dask=dask, seconds=took(), verdict=no.verdict, reason=no.reason)
        except (EnvironmentServiceError, IsolationError, MissingPython) as error:
            self._failed(error)
            return Result(dask=dask, seconds=took(), error=error)
        except OSError as error:
            mistake = InternalError(
                f"{type(error).__name__}: {error}", remedy="Run it again; report it if it stays."
            )
            self._failed(mistake)
            return Result(dask=dask, seconds=took(), error=mistake)
        was_built = "checking" in notes
        with self.lock:
            self.held.enter_context(environment)
            self.failures = 0
            if was_built:
                self._bound()
        return Result(
            dask=dask,
            seconds=took(),
            key=environment.key,
            facts=environment.facts,
            was_built=was_built,
            notes=environment.notes,
        )

    def _failed(self, error: EngineError) -> None:
        with self.lock:
            if not isinstance(error, MissingPython):
                self.failures += 1
            if self.failures >= FAILURES_IN_A_ROW:
                self.stopped_because = f"{self.failures} in a row failed: {error.message}"

    def _bound(self) -> None:
        if eviction.evict(limit_bytes=self.limit_bytes).bytes > self.limit_bytes:
            self.stopped_because = "what is in use takes all the room there is"
