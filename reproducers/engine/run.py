"""The engine's one door: a Job in, a Report out.

environment -> tries, each in a sandbox of its own -> judgements -> report
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from reproducers.engine import outputs
from reproducers.engine.environments import Environment, EnvironmentRefused, obtain
from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.fingerprint import fingerprint, script_fingerprint
from reproducers.engine.job import EnvironmentSpec, Isolation, Job
from reproducers.engine.judge import Found, Judgement, judge
from reproducers.engine.owner import UNKNOWN, owner
from reproducers.engine.report import (
    MESSAGE_CHARACTERS,
    NOTES,
    OUTPUT_CHARACTERS,
    REASON_CHARACTERS,
    Artifact,
    ExceptionFacts,
    Label,
    OwnerFrom,
    Phases,
    Report,
    Try,
)
from reproducers.engine.search import SearchTookTooLong, is_found
from reproducers.engine.symptoms import Observation
from reproducers.engine.trial_run import Attempt, attempt
from reproducers.engine.verdicts import Verdict

Keep = Callable[[str, bytes], None]
"""Takes a file that is worth keeping: its name, with no folder in it, and its content."""

UNISOLATED: Final = "It ran without a sandbox, with all rights of its caller."
WEAK: Final = "Limits were kept by watching only, since no cgroup is delegated here."


NOT_STARTED: Final = Judgement(
    verdict=Verdict.BAD_ENVIRONMENT,
    reason="The environment's Python ended before it came to the script.",
)


class Obtain(Protocol):
    """Gives an environment, as `environments.obtain.obtain` does."""

    def __call__(
        self, spec: EnvironmentSpec, *, emit: Emit, cancelled: Cancelled, isolation: Isolation
    ) -> Environment: ...


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A try with its verdict."""

    attempt: Attempt
    judgement: Judgement


def run_job(
    job: Job,
    *,
    emit: Emit,
    cancelled: Cancelled,
    keep: Keep | None = None,
    obtain: Obtain = obtain,
) -> Report:
    """Run the job's script as often as it says and report.

    Raises Cancellation (within two seconds of `cancelled`, with nothing left of the run),
    MissingPython, UnknownRelease, EnvironmentServiceError and IsolationError.
    """
    began_at = time.monotonic()
    try:
        environment = obtain(
            job.environment, emit=emit, cancelled=cancelled, isolation=job.policy.isolation
        )
    except EnvironmentRefused as refused:
        return _refused(refused, job, time.monotonic() - began_at)
    with environment:
        obtained_at = time.monotonic()
        tried = [
            _try(job, environment, number, emit=emit, cancelled=cancelled)
            for number in range(1, job.tries + 1)
        ]
    kept = _keep(tried, keep)
    return _report(job, environment, tried, kept, obtained_at - began_at)


def _try(
    job: Job, environment: Environment, number: int, *, emit: Emit, cancelled: Cancelled
) -> Judged:
    note = f"try {number} of {job.tries}" if job.tries > 1 else ""
    made = attempt(job, environment, emit=emit, cancelled=cancelled, note=note)
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


def overall(verdicts: Sequence[Verdict]) -> int:
    """Which try speaks for all: the first reproduced one, else the first that is not clean."""
    for wanted in (Verdict.REPRODUCED, *(verdict for verdict in verdicts if verdict != "clean")):
        if wanted in verdicts:
            return verdicts.index(wanted)
    return 0


def label_of(hits: int, runs: int) -> Label | None:
    """How often it shows; None where it never did, or a single run cannot tell."""
    if hits == 0 or runs == 1:
        return None
    if hits == runs:
        return "always"
    if hits * 2 >= runs:
        return "often"
    return "flaky" if hits * 10 >= runs else "rare"


def _report(
    job: Job,
    environment: Environment,
    tried: Sequence[Judged],
    kept: tuple[Artifact, ...],
    environment_seconds: float,
) -> Report:
    verdicts = [judged.judgement.verdict for judged in tried]
    speaking = tried[overall(verdicts)]
    judgement, seen = speaking.judgement, speaking.attempt.observation
    hits, runs = verdicts.count(Verdict.REPRODUCED), len(tried)
    public, private = _fingerprints(seen, judgement)
    whose, whose_from = _owner(seen, judgement)
    return Report(
        verdict=judgement.verdict,
        reason=judgement.reason[:REASON_CHARACTERS],
        symptom=judgement.symptom,
        kind=judgement.kind,
        exception=_exception(seen),
        fingerprint=public,
        script_fingerprint=private,
        owner=whose,
        owner_from=whose_from,
        hits=hits,
        runs=runs,
        rate=hits / runs,
        label=label_of(hits, runs),
        environment=environment.facts,
        isolation=job.policy.isolation,
        limits=speaking.attempt.outcome.limits,
        tries=tuple(map(_tried, tried)),
        seconds=_phases(tried, environment_seconds),
        artifacts=kept,
        output=seen.output.strip()[-OUTPUT_CHARACTERS:],
        notes=_notes(job, environment, speaking)[:NOTES],
    )


def _fingerprints(seen: Observation, judgement: Judgement) -> tuple[str | None, str | None]:
    if judgement.symptom is None:
        return None, None
    public = fingerprint(seen, judgement.symptom, kind=judgement.kind)
    return public.name, script_fingerprint(seen, public)


def _owner(seen: Observation, judgement: Judgement) -> tuple[str, OwnerFrom | None]:
    found = owner(seen, judgement.symptom)
    return found, None if found == UNKNOWN else "frames"


def _exception(seen: Observation) -> ExceptionFacts | None:
    if seen.exception is None or not seen.has_failed or seen.signal is not None:
        return None
    last = seen.exception.last
    return ExceptionFacts(
        type=last.type,
        message=last.message[:MESSAGE_CHARACTERS],
        traceback=seen.exception.traceback,
    )


def _tried(judged: Judged) -> Try:
    outcome = judged.attempt.outcome
    return Try(
        verdict=judged.judgement.verdict,
        seconds=round(outcome.seconds, 3),
        peak_memory_bytes=outcome.peak_memory_bytes,
    )


def _phases(tried: Sequence[Judged], environment_seconds: float) -> Phases:
    start = sum(judged.attempt.start_seconds for judged in tried)
    whole = sum(judged.attempt.seconds for judged in tried)
    return Phases(
        environment=round(environment_seconds, 3),
        start=round(start, 3),
        script=round(whole - start, 3),
    )


def _notes(job: Job, environment: Environment, speaking: Judged) -> tuple[str, ...]:
    outcome = speaking.attempt.outcome
    own = [UNISOLATED] if job.policy.isolation == "none" else []
    if outcome.limits == "weak":
        own.append(WEAK)
    if outcome.refused_forks:
        own.append(f"{outcome.refused_forks} processes or threads were too many and not started.")
    return (*environment.notes, *own)


def _refused(refused: EnvironmentRefused, job: Job, seconds: float) -> Report:
    """The report on a script that never ran, because its environment cannot be had."""
    return Report(
        verdict=refused.verdict,
        reason=refused.reason[:REASON_CHARACTERS],
        isolation=job.policy.isolation,
        seconds=Phases(environment=round(seconds, 3), start=0.0, script=0.0),
        output=refused.detail[-OUTPUT_CHARACTERS:],
    )
