"""From what a run showed and what was expected of it to a verdict: pure, and the whole rule.

A verdict rests on what the host saw: exit status, signal, limit, and its own clock. What the script
wrote (exception, warnings, output, the observer's lines) can only explain a failure that the host
saw, or be what the reporter's own `match` names. A script that ends with 0 and was not said to show
anything is clean whatever it prints. One that forges an exception and exits with 1 has failed as
surely as one that raises it: a script may always raise what it likes.

Without a stated symptom, time that is over is a `limit`, since slow and waiting are no hangs; only
a cluster that has work left, none of it on a thread, and has not moved for long is a hang unasked.
"""

from dataclasses import dataclass

from reproducers.engine.job import ExpectedSymptom, RunPolicy
from reproducers.engine.progress import Progress
from reproducers.engine.quantities import format_bytes
from reproducers.engine.symptoms import Observation, Shown, missing_module, what_it_showed
from reproducers.engine.verdicts import Symptom, Verdict

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
        return _out_of_memory(expected, found, policy)
    if seen.limit == "timeout":
        return _out_of_time(seen, expected, found, policy)
    if seen.limit is not None:
        return _limit(f"It was stopped at its limit of {_LIMITS[seen.limit]}.")
    return _ended(seen, expected, found)


_LIMITS = {"pids": "processes", "output": "output", "cancelled": "patience"}


def _out_of_memory(expected: ExpectedSymptom, found: Found, policy: RunPolicy) -> Judgement:
    used = f"used more than the {format_bytes(policy.memory_bytes)} of memory it may use"
    if expected.kind is Symptom.MEMORY and found.match is not False:
        return _reproduced(Shown(symptom=Symptom.MEMORY, sentence=f"it {used}"))
    return _limit(f"It {used}; nothing can be said until it gets more.")


def _out_of_time(
    seen: Observation, expected: ExpectedSymptom, found: Found, policy: RunPolicy
) -> Judgement:
    time = _time(policy)
    stuck = _stuck(seen.progress, policy)
    if expected.kind is Symptom.HANG:
        return _stated_hang(seen, found, policy, stuck)
    if expected.kind is Symptom.SLOW:
        slow = Shown(symptom=Symptom.SLOW, sentence=f"it was not done after {time}")
        return _stated(slow if stuck is None else stuck, Symptom.SLOW, found)
    if found.match:
        return _reproduced(_matched(None, expected))
    if stuck is not None and expected.kind is None:
        return _different(stuck) if found.match is False else _reproduced(stuck)
    return _limit(f"It was stopped after {time}, and nothing shows that it hangs.")


def _time(policy: RunPolicy) -> str:
    seconds = policy.timeout_seconds
    return "1 second" if seconds == 1 else f"{seconds:g} seconds"


def _stated_hang(
    seen: Observation, found: Found, policy: RunPolicy, stuck: Shown | None
) -> Judgement:
    time = _time(policy)
    if stuck is not None:
        return _stated(stuck, Symptom.HANG, found)
    if seen.progress is not None and seen.progress.quiet_seconds < _quiet_wanted(policy):
        moving = f"its cluster was still making progress when it was stopped after {time}"
        return _different(Shown(symptom=Symptom.SLOW, sentence=moving))
    hang = Shown(symptom=Symptom.HANG, sentence=f"it did not end within {time}")
    return _stated(hang, Symptom.HANG, found)


def _quiet_wanted(policy: RunPolicy) -> float:
    """How long nothing may move in a hang: of a short run, the better part of it."""
    return min(policy.hang_floor_seconds, policy.timeout_seconds / 2)


def _stuck(progress: Progress | None, policy: RunPolicy) -> Shown | None:
    """The hang that a cluster's counters prove, None where they do not."""
    if progress is None or progress.quiet_seconds < policy.hang_floor_seconds:
        return None
    if not progress.unfinished or progress.busy:
        return None
    return Shown(
        symptom=Symptom.HANG,
        sentence=f"nothing moved for {progress.quiet_seconds:.0f} seconds, "
        f"with {progress.unfinished} tasks left and none on a thread",
        kind=_kind_of_hang(progress),
    )


def _kind_of_hang(progress: Progress) -> str | None:
    if progress.unrunnable == progress.unfinished:
        return "unrunnable"
    return None if progress.held else "deadlock"


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
    if expected.kind is Symptom.WARNING and seen.warnings:
        first = seen.warnings[0]
        sentence = f"it warned {first.category}: {' '.join(first.message.split())[:200]}"
        return Shown(symptom=Symptom.WARNING, sentence=sentence)
    killed_by_signal = (
        shown is not None
        and shown.symptom is Symptom.KILLED_WORKER
        and (shown.kind or "").startswith("SIG")
    )
    if expected.kind is Symptom.CRASH and shown is not None and killed_by_signal:
        return Shown(symptom=Symptom.CRASH, sentence=shown.sentence, kind=shown.kind)
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
    return Judgement(verdict=verdict, reason=reason, symptom=shown.symptom, kind=shown.kind)


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
