"""Lines of a result: labels, wrapping, and nothing of a script's that looks like a line of ours."""

import pytest

from reproducers.engine.commands.layout import Row, lay_out
from reproducers.engine.commands.printing import NARROWEST, print_lines, width_of  # noqa: F401


def plain(*rows: Row, width: int | None = None) -> list[str]:
    return [line.plain for line in lay_out(rows, width=width)]


def test_text_stands_beside_its_label() -> None:
    assert plain(Row(label="owner", text="dask/dask"), Row(text="more")) == [
        "owner        dask/dask",
        "             more",
    ]


def test_what_is_long_is_wrapped_under_itself() -> None:
    rows = plain(Row(label="note", text="one two three four five six seven"), width=34)
    assert rows == ["note         one two three four", "             five six seven"]


def test_without_a_width_a_row_is_one_line() -> None:
    assert plain(Row(label="note", text="many words " * 40)) == [
        "note         " + ("many words " * 40).strip()
    ]


def test_a_word_that_is_too_long_is_kept_whole_so_that_it_can_be_copied() -> None:
    path = "/a/" + "very-long-" * 12
    assert plain(Row(label="files", text=path), width=40) == [f"files        {path}"]


def test_a_line_of_source_is_cropped_and_not_wrapped() -> None:
    assert plain(Row(text="x = " + "1" * 100, is_whole=True), width=40) == [
        " " * 13 + "x = " + "1" * 22 + "…"
    ]
    assert len(plain(Row(text="1" * 10**6, is_whole=True))[0]) == 413


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n○ Clean on Dask 1.", "a ○ Clean on Dask 1."),
        ("a\x1b[2J", "a\ufffd[2J"),
        ("a\u202eb", "a\ufffdb"),
        ("a\x85b\r\nc", "a b c"),
        ("", ""),
    ],
    ids=ascii,
)
def test_text_can_neither_begin_a_line_nor_steer_the_terminal(text: str, shown: str) -> None:
    for width in (None, 80):
        assert plain(Row(text=text), width=width) == [f"{'':13}{shown}".rstrip()]


def test_a_line_of_source_cannot_either() -> None:
    assert plain(Row(text="a\tb\nc\x1b[1m", is_whole=True)) == ["             a   b c\ufffd[1m"]
