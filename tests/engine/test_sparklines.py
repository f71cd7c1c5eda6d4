"""Numbers as blocks: what stands out in them stands out in the line."""

from collections.abc import Sequence

import pytest

from reproducers.engine.sparklines import ASCII, sparkline

LINES: list[tuple[str, Sequence[float | None], int, str]] = [
    ("it grows from low to high", range(8), 8, "▁▂▃▄▅▆▇█"),
    ("nothing at all is flat", (0, 0), 8, "▁▁"),
    ("no values are no line", (), 8, ""),
    ("a gap is a gap", (1, None, 1), 8, "█ █"),
    ("only gaps have no height", (None, None), 8, "  "),
    ("a short peak is not lost in a long line", (0, 0, 9, 0, 0, 0), 3, "▁█▁"),
    ("a gap within a bar does not hide the rest of it", (None, 8, 4, None), 2, "█▅"),
]


@pytest.mark.parametrize(("sentence", "values", "width", "line"), LINES)
def test_a_line_is_as_its_numbers(
    sentence: str, values: Sequence[float | None], width: int, line: str
) -> None:
    assert sparkline(values, width=width) == line


def test_where_there_are_no_blocks_it_is_still_a_line() -> None:
    assert sparkline(range(8), width=8).translate(ASCII) == "_.-~=+*#"
