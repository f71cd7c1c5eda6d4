"""The engine's one door: a Job in, a Report out.

environment -> tries, each in a sandbox of its own -> judgements -> report
"""

import contextlib
import dataclasses
import functools
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from reproducers.engine import gpu_share, memory_retry, outputs
from reproducers.engine.comparison import controls
from reproducers.engine.environments import Environment, EnvironmentRefused, obtain
from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.job import EnvironmentSpec, Isolation, Job
from reproducers.engine.judge import Found, Judgement, judge
from reproducers.engine.report import NOTES, Artifact, Report
from reproducers.engine.reporting import Judged, refused_report, report_of
from reproducers.engine.search import SearchTookTooLong, is_found
from reproducers.engine.symptoms import Observation
from reproducers.engine.trial_run import Attempt, Watcher, attempt
from reproducers.engine.verdicts import Verdict
from reproducers.engine.warm.rules import is_repeated_cold
from reproducers.engine.warm.sandbox import NotWarm, WarmSandbox
from reproducers.engine.warm.supply import Supply

Keep = Callable[[str, bytes], None]
"""Takes a file that is worth keeping: its name, with no folder in it, and its content."""

NOT_STARTED: Final = Judgement(
    verdict=Verdict.BAD_ENVIRONMENT,
    reason="The environment's Python ended before it came to the script.",
)


class Obtain(Protocol):
    """Gives an environment, as `environments.obtain.obtain` does."""

    def __call__(
        self, spec: EnvironmentSpec, *, emit: Emit, cancelled: Cancelled, isolation: Isolation
    ) -> Environment: ...


def run_job(
    job: Job,
    *,
    emit: Emit,
    cancelled: Cancelled,
    keep: Keep | None = None,
    obtain: Obtain = obtain,
    spare: WarmSandbox | None = None,
) -> Report:
    """Run the job's script as often as it says and report.

    `spare` waits for a job of some kind, and is closed whether this one enters it or not.
    Raises Cancellation (within two seconds of `cancelled`, with nothing left of the run),
    MissingPython, UnknownRelease, EnvironmentServiceError, MissingGpu and IsolationError.
    """
    gpu_share.check(job.policy)
    began_at = time.monotonic()
    get = functools.partial(obtain, emit=emit, cancelled=cancelled, isolation=job.policy.isolation)
    other = controls.opposite(job)
    with contextlib.ExitStack() as held:
        supply = held.enter_context(Supply(job, spare=spare))
        try:
            here = held.enter_context(get(job.environment))
            there = None if other is None else held.enter_context(get(other))
        except EnvironmentRefused as refused:
            return refused_report(refused, job, time.monotonic() - began_at)
        obtained_at = time.monotonic()
        try_once = functools.partial(_try, emit=emit, cancelled=cancelled, supply=supply)
        tried = controls.tried(job, here, there, try_once=try_once)
    kept = _keep(tried.tries, keep)
    report = report_of(job, here, tried.tries, kept, obtained_at - began_at)
    notes = (*report.notes, *tried.notes)[:NOTES]
    return dataclasses.replace(report, against=tried.against, notes=notes)


def _try(
    job: Job,
    environment: Environment,
    *,
    note: str,
    emit: Emit,
    cancelled: Cancelled,
    supply: Supply,
) -> Judged:
    """In a sandbox that waits where there is one and what it shows may count, else in a new one."""
    warm = supply.take(job, environment, cancelled=cancelled)
    supply.get_ahead(environment)
    judged = None
    if warm is not None:
        watcher = Watcher(emit, cancelled, total=job.policy.timeout_seconds, note=note)
        judged = _try_warm(job, warm, watcher, had_cold=supply.had_cold)
    cold = functools.partial(
        _try_cold, environment=environment, note=note, emit=emit, cancelled=cancelled
    )
    if judged is None:
        judged = cold(job)
    if memory_retry.is_wanted(job, judged.attempt.observation, judged.judgement):
        judged = _with_more_memory(job, judged, cold)
    supply.learn(judged.judgement.verdict, was_cold=not judged.attempt.is_warm)
    return judged


def _try_cold(
    job: Job, *, environment: Environment, note: str, emit: Emit, cancelled: Cancelled
) -> Judged:
    return _judged(job, attempt(job, environment, emit=emit, cancelled=cancelled, note=note))


def _with_more_memory(job: Job, judged: Judged, cold: Callable[[Job], Judged]) -> Judged:
    """Another run in place of one that ended at our limit, or the same; with a note on it."""
    larger = memory_retry.with_more(job, available_bytes=memory_retry.available_bytes())
    counting = judged if larger is None else cold(larger)
    notes = (*counting.attempt.notes, memory_retry.note(job, larger))
    return dataclasses.replace(counting, attempt=dataclasses.replace(counting.attempt, notes=notes))


def _try_warm(job: Job, warm: WarmSandbox, watcher: Watcher, *, had_cold: bool) -> Judged | None:
    """What counts, None where only a cold run can tell."""
    with warm:
        try:
            judged = _judged(job, warm.attempt(job, watcher))
        except NotWarm:
            return None
    verdict = judged.judgement.verdict
    return None if is_repeated_cold(verdict, job.expected, had_cold=had_cold) else judged


def _judged(job: Job, made: Attempt) -> Judged:
    if made.observation.has_failed and not made.has_started:
        return Judged(attempt=made, judgement=NOT_STARTED)
    found = _search(job, made.observation)
    judgement = judge(made.observation, expected=job.expected, found=found, policy=job.policy)
    return Judged(attempt=made, judgement=judgement)


def _search(job: Job, seen: Observation) -> Found:
    texts = tuple(seen.searchable())
    try:
        return Found(
            match=_is_found(job.expected.match, texts),
            accept=_is_found(job.expected.accept, texts),
        )
    except SearchTookTooLong:
        return Found(is_complete=False)


def _is_found(expression: str | None, texts: Iterable[str]) -> bool | None:
    return None if expression is None else is_found(expression, texts)


def _keep(tried: Sequence[Judged], keep: Keep | None) -> tuple[Artifact, ...]:
    if keep is None:
        return ()
    kept = []
    for number, judged in enumerate(tried, start=1):
        outcome = judged.attempt.outcome
        files = outputs.artifacts(
            judged.attempt.files,
            stdout=outcome.stdout,
            stderr=outcome.stderr,
            prefix=f"try-{number}-" if len(tried) > 1 else "",
        )
        for name, content in files.items():
            keep(name, content)
            sha256 = hashlib.sha256(content).hexdigest()
            kept.append(Artifact(name=name, bytes=len(content), sha256=sha256))
    return tuple(kept)
