"""`repro env verify`: are environments as they were built, and do they work?"""

from collections.abc import Sequence
from typing import Any, Final

import click

from reproducers.engine.commands import env_wording as wording
from reproducers.engine.commands.console import results
from reproducers.engine.commands.frame import SCHEMA, print_json
from reproducers.engine.commands.interruption import Interruption
from reproducers.engine.commands.progress import ProgressLine
from reproducers.engine.environments import store, verification
from reproducers.engine.environments.store import Stored
from reproducers.engine.errors import UsageError

BROKEN: Final = 1


@click.command(name="verify", short_help="Check that environments are as they were built.")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--repair", is_flag=True, help="Remove what is broken and build it again.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def env_verify(keys: Sequence[str], repair: bool, as_json: bool) -> int:
    """Compare every file with what was built, and try out each environment again.

    KEY is the beginning of a key of `repro env list`; without one all are checked. Ends with 1
    where one is broken and was not repaired.
    """
    reader, told, broken = verification.Reader(), list[dict[str, Any]](), 0
    console = results()
    with ProgressLine() as progress, Interruption() as interruption:
        for one in _chosen(keys):
            finding = verification.verify(one, reader, emit=progress, cancelled=interruption)
            repaired = None
            if repair and not finding.is_well:
                repaired = verification.repair(finding, emit=progress, cancelled=interruption)
            broken += not finding.is_well and not (repaired and repaired.is_done)
            told.append(wording.found(finding, repaired))
            if not finding.is_well and not as_json:
                console.print("\n".join(wording.found_lines(finding, repaired)), markup=False)
    if as_json:
        print_json({"schema": SCHEMA, "environments": told})
    else:
        console.print(wording.verified(len(told), broken), markup=False)
    return BROKEN if broken else 0


def _chosen(keys: Sequence[str]) -> tuple[Stored, ...]:
    everything = store.all_stored()
    for key in keys:
        if not any(one.key.startswith(key) for one in everything):
            raise UsageError(
                f"There is no environment {key}.", remedy="`repro env list` names those there are."
            )
    return tuple(one for one in everything if not keys or one.key.startswith(tuple(keys)))
