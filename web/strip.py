"""The strip of releases: one mark a release, in lines of years, as numbers a template can draw.

Marks keep their size and the pitch gives way, so positions are per cent of a year's width. A band
lies under what is concluded: from a reproduced release to the next one, with nothing clean between.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

PITCH = 16
"""Pixels that a release asks for; a stylesheet may give less."""

LINE = 20
LETTER = 7
PHONE = 248
"""Pixels: the height of a line, about the width of a letter of a label, the least width there is
for a year once the strip is folded."""

Anchor = Literal["start", "middle", "end"]
State = Literal["seen", "clean", "cannot", "run", "untried"]
COLOURS: dict[State, str] = {"seen": "r", "clean": "c", "cannot": "x", "run": "o", "untried": "u"}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What is known of one release: its state, said in words, and where it opens."""

    release: str
    state: State = "untried"
    said: str = "not tried"
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class DrawnMark:
    mark: Mark
    colour: str
    left: str
    width: str
    middle: str


@dataclass(frozen=True, kw_only=True)
class Band:
    left: str
    width: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words below a mark. `anchor` says which end of them stands under it, as in SVG."""

    text: str
    middle: str
    y: int
    tick: int
    anchor: Anchor


@dataclass(frozen=True, kw_only=True)
class Year:
    """One line where room is short, one column where it is not; sizes in pixels."""

    year: str
    width: int
    rest: int
    height: int
    marks: list[DrawnMark]
    bands: list[Band]
    labels: list[Label]


def draw(marks: Sequence[Mark], labels: Mapping[str, str] | None = None) -> list[Year]:
    """Years in the order of `marks`; `labels` maps a release to the words below its mark."""
    years = [(year, list(group)) for year, group in groupby(marks, key=_year)]
    longest = max((len(group) for _, group in years), default=0)
    rows = _rows(marks, labels or {}, longest=longest)
    concluded = _concluded(marks)
    return [_draw_year(year, group, concluded, rows, longest) for year, group in years]


def _year(mark: Mark) -> str:
    return mark.release.split(".")[0]


def _concluded(marks: Sequence[Mark]) -> set[str]:
    """Releases that lie between reproduced ones without a clean one in between."""
    found: set[str] = set()
    since: list[str] | None = None
    for mark in marks:
        if mark.state == "clean":
            since = None
        elif mark.state == "seen":
            found.update([*(since or []), mark.release])
            since = []
        elif since is not None:
            since.append(mark.release)
    return found


def _rows(
    marks: Sequence[Mark], labels: Mapping[str, str], *, longest: int
) -> dict[str, tuple[str, int, Anchor]]:
    """Each labelled release with its words, the row they fit in, and how they are anchored."""
    placed: dict[str, tuple[str, int, Anchor]] = {}
    taken: list[list[tuple[float, float]]] = []
    for position, (inside, mark) in enumerate(_within_years(marks)):
        if not (text := labels.get(mark.release)):
            continue
        at, length = (position + 0.5) * PITCH, len(text) * LETTER
        folded = (inside + 0.5) * min(PITCH, PHONE / longest)
        anchor: Anchor = "start" if folded + length <= PHONE else "end" if at > length else "middle"
        left = at - {"start": 0, "middle": length / 2, "end": length}[anchor]
        placed[mark.release] = (text, _first_free(taken, (left, left + length)), anchor)
    return placed


def _within_years(marks: Sequence[Mark]) -> Iterator[tuple[int, Mark]]:
    for _, group in groupby(marks, key=_year):
        yield from enumerate(group)


def _first_free(taken: list[list[tuple[float, float]]], span: tuple[float, float]) -> int:
    for row, spans in enumerate(taken):
        if all(span[1] + 8 < left or right + 8 < span[0] for left, right in spans):
            spans.append(span)
            return row
    taken.append([span])
    return len(taken) - 1


def _draw_year(
    year: str,
    marks: Sequence[Mark],
    concluded: set[str],
    rows: Mapping[str, tuple[str, int, Anchor]],
    longest: int,
) -> Year:
    share = 100 / len(marks)
    drawn = [
        DrawnMark(
            mark=mark,
            colour=COLOURS[mark.state],
            left=_per_cent(i * share),
            width=_per_cent(share),
            middle=_per_cent((i + 0.5) * share),
        )
        for i, mark in enumerate(marks)
    ]
    below = [
        _label(rows[one.mark.release], one.middle) for one in drawn if one.mark.release in rows
    ]
    return Year(
        year=year,
        width=len(marks) * PITCH,
        rest=(longest - len(marks)) * PITCH,
        height=max([LINE, *(label.y + 2 for label in below)]),
        marks=drawn,
        bands=list(_bands(marks, concluded, share)),
        labels=below,
    )


def _label(placed: tuple[str, int, Anchor], middle: str) -> Label:
    text, row, anchor = placed
    y = LINE * (row + 2) - 2
    return Label(text=text, middle=middle, y=y, tick=y - 12, anchor=anchor)


def _bands(marks: Sequence[Mark], concluded: set[str], share: float) -> Iterator[Band]:
    numbered = groupby(enumerate(marks), key=lambda pair: pair[1].release in concluded)
    for is_in, group in numbered:
        places = [i for i, _ in group]
        if is_in:
            yield Band(left=_per_cent(places[0] * share), width=_per_cent(len(places) * share))


def _per_cent(value: float) -> str:
    return f"{round(value, 2):g}%"
