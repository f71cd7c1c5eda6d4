"""How lines of a result stand: a label, its text beside it, wrapped where there is a width. Pure.

Text may come from a script: it is made harmless here, and never begins a line, so that nothing a
script says can look like a line of ours.
"""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reproducers.engine.commands.console import harmless

LABEL: Final = 13
"""Columns of a label with the space behind it."""

LONGEST: Final = 400
"""Characters of a line where nothing else bounds it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a result. `is_whole`: it is cropped, not wrapped, such as a line of source."""

    text: str
    label: str = ""
    style: str = ""
    is_whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """As it is printed: the label (or the space for it), then the text in its style."""

    label: str
    text: str
    style: str = ""

    @property
    def plain(self) -> str:
        return f"{self.label}{self.text}".rstrip()


def lay_out(rows: Iterable[Row], *, width: int | None) -> Iterator[Line]:
    """The rows as lines of at most `width` columns; None: each row is one line, to be copied."""
    for row in rows:
        label = row.label.ljust(LABEL)
        for text in _parts(row, width):
            yield Line(label=label, text=text, style=row.style)
            label = " " * LABEL


def _parts(row: Row, width: int | None) -> list[str]:
    room = LONGEST if width is None else max(width - LABEL, 20)
    if row.is_whole:
        return [cropped(harmless(row.text).expandtabs(4), room)]
    text = one_line(row.text)
    if width is None:
        return [text]
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]


def one_line(text: str) -> str:
    """Harmless, with single spaces."""
    return harmless(" ".join(text.split()))


def cropped(text: str, width: int) -> str:
    """At most `width` characters, the last of them an ellipsis where some are missing."""
    line = text.replace("\n", " ")
    return line if len(line) <= width else f"{line[: width - 1]}\u2026"
