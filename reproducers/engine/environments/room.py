"""Room on the disk: enough before a build is begun, and never none while it goes on."""

import shutil
from typing import Final

from reproducers.engine import places
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.sandbox.policy import Tick

FREE_BYTES: Final = 2 * 1024**3
"""How much must be left on the disk before a build is begun."""

LEAST_BYTES: Final = 512 * 1024**2
"""How much a build leaves to everybody else on the disk."""


def missing_bytes() -> int:
    """How much more has to be free before a build may begin; 0 where enough is."""
    return max(FREE_BYTES - _free_bytes(), 0)


def full() -> EnvironmentServiceError:
    """The error of a disk that has no room."""
    return EnvironmentServiceError(
        f"The disk of {places.home()} is almost full.",
        remedy="Make room there (`repro env prune --size 5GiB` removes what was not used lately), "
        "or point REPRO_HOME at another disk.",
    )


def watched(tick: Tick) -> Tick:
    """As `tick`, but raises EnvironmentServiceError when the disk gets full."""

    def watching(seconds: float) -> bool:
        if _free_bytes() < LEAST_BYTES:
            raise full()
        return tick(seconds)

    return watching


def _free_bytes() -> int:
    return shutil.disk_usage(places.folder("building")).free
