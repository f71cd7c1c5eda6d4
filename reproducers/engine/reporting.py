"""From the tries of a job, each with its judgement, to the one report over all of them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reproducers.engine import outputs
from reproducers.engine.environments import Environment, EnvironmentRefused
from reproducers.engine.fingerprint import fingerprint, script_fingerprint
from reproducers.engine.job import Job
from reproducers.engine.judge import Judgement
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
from reproducers.engine.symptoms import Observation
from reproducers.engine.trial_run import Attempt
from reproducers.engine.untrusted import text
from reproducers.engine.verdicts import Verdict

UNISOLATED: Final = "It ran without a sandbox, with all rights of its caller."
WEAK: Final = "Limits were kept by watching only, since no cgroup is delegated here."


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A try with its verdict."""

    attempt: Attempt
    judgement: Judgement


def overall(verdicts: Sequence[Verdict]) -> int:
    """Which try speaks for all: the first reproduced one, else the first that is not clean."""
    for wanted in (Verdict.REPRODUCED, *(verdict for verdict in verdicts if verdict != "clean")):
        if wanted in verdicts:
            return verdicts.index(wanted)
    return 0


def speaking_prefix(verdicts: Sequence[Verdict]) -> str:
    """How the names of the files begin that the try which speaks for all left."""
    return f"try-{overall(verdicts) + 1}-" if len(verdicts) > 1 else ""


def label_of(hits: int, runs: int) -> Label | None:
    """How often it shows; None where it never did, or a single run cannot tell."""
    if hits == 0 or runs == 1:
        return None
    if hits == runs:
        return "always"
    if hits * 2 >= runs:
        return "often"
    return "flaky" if hits * 10 >= runs else "rare"


def report_of(
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
        notes=notes_on(job, environment, speaking)[:NOTES],
    )


def _fingerprints(seen: Observation, judgement: Judgement) -> tuple[str | None, str | None]:
    if judgement.symptom is None:
        return None, None
    public = fingerprint(seen, judgement.symptom, kind=judgement.kind, named_by=judgement.named_by)
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
        warm=judged.attempt.is_warm,
    )


def _phases(tried: Sequence[Judged], environment_seconds: float) -> Phases:
    start = sum(judged.attempt.start_seconds for judged in tried)
    whole = sum(judged.attempt.seconds for judged in tried)
    return Phases(
        environment=round(environment_seconds, 3),
        start=round(start, 3),
        script=round(whole - start, 3),
    )


def notes_on(job: Job, environment: Environment, speaking: Judged) -> tuple[str, ...]:
    outcome = speaking.attempt.outcome
    own = [UNISOLATED] if job.policy.isolation == "none" else []
    if outcome.limits == "weak":
        own.append(WEAK)
    if outcome.refused_forks:
        own.append(f"{outcome.refused_forks} processes or threads were too many and not started.")
    if failed := speaking.attempt.files.get(outputs.NO_PERFORMANCE):
        why = text(failed.decode("utf-8", "replace"), limit=300)
        own.append(f"Dask's performance report could not be made: {why}.")
    return (*environment.notes, *speaking.attempt.notes, *own)


def refused_report(refused: EnvironmentRefused, job: Job, seconds: float) -> Report:
    """The report on a script that never ran, because its environment cannot be had."""
    return Report(
        verdict=refused.verdict,
        reason=refused.reason[:REASON_CHARACTERS],
        isolation=job.policy.isolation,
        seconds=Phases(environment=round(seconds, 3), start=0.0, script=0.0),
        output=refused.detail[-OUTPUT_CHARACTERS:],
    )
