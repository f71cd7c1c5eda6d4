"""`repro doctor`: what this machine offers, found by trying, and the remedy for what it lacks."""

import dataclasses
from collections.abc import Iterator
from typing import Final

import click

from reproducers.engine import doctor as machine
from reproducers.engine.checks import Check
from reproducers.engine.commands.console import results
from reproducers.engine.commands.frame import SCHEMA, print_json

NAME_CHARACTERS: Final = 16


@click.command(short_help="Say what this machine offers, and what it lacks.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def doctor(as_json: bool) -> None:
    """Try the sandbox, the limits, the Pythons, the index and the disk."""
    checks = machine.examine()
    if as_json:
        print_json({"schema": SCHEMA, "checks": [dataclasses.asdict(check) for check in checks]})
        return
    console = results()
    for check in checks:
        for line, style in told(check):
            console.print(line, style=style, markup=False)


def told(check: Check) -> Iterator[tuple[str, str]]:
    """A check in lines, each with its style."""
    mark, style = ("\u2713", "green") if check.ok else ("\u2717", "bold red")
    yield f"{mark} {check.name:<{NAME_CHARACTERS}} {check.found}", style
    if check.remedy:
        yield f"  {'':<{NAME_CHARACTERS}} {check.remedy}", ""
