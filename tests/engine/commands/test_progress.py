"""Progress goes to standard error: a line a phase, or one live line on a terminal."""

import io
import re
from typing import Any

import pytest
from rich.console import Console

from reproducers.engine.commands.progress import ProgressLine, doing
from reproducers.engine.events import Event


def event(phase: Any, done: int = 0, total: int = 0, note: str = "") -> Event:
    return Event(phase=phase, done=done, total=total, at=0.0, note=note)


EVENTS = [
    event("environment", note="resolving"),
    event("environment", 3, 9, "downloading 3 of 9"),
    event("start"),
    event("script", 1, 120),
    event("script", 2, 120),
    event("collect"),
]


def shown(*, is_terminal: bool, encoding: str = "utf-8", width: int = 80) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    console = Console(file=stream, force_terminal=is_terminal, width=width)
    with ProgressLine(console) as progress:
        for one in EVENTS:
            progress(one)
            progress._live.refresh()
    return stream.buffer.getvalue().decode(encoding)


def lines(written: str) -> list[str]:
    """What stood on the terminal, one after the other, without colours and spinner."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    return [line[2:].rstrip() for line in re.split(r"[\r\n]+", plain) if line.strip()]


def test_in_a_log_each_phase_is_a_line() -> None:
    assert shown(is_terminal=False) == "environment: resolving\nstart\nscript\ncollect\n"


def test_on_a_terminal_the_line_is_live_and_gone_in_the_end() -> None:
    written = shown(is_terminal=True)
    assert "\x1b[" in written
    assert written.endswith("\x1b[2K")


def test_on_a_terminal_it_says_what_is_done_since_when_and_what_is_left() -> None:
    said = dict.fromkeys(lines(shown(is_terminal=True)))
    assert [re.sub(r" *[\u2578-\u257a\u2501]+ *", " [bar] ", line) for line in said] == [
        "environment: resolving 0 s",
        "environment: downloading 3 of 9 [bar] 0 s",
        "starting the sandbox 0 s",
        "running the script, at most 119 s left [bar] 0 s",
        "running the script, at most 118 s left [bar] 0 s",
        "reading what it left 0 s",
    ]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_on_a_terminal_it_is_one_line_of_any_width(width: int) -> None:
    assert max(map(len, lines(shown(is_terminal=True, width=width)))) <= width


def test_a_terminal_without_blocks_gets_plainer_signs() -> None:
    assert "running the script, at most 119 s left" in shown(is_terminal=True, encoding="ascii")


def test_before_the_first_event_nothing_is_shown() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with ProgressLine(console) as progress:
        progress._live.refresh()
    assert lines(console.file.getvalue()) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (event("environment"), "environment"),
        (event("environment", 3, 9, "downloading 3 of 9"), "environment: downloading 3 of 9"),
        (event("script", 3, 120), "running the script, at most 117 s left"),
        (event("script", 9, 20, "try 1 of 3"), "running the script, try 1 of 3, at most 11 s left"),
        (event("script"), "running the script"),
        (event("start", note="a\x1bb\nc"), "starting the sandbox, a\ufffdb c"),
        (event("environment", note="x" * 200), f"environment: {'x' * 44}"),
    ],
)  # fmt: skip
def test_a_line_says_the_phase_and_what_is_done(given: Event, line: str) -> None:
    assert doing(given) == line
