"""What is known of Dask's releases and cannot be read from the index: tables, and no I/O."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from packaging.specifiers import SpecifierSet
from packaging.version import Version

OLDEST: Final = "2022.2.0"

# Newest Python on which a release's LocalCluster starts, by the release it began with.
# 2022.11.0 to 2022.12.0 install on 3.11, but their LocalCluster does not start there.
_NEWEST_PYTHON: Final = (
    ("2022.2.0", "3.10"),
    ("2022.12.1", "3.11"),
    ("2023.10.0", "3.12"),
    ("2024.12.0", "3.13"),
    ("2026.1.0", "3.14"),
)
_OLDEST_PYTHON: Final = (("2022.2.0", "3.8"), ("2023.5.1", "3.9"), ("2024.8.1", "3.10"))
# Where several fit: the one most releases share first, so that a bisection changes nothing else.
PREFERENCE: Final = ("3.11", "3.10", "3.12", "3.13", "3.9", "3.8", "3.14")

# The youngest dask-expr of the week after each release that had it as a package of its own.
_DASK_EXPR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "2024.3.0": "1.0.2",
        "2024.3.1": "1.0.5",
        "2024.4.0": "1.0.9",
        "2024.4.1": "1.0.11",
        "2024.4.2": "1.0.13",
        "2024.5.0": "1.1.0",
        "2024.5.1": "1.1.1",
        "2024.5.2": "1.1.2",
        "2024.6.0": "1.1.3",
        "2024.6.1": "1.1.4",
        "2024.6.2": "1.1.6",
        "2024.7.0": "1.1.7",
        "2024.7.1": "1.1.9",
        "2024.8.0": "1.1.10",
        "2024.8.1": "1.1.11",
        "2024.8.2": "1.1.13",
        "2024.9.0": "1.1.14",
        "2024.9.1": "1.1.15",
        "2024.10.0": "1.1.16",
        "2024.11.0": "1.1.17",
        "2024.11.1": "1.1.18",
        "2024.11.2": "1.1.19",
        "2024.12.0": "1.1.20",
        "2024.12.1": "1.1.21",
    }
)

UNINSTALLABLE: Final[Mapping[str, str]] = MappingProxyType(
    {"2026.1.0": "its distributed pins an older dask"}
)
"""Releases that cannot be installed as a whole, with the reason; plans skip them.

2024.11.0 is no longer one of them: its dask-expr was yanked, as it was itself, and an exact pin on
it is honoured all the same.
"""


class Fact(StrEnum):
    """What only some releases have, by the first that has it; seen in their sources."""

    NO_WORKERS_TIMEOUT = "distributed.scheduler.no-workers-timeout ends what no worker can run"
    WORKER_RESTART_MEMORY = "the event worker-restart-memory, where a nanny restarts its worker"
    SCHEDULER_TRANSITION_FAILED = "the event scheduler-transition-failed"
    LOW_LEVEL_LOG_LENGTH = "one setting for the length of all low-level logs"
    KILLED_WORKER_COUNTS_TRIES = "KilledWorker's text counts tries, no longer different workers"
    DUMP_HOLDS_RUN_SPECS = "dump_cluster_state leaves run_spec in unless it is told otherwise"
    LIGHT_WORKERS = "workers do not import numpy and pandas to report their versions"
    QUERY_PLANNING = "dask.dataframe is dask-expr unless dataframe.query-planning is false"
    MERGED_DASK_EXPR = "dask-expr is part of dask"


SINCE: Final[Mapping[Fact, str]] = MappingProxyType(
    {
        Fact.LOW_LEVEL_LOG_LENGTH: "2023.9.3",
        Fact.KILLED_WORKER_COUNTS_TRIES: "2023.9.3",
        Fact.NO_WORKERS_TIMEOUT: "2024.1.0",
        Fact.QUERY_PLANNING: "2024.3.0",
        Fact.WORKER_RESTART_MEMORY: "2024.4.2",
        Fact.SCHEDULER_TRANSITION_FAILED: "2024.7.1",
        Fact.DUMP_HOLDS_RUN_SPECS: "2024.11.0",
        Fact.MERGED_DASK_EXPR: "2025.1.0",
        Fact.LIGHT_WORKERS: "2025.4.0",
    }
)

DUMP_EXCLUDE: Final = ("run_spec",)
"""Always to be passed to `dump_cluster_state`: it holds the script's data."""

LOG_LENGTHS: Final = (
    "distributed.admin.low-level-log-length",
    "distributed.scheduler.transition-log-length",
    "distributed.scheduler.events-log-length",
)
"""The first took the place of the others: a release obeys its own, so all of them are set."""

_EXPRESSIONS: Final = (Fact.QUERY_PLANNING, Fact.MERGED_DASK_EXPR)


def has(fact: Fact, dask: str) -> bool:
    """Whether it is so in that release."""
    return Version(dask) >= Version(SINCE[fact])


def is_edge_of_query_planning(before: str, after: str) -> bool:
    """Whether dask.dataframe became another one between two releases.

    What begins there is tried again with `dataframe.query-planning` false before it is believed.
    """
    return any(has(fact, after) and not has(fact, before) for fact in _EXPRESSIONS)


def fitting_pythons(dask: str, requires_python: str | None = None) -> tuple[str, ...]:
    """The minor versions a release works with, the preferred first; none where nothing fits.

    `requires_python` is the script's specifier; a minor version fits where any release of it does.
    """
    oldest = Version(_applying(_OLDEST_PYTHON, dask))
    newest = Version(_applying(_NEWEST_PYTHON, dask))
    return tuple(
        minor
        for minor in PREFERENCE
        if oldest <= Version(minor) <= newest and admits(requires_python, minor)
    )


def admits(requires_python: str | None, minor: str) -> bool:
    """Whether a specifier admits any release of a minor version such as "3.11"."""
    if requires_python is None:
        return True
    specifiers = SpecifierSet(requires_python)
    return any(specifiers.contains(f"{minor}.{micro}") for micro in range(40))


def dask_expr_of(dask: str) -> str | None:
    """The dask-expr of the time of a release, None where it is no package of its own.

    It is the default, and separate, from 2024.3.0 to 2024.12.1; 2025.1.0 merged it.
    """
    return _DASK_EXPR.get(dask)


def replacements(dask: str, minor: str) -> tuple[str, ...]:
    """Requirements that take the place of what a release asks for on that Python.

    distributed 2022.7.0 to 2022.11.1 ask for tornado < 6.2, of which none has a wheel for Python
    3.10 or newer; their clusters work with 6.2 (tried on 3.10).
    """
    asks_for_old_tornado = Version("2022.7.0") <= Version(dask) <= Version("2022.11.1")
    return ("tornado==6.2",) if asks_for_old_tornado and Version(minor) >= Version("3.10") else ()


def _applying(table: tuple[tuple[str, str], ...], dask: str) -> str:
    """The entry of the youngest release in `table` that is not younger than `dask`."""
    fitting = [value for release, value in table if Version(release) <= Version(dask)]
    return fitting[-1] if fitting else table[0][1]
