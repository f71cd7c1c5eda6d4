"""A column of numbers as one line of eighth blocks, for a terminal. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

BLOCKS: Final = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
ASCII: Final = str.maketrans(BLOCKS, "_.-~=+*#")
"""For a terminal that cannot show blocks."""


def sparkline(values: Sequence[float | None], *, width: int) -> str:
    """At most `width` signs over the same time each, from zero to the highest value.

    Each is as high as the highest value of its time; a time without any is a space.
    """
    bars = list(_highest(values, width))
    top = max((bar for bar in bars if bar is not None), default=0)
    return "".join(" " if bar is None else _block(bar, top) for bar in bars)


def _highest(values: Sequence[float | None], width: int) -> Iterator[float | None]:
    count = min(width, len(values))
    for place in range(count):
        part = values[place * len(values) // count : (place + 1) * len(values) // count]
        yield max((value for value in part if value is not None), default=None)


def _block(value: float, top: float) -> str:
    if top <= 0:
        return BLOCKS[0]
    return BLOCKS[min(int(value / top * len(BLOCKS)), len(BLOCKS) - 1)]
