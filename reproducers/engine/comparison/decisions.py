"""From runs here and runs there to a verdict on here: pure.

"Here" is the environment that was asked about, "there" the release named by `--against`, or the
same environment with the synchronous scheduler. What a run here shows by itself counts first. A
comparison needs a run there that ended well: without one there is no evidence either way.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reproducers.engine.comparison.measures import (
    COUNTERS,
    OF_MEMORY,
    Compared,
    Measure,
    compared,
    first_more,
    telling,
)
from reproducers.engine.comparison.results import differences, is_reordered
from reproducers.engine.judge import Judgement
from reproducers.engine.quantities import format_bytes
from reproducers.engine.report import Difference
from reproducers.engine.verdicts import Symptom, Verdict

RUNS: Final = {Symptom.SLOW: 5, Symptom.MEMORY: 3}
"""How many runs of each side a measured symptom takes."""

SYNC: Final = "the synchronous scheduler"
_SAID: Final[dict[Measure, str]] = {
    "tasks": "{0:.0f} tasks, {1:.0f} on {2}",
    "transitions": "{0:.0f} transitions, {1:.0f} on {2}",
    "bytes": "{0:.0f} bytes, {1:.0f} on {2}",
    "seconds": "{0:.1f} s, {1:.1f} s on {2}",
}


def is_over(ours: Sequence[Judgement], theirs: Sequence[Judgement]) -> bool:
    """Whether more runs would change nothing: one that did not end well cannot be measured."""
    return any(one.verdict is not Verdict.CLEAN for one in (*ours, *theirs))


def unmeasured(own: Judgement, their: Judgement, *, there: str) -> Judgement:
    """The verdict where a run of one side did not end well, so that nothing was measured."""
    if own.verdict is Verdict.CLEAN:
        return no_evidence(f"On {there} it cannot be measured: {_inner(their.reason)}")
    if own.verdict is not Verdict.REPRODUCED or their.verdict is Verdict.CLEAN:
        return own
    return no_evidence(f"On {there} it is no better: {_inner(their.reason)}")


def no_evidence(reason: str) -> Judgement:
    return Judgement(verdict=Verdict.DIFFERENT, reason=reason)


def _inner(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"


Samples = Sequence[Mapping[Measure, float]]


def measured(symptom: Symptom, ours: Samples, theirs: Samples) -> Compared:
    """The measure that decides. Each run here and there ended well and has its samples."""
    if symptom is Symptom.MEMORY:
        return first_more([_over(name, ours, theirs) for name in _in_all(OF_MEMORY, ours, theirs)])
    names = _in_all((*COUNTERS, "seconds"), ours, theirs)
    return telling([_over(name, ours, theirs) for name in names])


def _in_all(names: Sequence[Measure], ours: Samples, theirs: Samples) -> list[Measure]:
    return [name for name in names if all(name in one for one in (*ours, *theirs))]


def _over(name: Measure, ours: Samples, theirs: Samples) -> Compared:
    return compared(name, [one[name] for one in ours], [one[name] for one in theirs])


def on_measure(found: Compared, symptom: Symptom, *, there: str) -> Judgement:
    """The verdict of a measure over all runs."""
    if found.measure in OF_MEMORY:
        rate = " more a second" if found.measure == "growth" else ""
        ours, theirs = (format_bytes(round(number)) for number in (found.ours, found.theirs))
        facts = f"{ours}{rate}, {theirs} on {there}"
    else:
        facts = _SAID[found.measure].format(found.ours, found.theirs, there)
    noise = f"runs of one release differ by {found.noise:.0%}"
    if found.is_more:
        reason = f"It takes {facts}; {noise}."
        return Judgement(
            verdict=Verdict.REPRODUCED, reason=reason, symptom=symptom, named_by=found.measure
        )
    return Judgement(verdict=Verdict.CLEAN, reason=f"It takes no more: {facts}; {noise}.")


def no_result(their: Judgement, *, there: str) -> Judgement:
    return no_evidence(f"There is no result of {there} to compare with: {_inner(their.reason)}")


def on_result(own: Any, their: Any, again: Any, *, there: str) -> Judgement:
    """The verdict on a result, compared with theirs.

    `again` is a second one of theirs, needed where both differ: one that is not the same twice
    cannot be compared with.
    """
    found = differences(own, their)
    if not found:
        return Judgement(verdict=Verdict.CLEAN, reason=f"Its result is that of {there}.")
    if again is None or differences(their, again):
        return no_evidence(
            f"Its result differs from run to run on {there}, so that it cannot be compared; "
            "give what is random a seed."
        )
    return Judgement(
        verdict=Verdict.REPRODUCED,
        reason=_sentence(found, is_reordered(own, their), there),
        symptom=Symptom.WRONG_RESULT,
        named_by=found[0].place,
    )


def _sentence(found: Sequence[Difference], has_another_order: bool, there: str) -> str:
    if has_another_order:
        return f"Its result has the same rows as on {there}, in another order."
    first = found[0]
    return f"Its result is not that of {there}: {first.place} is {first.ours}, not {first.theirs}."
