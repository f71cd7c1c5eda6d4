"""Many builds show as one bar on a terminal, and as a line each where it is piped."""

import io
import re

from rich.console import Console

from reproducers.engine.commands.build_progress import BuildProgress
from reproducers.engine.environments.all_releases import Result
from reproducers.engine.events import Event
from reproducers.engine.verdicts import Verdict

REFUSED = Result(
    dask="2026.1.0", seconds=1.0, verdict=Verdict.UNSATISFIABLE, reason="It pins\nanother \x1b[2J."
)


def shown(*, is_terminal: bool, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    console = Console(file=stream, force_terminal=is_terminal, width=100)
    with BuildProgress(2, console) as progress:
        for note in ("resolving", "downloading 3 of 9", "ready"):
            progress.watch("2025.1.0", Event(phase="environment", done=0, total=0, at=0, note=note))
            progress._bar.refresh()
        progress.done(REFUSED)
        progress._bar.refresh()
    assert progress.finished == 1
    return stream.buffer.getvalue().decode(encoding)


def test_piped_there_is_one_plain_line_for_each() -> None:
    assert shown(is_terminal=False) == (
        "[1/2] 2026.1.0 unsatisfiable: It pins another \ufffd[2J.\n"
    )


def test_signs_that_the_output_lacks_are_replaced() -> None:
    assert shown(is_terminal=False, encoding="ascii").endswith("another ?[2J.\n")


def test_on_a_terminal_a_bar_says_how_many_are_done_and_what_is_going_on() -> None:
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown(is_terminal=True))
    assert "2025.1.0 downloading 3 of 9" in plain
    assert "0/2" in plain
    assert "1/2" in plain
    assert "[1/2] 2026.1.0 unsatisfiable" in plain
