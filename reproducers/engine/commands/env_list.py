"""`repro env list`: what is built, how large it is, and when it was last used."""

import click

from reproducers.engine.commands.console import results
from reproducers.engine.commands.frame import SCHEMA, print_json
from reproducers.engine.environments import store


@click.command(name="list", short_help="Say what is built.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def env_list(as_json: bool) -> None:
    """Every environment of this machine, the least recently used first."""
    found = store.all_stored()
    if as_json:
        print_json({"schema": SCHEMA, "environments": [one.key for one in found]})
        return
    for one in found:
        results().print(one.key, markup=False)
