"""What an SLA policy says, as people and files write it, read into values. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.domain.calendars import NotUnderstood

PRIORITIES = ("urgent", "high", "normal", "low")
METRICS = (
    "first_response",
    "next_response",
    "update",
    "workaround",
    "fix_proposed",
    "fix_delivered",
    "resolution",
    "resolution_total",
)
REOPEN = ("new-cycle", "resume", "ignore")
THANKS_GRACE_SECONDS = 24 * 3600

_KEYS = {"targets", "grace", "reopen", "thanks_grace"}
_UNITS = {"s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d{1,9})([smh])", re.ASCII)

Targets = dict[str, dict[str, int]]
"""Priority to metric to seconds of open time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of an SLA policy. A metric without a target is not measured.

    `grace_seconds` None means the new target (sla.md, rule 4); `thanks_grace_seconds` alone is
    counted by the clock on the wall.
    """

    targets: Targets
    grace_seconds: int | None = None
    reopen: str = "new-cycle"
    thanks_grace_seconds: int = THANKS_GRACE_SECONDS

    def target(self, *, priority: str, metric: str) -> int | None:
        """Seconds of open time, or None where nothing is promised."""
        return self.targets.get(priority, {}).get(metric)


def parse_policy(document: object, *, place: str = "policy") -> Policy:
    """The policy of `{"targets", "grace", "reopen", "thanks_grace"}` as sla.md words it.

    Durations are words such as "4h". Raises `NotUnderstood` with the place.
    """
    if not isinstance(document, Mapping):
        raise NotUnderstood(place, "a policy is an object with targets.")
    if unknown := sorted(set(document) - _KEYS):
        raise NotUnderstood(f"{place}.{unknown[0]}", "is no part of a policy.")
    grace = document.get("grace")
    reopen = document.get("reopen", "new-cycle")
    if reopen not in REOPEN:
        raise NotUnderstood(f"{place}.reopen", f"{reopen!r} is none of {', '.join(REOPEN)}.")
    return Policy(
        targets=parse_targets(document.get("targets"), place=f"{place}.targets"),
        grace_seconds=None if grace is None else parse_duration(grace, place=f"{place}.grace"),
        reopen=reopen,
        thanks_grace_seconds=parse_duration(
            document.get("thanks_grace", "24h"), place=f"{place}.thanks_grace"
        ),
    )


def parse_targets(document: object, *, place: str = "targets") -> Targets:
    """`{"high": {"first_response": "4h"}}` in seconds. At least one target, each above nothing."""
    if not isinstance(document, Mapping) or not document:
        raise NotUnderstood(place, "is an object of targets by priority and metric.")
    return {
        _word(priority, PRIORITIES, place): _metrics(metrics, f"{place}.{priority}")
        for priority, metrics in document.items()
    }


def parse_duration(text: object, *, place: str = "duration") -> int:
    """Seconds of "90s", "30m" or "4h"."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise NotUnderstood(place, f"{text!r} is no duration such as 30m or 4h.")
    return int(match[1]) * _UNITS[match[2]]


def write_duration(seconds: int) -> str:
    """The shortest text that `parse_duration` reads as those seconds."""
    for unit in ("h", "m"):
        if seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"


def _metrics(document: object, place: str) -> dict[str, int]:
    if not isinstance(document, Mapping):
        raise NotUnderstood(place, "is an object of durations by metric.")
    return {
        _word(metric, METRICS, place): _target(duration, f"{place}.{metric}")
        for metric, duration in document.items()
    }


def _target(duration: object, place: str) -> int:
    seconds = parse_duration(duration, place=place)
    if seconds == 0:
        raise NotUnderstood(place, "a target of no time cannot be met.")
    return seconds


def _word(word: object, known: tuple[str, ...], place: str) -> str:
    if not isinstance(word, str) or word not in known:
        raise NotUnderstood(f"{place}.{word}", f"is none of {', '.join(known)}.")
    return word
