"""How the memory of a sandbox went, as the host saw it: a bounded series, and its slope."""

from collections.abc import Sequence
from typing import Final

POINTS: Final = 240
FEWEST: Final = 10

Points = tuple[tuple[float, int], ...]
"""Seconds since the start, and bytes, in the order of time."""


class Curve:
    """Takes a sample at a time; of a long run it keeps evenly fewer, POINTS at most."""

    def __init__(self) -> None:
        self._points: list[tuple[float, int]] = []
        self._seen, self._every = 0, 1

    @property
    def points(self) -> Points:
        return tuple(self._points)

    def add(self, seconds: float, memory_bytes: int) -> None:
        if self._seen % self._every == 0:
            self._points.append((round(seconds, 2), memory_bytes))
        self._seen += 1
        if len(self._points) > POINTS:
            self._points, self._every = self._points[::2], 2 * self._every


def slope(points: Sequence[tuple[float, int]]) -> float | None:
    """Bytes a second over the second half, by least squares; None for too few samples.

    The first half is left out: there everything is imported and loaded.
    """
    late = points[len(points) // 2 :]
    if len(late) < FEWEST:
        return None
    mean_x = sum(x for x, _ in late) / len(late)
    mean_y = sum(y for _, y in late) / len(late)
    spread = sum((x - mean_x) ** 2 for x, _ in late)
    return sum((x - mean_x) * (y - mean_y) for x, y in late) / spread if spread else None
