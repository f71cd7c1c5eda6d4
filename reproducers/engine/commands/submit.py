"""`repro submit SCRIPT --title T`: open a ticket with a reproducer."""

from pathlib import Path

import click

from reproducers.engine.commands.console import results
from reproducers.engine.commands.frame import print_json
from reproducers.engine.desk import wording
from reproducers.engine.desk.client import Desk
from reproducers.engine.desk.login import kept_login
from reproducers.engine.script import read_files, read_script_file

SEVERITIES = ["urgent", "high", "normal", "low"]


@click.command(short_help="Open a ticket with a script.")
@click.argument("script", type=click.Path(path_type=Path))
@click.option("--title", required=True, help="The problem in one line.")
@click.option("--text", default="", help="What happens and what you expected, in Markdown.")
@click.option("--project", metavar="SLUG", help="Your project there; without it: of your seat.")
@click.option("--severity", type=click.Choice(SEVERITIES), default="normal", show_default=True)
@click.option("--dask", "dask_release", metavar="V", help="The release it happens on.")
@click.option("--python", "python_version", metavar="P", help="Your Python.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def submit(script: Path, title: str, text: str, as_json: bool, **more: str | None) -> None:
    """Open a ticket with SCRIPT and the data that its `files` name.

    It is read here first, so that mistakes are said at once.
    """
    read = read_script_file(script.expanduser())
    facts = {name: value for name, value in more.items() if value is not None}
    facts.setdefault("dask_release", read.table.reported or "")
    with Desk(kept_login()) as desk:
        ticket = desk.open_ticket(
            title=title,
            body=text or f"{script.name} shows it.",
            script=read.text,
            script_name=script.name,
            files=read_files(script.expanduser().parent, read.table.files),
            **facts,
        )
    if as_json:
        print_json(wording.submitted(ticket))
    else:
        words = f"Ticket #{ticket['id']} is open: {ticket['url']}"
        follow = f"`repro status {ticket['id']}` follows it."
        results().print("\n".join([words, *ticket["missing"], follow]), markup=False)
