"""On a terminal with colours and within its width; piped without an escape and unwrapped."""

import io

import pytest
from rich.console import Console

from reproducers.engine.commands.layout import Line
from reproducers.engine.commands.printing import NARROWEST, print_lines, width_of

LINES = [
    Line(label="", text="\u25a0 Reproduced.", style="bold magenta"),
    Line(label="note         ", text="[red]" + "long " * 40 + "\u2582", style=""),
    Line(label="", text=""),
]


def printed(encoding: str = "utf-8", **options: object) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    print_lines(Console(file=stream, soft_wrap=True, highlight=False, **options), LINES)  # type: ignore[arg-type]
    return stream.buffer.getvalue().decode(encoding)


def test_piped_there_is_no_escape_and_no_line_is_broken() -> None:
    assert printed(width=80) == (f"\u25a0 Reproduced.\nnote         [red]{'long ' * 40}\u2582\n\n")


def test_a_terminal_shows_colours() -> None:
    written = printed(force_terminal=True, color_system="standard", width=80)
    assert written.startswith("\x1b[1;35m\u25a0 Reproduced.\x1b[0m\n\x1b[2mnote")


def test_who_wants_no_colour_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;35m" not in printed(force_terminal=True, color_system="standard", width=80)


def test_an_encoding_without_blocks_gets_plainer_signs() -> None:
    assert printed("ascii").splitlines()[0] == "# Reproduced."
    assert printed("ascii").splitlines()[1].endswith("long .")


@pytest.mark.parametrize(("columns", "is_terminal", "width"), [
    (80, True, 80), (10, True, NARROWEST), (80, False, None),
])  # fmt: skip
def test_only_a_terminal_has_a_width(columns: int, is_terminal: bool, width: int | None) -> None:
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=columns)
    assert width_of(console) == width
