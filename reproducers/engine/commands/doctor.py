"""`repro doctor`: what this machine offers, found by trying, and the remedy for what it lacks."""

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import click

from reproducers.engine import doctor as machine
from reproducers.engine.checks import Check
from reproducers.engine.commands.console import errors, results, sayable
from reproducers.engine.commands.frame import SCHEMA, print_json

NAME_CHARACTERS: Final = 16
MACHINE: Final = "this machine"
SANDBOXES: Final = ("bubblewrap", "gvisor")
Line = tuple[str, str]
"""A text and its style."""


@click.command(short_help="Say what this machine offers, and what it lacks.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def doctor(as_json: bool) -> None:
    """Try each property of the sandbox, the limits, the Pythons, the index and the disk.

    Nothing is believed for being configured: small sandboxes are started in which what a hostile
    script would do is done. It takes some five seconds, with gVisor ten.
    """
    with errors().status("trying ...") as status:  # shown by terminals alone
        checks = list(machine.examine(lambda name: status.update(f"trying {name} ...")))
    if as_json:
        print_json({"schema": SCHEMA, "checks": [dataclasses.asdict(check) for check in checks]})
        return
    console = results()
    for text, style in told(checks):
        console.print(sayable(text, console.encoding), style=style, markup=False)


def told(checks: Sequence[Check]) -> Iterator[Line]:
    """The verdict, then each group of checks under its name."""
    yield verdict(checks)
    for group, members in groupby(checks, key=group_of):
        yield "", ""
        yield group, "bold"
        for check in members:
            yield from lines_of(check)


def verdict(checks: Sequence[Check]) -> Line:
    """What it all comes to, for scripts of strangers."""
    safe = [name for name in SANDBOXES if _holds(name, checks)]
    lacking = [check.name for check in checks if not check.ok]
    if not safe:
        return "Run no scripts of others here: no sandbox holds what it has to.", "bold red"
    first = f"Scripts of others can be run here, in {' or '.join(safe)}"
    if lacking:
        return f"{first}; {len(lacking)} of {len(checks)} checks fail.", "bold yellow"
    return f"{first}: all {len(checks)} checks hold.", "bold green"


def _holds(name: str, checks: Sequence[Check]) -> bool:
    """Whether a kind of sandbox was tried and kept everything."""
    own = [check for check in checks if group_of(check) == name]
    return len(own) > 1 and all(check.ok for check in own)


def group_of(check: Check) -> str:
    """`bubblewrap/network` belongs to bubblewrap, `disk` to the machine."""
    first = check.name.partition("/")[0]
    return first if first in SANDBOXES else MACHINE


def lines_of(check: Check) -> Iterator[Line]:
    """A check in lines: what was found, and the remedy if there is one."""
    mark, style = ("\u2713", "green") if check.ok else ("\u2717", "bold red")
    name = check.name.rpartition("/")[2]
    yield f"  {mark} {name:<{NAME_CHARACTERS}} {check.found}", style
    if check.remedy:
        yield f"    {'':<{NAME_CHARACTERS}} {check.remedy}", ""
