"""`repro env prune`: make room, the least recently used first."""

import click

from reproducers.engine import places
from reproducers.engine.commands.console import results
from reproducers.engine.commands.env_options import read_size
from reproducers.engine.commands.frame import SCHEMA, print_json
from reproducers.engine.environments import downloads, eviction, store
from reproducers.engine.quantities import format_bytes


@click.command(name="prune", short_help="Remove what was not used lately.")
@click.option("--size", metavar="SIZE", help="What all environments may take together.")
@click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
def env_prune(size: str | None, as_json: bool) -> None:
    """Remove the least recently used environments until all fit into SIZE (REPRO_SIZE, 20GiB).

    What is in use stays. Also removed is what killed builds left, and downloads that are too many.
    """
    limit = places.size_bytes() if size is None else read_size(size)
    before = {one.key: one for one in store.all_stored()}
    freed = eviction.tidy()
    downloads.bound()
    started_with = eviction.total_bytes()
    removed = eviction.evict(limit_bytes=limit).keys
    total = eviction.total_bytes()
    freed += started_with - total
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "removed": list(removed),
                "freed_bytes": freed,
                "bytes": total,
                "limit_bytes": limit,
            }
        )
        return
    console = results()
    for key in removed:
        console.print(f"{key}  dask {before[key].facts['packages'].get('dask')}", markup=False)
    console.print(
        f"{len(removed)} removed, {format_bytes(max(freed, 0))} freed. "
        f"Environments take {format_bytes(total)} of {format_bytes(limit)}.",
        markup=False,
    )
    if total > limit:
        console.print("What is left is in use.", markup=False)
