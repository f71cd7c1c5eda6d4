"""`repro env build`: one environment, or those of all releases in one go."""

from typing import Any, Final

import click

from reproducers.engine import places
from reproducers.engine.commands import env_wording as wording
from reproducers.engine.commands.build_progress import BuildProgress
from reproducers.engine.commands.console import results
from reproducers.engine.commands.env_options import as_day, read_size
from reproducers.engine.commands.frame import print_json
from reproducers.engine.commands.interruption import Interruption
from reproducers.engine.environments import all_releases
from reproducers.engine.environments.all_releases import Outcome
from reproducers.engine.errors import EnvironmentServiceError, Interrupted, UsageError
from reproducers.engine.events import Cancellation
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.metadata import read_requirement

REFUSED: Final = 1


@click.command(name="build", short_help="Build one environment, or those of all releases.")
@click.option("--all", "of_all", is_flag=True, help="Every release of Dask since 2022.11.0.")
@click.option("--dask", metavar="V", help="Release of Dask (the newest).")
@click.option("--python", metavar="P", help='Minor version of Python, such as "3.11".')
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Packages as of.")
@click.option("--floating", is_flag=True, help="Packages as of today.")
@click.option("--with", "requirements", multiple=True, metavar="REQ", help="One more package.")
@click.option(
    "--isolation", type=click.Choice(["bubblewrap", "gvisor", "none"]), help="Kind of sandbox."
)
@click.option("--size", metavar="SIZE", help="What all environments may take together.")
@click.option("--slots", type=click.IntRange(1, 64), metavar="N", help="Builds side by side.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def env_build(
    of_all: bool, size: str | None, slots: int | None, as_json: bool, **flags: Any
) -> int:
    """Build what is not there yet: dask[complete] of a release, with the packages of its time.

    With --all it goes on after a failure, and names what cannot work at the end. Interrupted, it
    keeps what is built; run it again to go on.
    """
    wanted = _wanted(flags, of_all=of_all)
    limit_bytes = places.size_bytes() if size is None else read_size(size)
    outcome = _built(wanted, limit_bytes=limit_bytes, slots=slots, isolation=flags["isolation"])
    if len(wanted) == 1 and (error := outcome.results[0].error) is not None:
        raise error
    if as_json:
        print_json(wording.built(outcome))
    else:
        results().print("\n".join(wording.built_lines(outcome, of_all=of_all)), markup=False)
    if outcome.left_out or any(result.error for result in outcome.results):
        return EnvironmentServiceError.exit_status
    return REFUSED if not of_all and outcome.results[0].verdict else 0


def _wanted(flags: dict[str, Any], *, of_all: bool) -> dict[str, EnvironmentSpec]:
    if of_all and flags["dask"] is not None:
        raise UsageError("--all builds every release.", remedy="Give either --all or --dask.")
    more = tuple(map(read_requirement, flags["requirements"]))
    wishes = {
        "requirements": (*all_releases.REQUIREMENTS, *more),
        "python": flags["python"],
        "as_of": as_day(flags["as_of"]),
        "floating": flags["floating"],
    }
    if of_all:
        return all_releases.specs(**wishes)
    named = flags["dask"]
    return {named or "the newest": EnvironmentSpec(dask=named, **wishes)}


def _built(
    wanted: dict[str, EnvironmentSpec], *, limit_bytes: int, slots: int | None, isolation: Any
) -> Outcome:
    with BuildProgress(len(wanted)) as progress, Interruption() as interruption:
        try:
            return all_releases.build_all(
                wanted,
                watch=progress.watch,
                done=progress.done,
                cancelled=interruption,
                isolation=isolation or "bubblewrap",
                limit_bytes=limit_bytes,
                slots=slots,
            )
        except (Cancellation, KeyboardInterrupt):
            raise Interrupted(
                f"Interrupted: {progress.finished} of {len(wanted)} are done, and stay.",
                remedy="Run it again to go on.",
            ) from None
