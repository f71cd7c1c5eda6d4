"""`repro env list`: what is built, how large it is, and when it was last used."""

import click

from reproducers.engine import places
from reproducers.engine.commands import env_wording as wording
from reproducers.engine.commands.console import harmless, results
from reproducers.engine.commands.frame import SCHEMA, print_json
from reproducers.engine.environments import eviction, store


@click.command(name="list", short_help="Say what is built.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def env_list(as_json: bool) -> None:
    """Every environment of this machine, the least recently used first.

    "alone" is what it would take if it shared no files with others.
    """
    found = [wording.listed(one, in_use=store.is_held(one.key)) for one in store.all_stored()]
    total, limit = eviction.total_bytes(), places.size_bytes()
    if as_json:
        print_json({"schema": SCHEMA, "environments": found, "bytes": total, "limit_bytes": limit})
        return
    lines = wording.list_lines(found, total_bytes=total, limit_bytes=limit)
    results().print("\n".join(map(harmless, lines)), markup=False)
