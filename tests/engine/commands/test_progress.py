"""Progress goes to standard error: a line a phase, or one live line on a terminal."""

import io
from typing import Any

import pytest
from rich.console import Console

from reproducers.engine.commands.progress import ProgressLine, told
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


def shown(*, is_terminal: bool) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=80)
    with ProgressLine(console) as progress:
        for one in EVENTS:
            progress(one)
    return stream.getvalue()


def test_in_a_log_each_phase_is_a_line() -> None:
    assert shown(is_terminal=False) == "environment: resolving\nstart\nscript\ncollect\n"


def test_on_a_terminal_the_line_is_live_and_gone_in_the_end() -> None:
    written = shown(is_terminal=True)
    assert "\x1b[" in written
    assert written.endswith("\x1b[2K")


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (event("environment", 3, 9, "downloading 3 of 9"), "environment: downloading 3 of 9"),
        (event("script", 3, 120), "script: at most 120 s"),
        (event("script", 3, 120, "try 1 of 3"), "script: try 1 of 3, at most 120 s"),
        (event("script"), "script"),
        (event("start", note="a\x1bb"), "start: a\ufffdb"),
    ],
)
def test_a_line_says_the_phase_and_what_is_done(given: Event, line: str) -> None:
    assert told(given) == line
