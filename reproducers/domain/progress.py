"""What a trial does now, for how long already, and how long still: pure, for pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final, Literal

PHASES: Final = ("environment", "start", "script", "collect")
READY_SECONDS: Final = 1.0
"""What finding an environment takes once it was built."""

Phase = Literal["waiting", "environment", "start", "script", "collect"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Seconds that an earlier trial spent; None: it says nothing about that phase of this one."""

    environment: float | None = None
    start: float | None = None
    script: float | None = None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The phase a trial is in, its `seconds` so far, and the seconds left until its verdict.

    `left` is None where nothing like it ran before, or where it takes longer than it did then.
    `done` of `total` is 0 of 0 where the phase cannot be counted. `note` is plain text of the
    engine's or a sentence of ours.
    """

    phase: Phase
    seconds: float
    left: float | None = None
    done: int = 0
    total: int = 0
    note: str = ""


def expected(samples: Sequence[Sample]) -> Sample:
    """The middle of what earlier trials took, phase by phase."""
    return Sample(
        environment=_middle([sample.environment for sample in samples]),
        start=_middle([sample.start for sample in samples]),
        script=_middle([sample.script for sample in samples]),
    )


def waiting(*, queued_at: datetime, now: datetime, note: str) -> Progress:
    """A trial that nobody has taken yet."""
    return Progress(phase="waiting", seconds=_since(queued_at.timestamp(), now), note=note)


def running(
    *, event: Mapping[str, Any] | None, started_at: datetime, now: datetime, usual: Sample
) -> Progress:
    """A trial that a runner has; `event` is its newest, with `since`, or None before the first."""
    if event is None:
        return Progress(phase="environment", seconds=_since(started_at.timestamp(), now))
    seconds = _since(event["since"], now)
    return Progress(
        phase=event["phase"],
        seconds=seconds,
        left=_left(event["phase"], seconds, usual),
        done=event["done"],
        total=event["total"],
        note=event["note"],
    )


def _left(phase: str, seconds: float, usual: Sample) -> float | None:
    """Seconds until the verdict: the rest of this phase and all of those that follow."""
    takes = {
        "environment": usual.environment,
        "start": usual.start,
        "script": usual.script,
        "collect": READY_SECONDS,
    }
    to_come = [takes[name] for name in PHASES[PHASES.index(phase) :]]
    known = [each for each in to_come if each is not None]
    if len(known) < len(to_come) or seconds > known[0]:
        return None
    return sum(known) - seconds


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _since(instant: float, now: datetime) -> float:
    """Clocks of hosts differ a little: never less than nothing."""
    return max(now.timestamp() - instant, 0.0)
