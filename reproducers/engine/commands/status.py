"""`repro status N`: how a ticket stands, followed until its verdicts are there."""

import sys
import time

import click

from reproducers.engine.commands.console import errors, harmless, results
from reproducers.engine.commands.frame import print_json
from reproducers.engine.desk import wording
from reproducers.engine.desk.client import Desk
from reproducers.engine.desk.login import kept_login

SECONDS = 2.0


@click.command(short_help="How a ticket stands.")
@click.argument("number", type=click.IntRange(min=1), metavar="N")
@click.option("--wait/--no-wait", default=None, help="Until all runs have ended (at a terminal).")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def status(number: int, wait: bool | None, as_json: bool) -> None:
    """The state of ticket N and its verdicts."""
    follows = wait if wait is not None else sys.stdout.isatty() and not as_json
    with Desk(kept_login()) as desk:
        ticket = desk.ticket(number)
        while follows and wording.is_running(ticket):
            with errors().status(harmless(wording.lines(ticket)[-1])):
                time.sleep(SECONDS)
            ticket = desk.ticket(number)
    if as_json:
        print_json(wording.status(ticket))
    else:
        results().print("\n".join(map(harmless, wording.lines(ticket))), markup=False)
