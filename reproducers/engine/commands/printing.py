"""Puts a result on standard output: in colour on a terminal, plain where it is piped."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from reproducers.engine.commands.console import sayable
from reproducers.engine.commands.layout import Line

NARROWEST = 40


def width_of(console: Console) -> int | None:
    """Columns that lines are to fit into; None where nobody wraps them, so that they are whole."""
    return max(console.width, NARROWEST) if console.is_terminal else None


def print_lines(console: Console, lines: Iterable[Line]) -> None:
    """Each line with its label dimmed, in signs that the console's encoding has."""
    for line in lines:
        text = Text(sayable(line.label, console.encoding), style="dim")
        text.append(sayable(line.text, console.encoding), style=f"not dim {line.style}".strip())
        text.rstrip()
        console.print(text, soft_wrap=True)
