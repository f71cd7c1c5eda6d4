"""Lines over time as numbers that a template can draw: axes, paths, labels, and the table behind.

A path is drawn in a box of 1000 by 1000 that the page stretches, with strokes that keep their
width; text stands beside the box and never scales. Lines differ by their dashes and carry their
names at their ends, so that they can be told apart without colour and without a legend.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

BOX = 1000
BUCKETS = 90
"""Stretches of time that a path tells apart; of each it shows the lowest and the highest value."""

ROWS = 24
"""Rows of the table: of a longer run every nth instant, and the one of the highest value."""

LETTERING = 16
"""Pixels between two labels, so that they can be read."""

HIGH, LOW = 128, 48
"""Pixels of a plot, and of one that only accompanies others."""

ROUND_TIMES = (1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600)
"""Seconds at which an axis of time has a tick."""

SHORTEST, SMALLEST = 0.1, 1e-6
"""What an axis can show, in seconds and in values; below that it is nothing."""

Values = Sequence[float | None]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A name and a value for each instant; None where nothing is known."""

    name: str
    values: Values


@dataclass(frozen=True, kw_only=True)
class Plot:
    """What is to be drawn. `said` sums it up in words; `told` writes a value with its unit.

    `seconds` grows. `base` is that of the unit: 1024 for bytes, so that the axis is even. `limit`
    is a value that lines stay under, drawn where they come near it.
    """

    name: str
    said: str
    seconds: Sequence[float]
    lines: Sequence[Line]
    told: Callable[[float], str]
    base: int = 10
    height: int = HIGH
    limit: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A place on an axis: pixels from above, or per cent from the left."""

    at: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, kw_only=True)
class DrawnLine:
    """`number` picks its dashes; `label` is where its name stands, in pixels from above."""

    number: int
    name: str
    path: str
    label: int


@dataclass(frozen=True, kw_only=True)
class DrawnPlot:
    """Sizes in pixels; `rows` is the table: an instant, then a value for each line."""

    name: str
    said: str
    height: int
    up: list[Tick]
    along: list[Tick]
    lines: list[DrawnLine]
    rows: list[list[str]] = field(default_factory=list)
    is_short: bool = False

    @property
    def whole(self) -> int:
        """The height with the labels below."""
        return self.height + 28


def draw(plot: Plot) -> DrawnPlot:
    """The plot, its highest tick at or above the highest value."""
    top, ticks = _scale(_highest(plot.lines), plot)
    length = max(plot.seconds[-1], SHORTEST)
    drawn = [*plot.lines, *([plot.limit] if plot.limit and _is_near(plot) else [])]
    ends = _apart([_down(_end(line.values), top, plot.height) for line in drawn], plot.height)
    rows = _rows(plot)
    return DrawnPlot(
        name=plot.name,
        said=plot.said,
        height=plot.height,
        up=[Tick(at=str(_down(tick, top, plot.height)), text=plot.told(tick)) for tick in ticks],
        along=list(_along(length)),
        lines=[
            DrawnLine(
                number=number, name=line.name, label=end,
                path=_path(plot.seconds, line.values, length=length, top=top),
            )
            for number, (line, end) in enumerate(zip(drawn, ends, strict=True))
        ],
        rows=rows,
        is_short=len(rows) < len(plot.seconds),
    )  # fmt: skip


def _highest(lines: Sequence[Line]) -> float:
    values = (value for line in lines for value in line.values if value is not None)
    return max(values, default=0.0)


def _is_near(plot: Plot) -> bool:
    return plot.limit is not None and _highest(plot.lines) * 2 > _highest([plot.limit])


def _scale(highest: float, plot: Plot) -> tuple[float, list[float]]:
    """The end of the axis and its two or three ticks, at round values of the unit."""
    if plot.limit is not None and _is_near(plot):
        highest = max(highest, _highest([plot.limit]))
    if highest < SMALLEST:
        return 1.0, [0.0]
    step = _round_up(highest / 2, plot.base)
    ticks = [0.0, step] if step >= highest else [0.0, step, 2 * step]
    return ticks[-1], ticks if plot.height > LOW else [0.0, ticks[-1]]


def _round_up(value: float, base: int) -> float:
    """The next of 1, 2 and 5 times a power of ten; of 1024, the next power of two."""
    if base == 1024:
        unit = 1024.0 ** int(math.log(max(value, 1.0), 1024))
        return unit * _round_up(value / unit, 2) if value > unit else unit
    if base == 2:
        return 2.0 ** math.ceil(math.log2(value))
    unit = 10.0 ** math.floor(math.log10(value))
    return unit * next(round_ for round_ in (1, 2, 5, 10) if round_ * unit >= value * (1 - 1e-9))


def _down(value: float, top: float, height: int) -> int:
    return round(height - height * min(value / top, 1.0))


def _end(values: Values) -> float:
    """The last known value."""
    return next((value for value in reversed(values) if value is not None), 0.0)


def _apart(places: Sequence[int], height: int) -> list[int]:
    """The places of labels, moved so that none covers another and all are within the height."""
    order = sorted(range(len(places)), key=lambda number: (places[number], number))
    found = list(places)
    above = -LETTERING
    for number in order:
        found[number] = above = max(found[number], above + LETTERING)
    below = height + LETTERING
    for number in reversed(order):
        found[number] = below = min(found[number], below - LETTERING)
    return found


def _path(seconds: Sequence[float], values: Values, *, length: float, top: float) -> str:
    """Moves and lines; a gap where nothing is known, a dot of its own where nothing follows."""
    points = zip(seconds, values, strict=True)
    parts = []
    for is_known, group in groupby(points, key=lambda point: point[1] is not None):
        if is_known:
            places = [_place(at, value or 0.0, length, top) for at, value in _thinned(list(group))]
            more = " ".join(f"{x} {y}" for x, y in places[1:])
            x, y = places[0]
            parts.append(f"M{x} {y}{f'L{more}' if more else 'h2'}")
    return "".join(parts)


def _place(at: float, value: float, length: float, top: float) -> tuple[int, int]:
    return round(BOX * at / length), round(BOX - BOX * min(value / top, 1.0))


def _thinned(points: Sequence[tuple[float, float | None]]) -> Iterator[tuple[float, float | None]]:
    """Of many points those that matter: the lowest and the highest of each stretch of time."""
    if len(points) <= 2 * BUCKETS:
        yield from points
        return
    for bucket in range(BUCKETS):
        begin, end = (len(points) * edge // BUCKETS for edge in (bucket, bucket + 1))
        by_value = sorted(points[begin:end], key=lambda point: point[1] or 0.0)
        yield from sorted({by_value[0], by_value[-1]})


def _along(length: float) -> Iterator[Tick]:
    """Both ends, and the last round time that leaves room for them."""
    yield Tick(at="0%", text="0 s", anchor="start")
    middle = max((time for time in ROUND_TIMES if 0.3 <= time / length <= 0.6), default=None)
    if middle is not None:
        yield Tick(at=f"{100 * middle / length:.4g}%", text=seconds_told(middle))
    yield Tick(at="100%", text=seconds_told(length), anchor="end")


def seconds_told(seconds: float) -> str:
    """ "0.4 s", "12 s", "2 min 5 s", "1 h 3 min": as exact as an axis wants it."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    big, small, units = (whole // 60, whole % 60, "min s")
    if whole >= 3600:
        big, small, units = (whole // 3600, whole % 3600 // 60, "h min")
    first, second = units.split()
    return f"{big} {first} {small} {second}" if small else f"{big} {first}"


def _rows(plot: Plot) -> list[list[str]]:
    count = len(plot.seconds)
    step = math.ceil(count / ROWS)
    peak = max(range(count), key=lambda n: _row_height(plot.lines, n))
    shown = sorted({*range(0, count, step), peak, count - 1})
    return [
        [seconds_told(plot.seconds[n]), *(_told(plot, line.values[n]) for line in plot.lines)]
        for n in shown
    ]


def _row_height(lines: Sequence[Line], number: int) -> float:
    return max((line.values[number] or 0.0 for line in lines), default=0.0)


def _told(plot: Plot, value: float | None) -> str:
    return "" if value is None else plot.told(value)
