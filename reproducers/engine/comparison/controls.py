"""Runs a job's script and what it is compared with, in the order that the comparison needs."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from reproducers.engine import outputs
from reproducers.engine.comparison import decisions
from reproducers.engine.comparison.counters import counters
from reproducers.engine.comparison.measures import Compared, Measure, interleaved
from reproducers.engine.comparison.results import differences, read_result
from reproducers.engine.environments import Environment
from reproducers.engine.job import EnvironmentSpec, Job
from reproducers.engine.judge import Judgement
from reproducers.engine.report import Against
from reproducers.engine.reporting import Judged
from reproducers.engine.verdicts import Symptom, Verdict

NO_RESULT: Final = "The script leaves no value in `result`, so that none was compared."


class TryOnce(Protocol):
    """Runs a job's script once and judges what it shows by itself."""

    def __call__(self, job: Job, environment: Environment, *, note: str) -> Judged: ...


@dataclass(frozen=True, kw_only=True)
class Tried:
    """All tries of a job, judged, and what they were compared with, if anything."""

    tries: Sequence[Judged]
    against: Against | None = None
    notes: tuple[str, ...] = ()


def opposite(job: Job) -> EnvironmentSpec | None:
    """The environment that the job is compared with, None where it names none."""
    if job.against is None:
        return None
    return dataclasses.replace(job.environment, dask=job.against)


def tried(job: Job, here: Environment, there: Environment | None, *, try_once: TryOnce) -> Tried:
    """Run everything. `there` is the environment of `opposite`."""
    if there is not None and job.expected.kind in decisions.RUNS:
        return _measured(job, here, there, job.expected.kind, try_once)
    own = [
        try_once(job, here, note=f"try {number} of {job.tries}" if job.tries > 1 else "")
        for number in range(1, job.tries + 1)
    ]
    if there is not None:
        return _against_release(job, own, there, try_once)
    return _against_sync(job, own, here, try_once)


def _measured(
    job: Job, here: Environment, there: Environment, symptom: Symptom, try_once: TryOnce
) -> Tried:
    runs = max(decisions.RUNS[symptom], job.tries)
    sides: dict[str, list[Judged]] = {"ours": [], "theirs": []}
    for side in interleaved(runs):
        note = f"run {len(sides[side]) + 1} of {runs}, {'here' if side == 'ours' else job.against}"
        sides[side].append(try_once(job, here if side == "ours" else there, note=note))
        ours, theirs = sides["ours"], sides["theirs"]
        if len(ours) == len(theirs) and decisions.is_over(_judgements(ours), _judgements(theirs)):
            return _unmeasured(ours, theirs, str(job.against))
    found = decisions.measured(symptom, list(map(_sample, ours)), list(map(_sample, theirs)))
    judgement = decisions.on_measure(found, symptom, there=str(job.against))
    return Tried(
        tries=[dataclasses.replace(one, judgement=judgement) for one in ours],
        against=_facts(theirs, dask=job.against, measure=found),
    )


def _judgements(tries: Sequence[Judged]) -> list[Judgement]:
    return [one.judgement for one in tries]


def _unmeasured(ours: list[Judged], theirs: list[Judged], there: str) -> Tried:
    judgement = decisions.unmeasured(ours[-1].judgement, theirs[-1].judgement, there=there)
    last = dataclasses.replace(ours[-1], judgement=judgement)
    return Tried(tries=[*ours[:-1], last], against=_facts(theirs[-1:], dask=there))


def _sample(judged: Judged) -> dict[Measure, float]:
    """What one run took; its counters where a cluster was seen."""
    attempt = judged.attempt
    sample: dict[Measure, float] = {"seconds": attempt.seconds - attempt.start_seconds}
    sample["memory"] = float(attempt.outcome.peak_memory_bytes or 0)
    if attempt.observation.memory_slope is not None:
        sample["growth"] = max(attempt.observation.memory_slope, 0.0)
    return {**counters(outputs.observer_lines(attempt.files)), **sample}


def _against_release(job: Job, own: list[Judged], there: Environment, try_once: TryOnce) -> Tried:
    control = try_once(job, there, note=f"to compare with {job.against}")
    if job.expected.kind in (None, Symptom.WRONG_RESULT) and any(map(_result, own)):
        return _compared(job, own, [control], there, try_once)
    asked = job.expected.kind is Symptom.WRONG_RESULT
    notes = (NO_RESULT,) if asked and all(map(_is_clean, own)) else ()
    return Tried(tries=own, against=_facts([control], dask=job.against), notes=notes)


def _against_sync(job: Job, own: list[Judged], here: Environment, try_once: TryOnce) -> Tried:
    if job.expected.kind is not Symptom.WRONG_RESULT or not any(map(_result, own)):
        return Tried(tries=own)
    control = dataclasses.replace(job, is_sync_control=True)
    judged = try_once(control, here, note="to compare, in one thread")
    return _compared(control, own, [judged], here, try_once)


def _compared(
    job: Job, own: list[Judged], controls: list[Judged], there: Environment, try_once: TryOnce
) -> Tried:
    """Each run here that is clean by itself, with its result compared to that of `controls`."""
    name = decisions.SYNC if job.is_sync_control else str(job.against)
    dask = None if job.is_sync_control else job.against
    their = _result(controls[0])
    if their is None:
        why = decisions.no_result(controls[0].judgement, there=name)
        return Tried(
            tries=[_judged_as(one, why) if _result(one) else one for one in own],
            against=_facts(controls, dask=dask),
        )
    values = [_result(one) for one in own]
    found = [differences(value, their) for value in values if value is not None]
    if any(found):
        controls.append(try_once(job, there, note=f"again, {name}"))
    again = _result(controls[-1])
    tries = [
        _judged_as(one, decisions.on_result(value, their, again, there=name)) if value else one
        for one, value in zip(own, values, strict=True)
    ]
    facts = dataclasses.replace(
        _facts(controls, dask=dask),
        measure="result",
        differences=next(filter(None, found), ()),
    )
    return Tried(tries=tries, against=facts)


def _judged_as(judged: Judged, judgement: Judgement) -> Judged:
    return dataclasses.replace(judged, judgement=judgement)


def _is_clean(judged: Judged) -> bool:
    return judged.judgement.verdict is Verdict.CLEAN


def _result(judged: Judged) -> Any | None:
    """The value of a run that ended well and shows nothing by itself."""
    if not _is_clean(judged) or judged.attempt.observation.has_failed:
        return None
    return read_result(judged.attempt.files.get(outputs.RESULT, b""))


def _facts(
    theirs: Sequence[Judged], *, dask: str | None, measure: Compared | None = None
) -> Against:
    first = theirs[0].judgement
    facts = Against(dask=dask, verdict=first.verdict, reason=first.reason, runs=len(theirs))
    if measure is None:
        return facts
    return dataclasses.replace(
        facts,
        measure=measure.measure,
        ours=measure.ours,
        theirs=measure.theirs,
        ratio=measure.ratio,
        noise=measure.noise,
    )
