"""From what a run showed and what was expected of it to a verdict: pure, and the whole rule.

A verdict rests on what the host saw: exit status, signal, limit, and its own clock. What the script
wrote (exception, warnings, output, the observer's lines) can only explain a failure that the host
saw, or be what the reporter's own `match` names. A script that ends with 0 and was not said to show
anything is clean whatever it prints. One that forges an exception and exits with 1 has failed as
surely as one that raises it: a script may always raise what it likes.

Without a stated symptom, time that is over is a `limit`, since slow and waiting are no hangs; only
a standstill that its last seconds prove (hangs/kinds.py) is a hang unasked.
"""

import dataclasses
from dataclasses import dataclass
from typing import Final

from reproducers.engine.hangs.kinds import Motion, Reason, Standstill
from reproducers.engine.job import ExpectedSymptom, RunPolicy
from reproducers.engine.quantities import format_bytes
from reproducers.engine.symptoms import (
    Observation,
    Shown,
    crash_in_the_cluster,
    is_memory_error,
    missing_module,
    own_limit,
    warning_of,
    what_it_showed,
)
from reproducers.engine.verdicts import Symptom, Verdict

MIB: Final = 1024**2

# Told by how a run ends and not by words, so that a match alone does not make them.
_TOLD_BY_THE_END = frozenset({Symptom.HANG, Symptom.SLOW, Symptom.MEMORY, Symptom.CRASH})


@dataclass(frozen=True, kw_only=True)
class Found:
    """Whether the expected expressions were found; None: not asked for.

    `is_complete` False: the search itself took too long, so nothing is known.
    """

    match: bool | None = None
    accept: bool | None = None
    is_complete: bool = True


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict on one try. `reason` is one sentence; `symptom` what was shown, if anything.

    `named_by` tells two symptoms apart that have neither an exception nor a stack.
    """

    verdict: Verdict
    reason: str
    symptom: Symptom | None = None
    kind: str | None = None
    named_by: str = ""


def judge(
    seen: Observation, *, expected: ExpectedSymptom, found: Found, policy: RunPolicy
) -> Judgement:
    """The verdict on a run that was not cancelled."""
    if not found.is_complete:
        return _limit("Searching its output for `match` or `accept` took too long.")
    if seen.is_out_of_memory:
        return _out_of_memory(seen, expected, found, policy)
    if seen.limit == "timeout":
        return _out_of_time(seen, expected, found, policy)
    if seen.limit is not None:
        return _limit(f"It was stopped at its limit of {_LIMITS[seen.limit]}.")
    if (limit := own_limit(seen)) is not None and not found.match:
        return _limit(f"It failed at the sandbox's limit on {limit}.")
    return _ended(seen, expected, found)


_LIMITS = {"pids": "processes", "output": "output", "cancelled": "patience"}


def _out_of_memory(
    seen: Observation, expected: ExpectedSymptom, found: Found, policy: RunPolicy
) -> Judgement:
    used = f"used more than the {format_bytes(policy.memory_bytes)} of memory it may use"
    if expected.kind is Symptom.MEMORY and found.match is not False:
        return _reproduced(Shown(symptom=Symptom.MEMORY, sentence=f"it {used}{_growing(seen)}"))
    return _limit(f"It {used}; nothing can be said until it gets more.")


def _growing(seen: Observation) -> str:
    """To be added to a sentence, where memory grew steadily enough to say how fast."""
    slope = seen.memory_slope or 0.0
    return f", growing by {format_bytes(round(slope))} a second" if slope >= MIB else ""


def _out_of_time(
    seen: Observation, expected: ExpectedSymptom, found: Found, policy: RunPolicy
) -> Judgement:
    hang = _hang(seen.standing)
    if expected.kind is Symptom.HANG:
        return _stated_hang(seen, found, policy, hang)
    is_proven = isinstance(seen.standing, Standstill) and seen.standing.is_certain
    if expected.kind is Symptom.SLOW:
        slow = Shown(symptom=Symptom.SLOW, sentence=f"it was not done after {_time(policy)}")
        return _stated(hang if hang is not None and is_proven else slow, Symptom.SLOW, found)
    if found.match:
        return _reproduced(_matched(None, expected))
    if hang is not None and is_proven and expected.kind is None:
        return _different(hang) if found.match is False else _reproduced(hang)
    return _limit(
        f"It was stopped after {_time(policy)}, and nothing shows that it hangs"
        f"{_why_not(seen.standing, policy)}."
    )


def _time(policy: RunPolicy) -> str:
    return _seconds(policy.timeout_seconds)


def _seconds(seconds: float) -> str:
    return "1 second" if seconds == 1 else f"{seconds:g} seconds"


def _hang(standing: Reason) -> Shown | None:
    if not isinstance(standing, Standstill):
        return None
    return Shown(symptom=Symptom.HANG, sentence=standing.sentence, kind=standing.kind)


def _why_not(standing: Reason, policy: RunPolicy) -> str:
    """What stands against a hang, to be added to a sentence."""
    if policy.timeout_seconds < policy.hang_floor_seconds:
        return f": that takes {_seconds(policy.hang_floor_seconds)} without progress"
    return "" if standing is None else f": {standing.sentence}"


def _stated_hang(
    seen: Observation, found: Found, policy: RunPolicy, hang: Shown | None
) -> Judgement:
    """A hang that somebody expects: the same evidence, or that there is none against it."""
    standing, time = seen.standing, _time(policy)
    if hang is not None:
        return _stated(hang, Symptom.HANG, found)
    is_too_short = policy.timeout_seconds < policy.hang_floor_seconds
    if is_too_short or (isinstance(standing, Motion) and standing.is_waiting):
        why = _why_not(standing, policy)
        return _limit(f"It was stopped after {time}, and nothing shows that it hangs{why}.")
    if isinstance(standing, Motion):
        moving = f"it was still making progress when it was stopped after {time}"
        sentence = f"{moving}: {standing.sentence}"
        return _different(Shown(symptom=Symptom.SLOW, sentence=sentence))
    unknown = Shown(symptom=Symptom.HANG, sentence=f"it did not end within {time}")
    return _stated(unknown, Symptom.HANG, found)


def _ended(seen: Observation, expected: ExpectedSymptom, found: Found) -> Judgement:
    shown = what_it_showed(seen)
    if found.accept and seen.has_failed and seen.signal is None:
        return Judgement(
            verdict=Verdict.CLEAN, reason="It failed with an error that counts as a right answer."
        )
    if expected.kind in _TOLD_BY_THE_END or (found.match is None and expected.kind is not None):
        judgement = _stated(_as_stated(seen, shown, expected), expected.kind, found)
    elif found.match:
        judgement = _reproduced(_matched(shown, expected))
    elif shown is None:
        judgement = _clean()
    else:
        judgement = _different(shown) if found.match is False else _reproduced(shown)
    module = missing_module(seen)
    if module is not None and not found.match:
        return _bad_environment(module)
    return judgement


def _as_stated(seen: Observation, shown: Shown | None, expected: ExpectedSymptom) -> Shown | None:
    """What was shown, seen with the eyes of who stated a symptom that has two faces."""
    if expected.kind is Symptom.WARNING:
        return warning_of(seen) or shown
    is_crash = shown is not None and shown.symptom is Symptom.CRASH
    if expected.kind is Symptom.CRASH and not is_crash:
        shown = crash_in_the_cluster(seen) or shown
    if shown is None:
        return None
    died = shown.kind or "" if shown.symptom is Symptom.KILLED_WORKER else ""
    if expected.kind is Symptom.CRASH and died.startswith("SIG"):
        return dataclasses.replace(shown, symptom=Symptom.CRASH)
    if expected.kind is Symptom.MEMORY and (died == "nanny-memory" or is_memory_error(seen)):
        return dataclasses.replace(shown, symptom=Symptom.MEMORY)
    return shown


def _stated(shown: Shown | None, kind: Symptom | None, found: Found) -> Judgement:
    if shown is None:
        return _clean()
    if shown.symptom is kind and found.match is not False:
        return _reproduced(shown)
    return _different(shown)


def _matched(shown: Shown | None, expected: ExpectedSymptom) -> Shown:
    """The reported symptom, found by its words: in what ended the script, or only in its output."""
    if shown is not None:
        return shown
    sentence = "its output or warnings show what was reported"
    return Shown(symptom=expected.kind, sentence=sentence)


def _reproduced(shown: Shown) -> Judgement:
    return _judged(Verdict.REPRODUCED, shown, _sentence(shown.sentence))


def _different(shown: Shown) -> Judgement:
    reason = f"Not what was reported: {shown.sentence}{'' if shown.sentence.endswith('.') else '.'}"
    return _judged(Verdict.DIFFERENT, shown, reason)


def _judged(verdict: Verdict, shown: Shown, reason: str) -> Judgement:
    return Judgement(
        verdict=verdict,
        reason=reason,
        symptom=shown.symptom,
        kind=shown.kind,
        named_by=shown.named_by,
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _clean() -> Judgement:
    return Judgement(verdict=Verdict.CLEAN, reason="It ended well and showed nothing of it.")


def _limit(reason: str) -> Judgement:
    return Judgement(verdict=Verdict.LIMIT, reason=reason)


def _bad_environment(module: str) -> Judgement:
    return Judgement(
        verdict=Verdict.BAD_ENVIRONMENT,
        reason=f"The script imports {module}, which its environment has not got; "
        "name it in the script's dependencies or with --with.",
    )
