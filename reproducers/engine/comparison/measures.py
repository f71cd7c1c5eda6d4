"""Two series of runs of one script: does one cost more, beyond what runs differ by anyway? Pure.

Runs are interleaved A B B A, so that a machine that becomes slower does so for both. The noise
floor comes from each side's runs among themselves (A against A): what they differ by tells nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

Side = Literal["ours", "theirs"]
Measure = Literal["tasks", "transitions", "bytes", "seconds", "memory", "growth"]

RUNS: Final = 5
SUPERIORITY: Final = 0.95
"""Of all pairs of one of ours and one of theirs, in how many ours has to cost more."""

# The least ratio, and the least difference, that counts as more: releases differ in how they count
# their own work, and a Python's start is never as long twice.
_LEAST: Final[dict[Measure, tuple[float, float]]] = {
    "tasks": (1.5, 20.0),
    "transitions": (1.5, 100.0),
    "bytes": (1.5, 10e6),
    "seconds": (1.2, 0.3),
    "memory": (1.2, 32 * 1024.0**2),
    "growth": (1.5, 4 * 1024.0**2),
}
OF_MEMORY: Final[tuple[Measure, ...]] = ("memory", "growth")
"""The peak, and bytes a second in the later half."""

COUNTERS: Final[tuple[Measure, ...]] = ("tasks", "transitions", "bytes")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One measure over two series: their medians, and by what ratio runs of one side differ.

    `is_more`: ours costs more than theirs, beyond the noise.
    """

    measure: Measure
    ours: float
    theirs: float
    noise: float
    is_more: bool

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.theirs else None


def interleaved(runs: int) -> Iterator[Side]:
    """A B B A A B B A ..., `runs` of each."""
    for number in range(runs):
        pair: tuple[Side, Side] = ("ours", "theirs")
        yield from pair if number % 2 == 0 else pair[::-1]


def compared(measure: Measure, ours: Sequence[float], theirs: Sequence[float]) -> Compared:
    """Both series have one value at least."""
    a, b = median(ours), median(theirs)
    noise = max(_spread(ours), _spread(theirs))
    least_ratio, least_difference = _LEAST[measure]
    pairs = [mine > other for mine in ours for other in theirs]
    is_more = (
        a > b * max(least_ratio, 1 + noise)
        and a - b >= least_difference
        and sum(pairs) >= SUPERIORITY * len(pairs)
    )
    return Compared(measure=measure, ours=a, theirs=b, noise=noise, is_more=is_more)


def _spread(values: Sequence[float]) -> float:
    """By how much the odd runs of one side differ from its even ones: A against A."""
    halves = median(values[::2]), median(values[1::2] or values)
    return max(halves) / min(halves) - 1 if min(halves) else 0.0


def first_more(found: Sequence[Compared]) -> Compared:
    """The first that is more, else the first."""
    return next((one for one in found if one.is_more), found[0])


def telling(found: Sequence[Compared]) -> Compared:
    """The one that decides: a counter that is more where seconds are no less, else the seconds.

    `found` has "seconds" in it.
    """
    seconds = next(one for one in found if one.measure == "seconds")
    counters = [one for one in found if one.measure in COUNTERS and one.is_more]
    return counters[0] if counters and seconds.ours >= seconds.theirs else seconds
