"""The JSON of `client.get_versions()`: what client, scheduler and each worker have."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from packaging.utils import canonicalize_name

from reproducers.engine.imported.surroundings import (
    NAME,
    Collected,
    Difference,
    Surroundings,
    minor_of,
)
from reproducers.engine.untrusted import table, text

WORKERS: Final = 10_000
PACKAGES: Final = 200
SIDES: Final = ("client", "scheduler", "workers")

Versions = Mapping[str, str]


def read_versions(facts: Any) -> Surroundings:
    """The client's versions, as the script is run by it, else the scheduler's or a worker's."""
    sides = table(facts)
    client, scheduler = _side(sides.get("client")), _side(sides.get("scheduler"))
    workers = [_side(one) for one in list(table(sides.get("workers")).values())[:WORKERS]]
    taken = client or scheduler or (workers[0] if workers else {})
    found = Collected(format="client.get_versions()", python=minor_of(taken.get("python")))
    for name, version in taken.items():
        if name != "python":
            found.add_version(canonicalize_name(name), version)
    return found.done(_differences(client, scheduler, workers))


def _side(value: Any) -> Versions:
    """Name to version; what is not installed there is left out."""
    listed = list(table(table(value).get("packages")).items())[:PACKAGES]
    said = {name: text(version, limit=60) for name, version in listed if NAME.fullmatch(name)}
    return {name: version for name, version in said.items() if version}


def _differences(
    client: Versions, scheduler: Versions, workers: list[Versions]
) -> Iterator[Difference]:
    sides = [*([client] if client else []), *([scheduler] if scheduler else []), *workers]
    for name in sorted({name for side in sides for name in side}):
        if len({side.get(name) for side in sides}) > 1:
            counted = Counter(worker.get(name, "none") for worker in workers)
            yield Difference(
                name=name,
                client=client.get(name),
                scheduler=scheduler.get(name),
                workers=dict(sorted(counted.items())),
            )
