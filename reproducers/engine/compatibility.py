"""What is known of Dask's releases and cannot be read from the index: tables, and no I/O."""

from collections.abc import Mapping
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
)
_OLDEST_PYTHON: Final = (("2022.2.0", "3.8"), ("2023.5.1", "3.9"), ("2024.8.1", "3.10"))
# Where several fit: the one most releases share first, so that a bisection changes nothing else.
_PREFERENCE: Final = ("3.11", "3.10", "3.12", "3.13", "3.9", "3.8")

# distributed has the version of its dask, but for these.
_DISTRIBUTED: Final[Mapping[str, str]] = MappingProxyType({})

UNINSTALLABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "2024.11.0": "its dask-expr was yanked (critical performance regression)",
        "2026.1.0": "its distributed pins an older dask",
    }
)
"""Releases that cannot be installed as a whole, with the reason; plans skip them."""

RAPIDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "22.12": "2022.11.1",
        "23.02": "2023.1.1",
        "23.04": "2023.3.2",
        "23.06": "2023.3.2",
        "23.08": "2023.7.1",
        "23.10": "2023.9.2",
        "23.12": "2023.11.0",
        "24.02": "2024.1.1",
        "24.04": "2024.1.1",
        "24.06": "2024.5.1",
        "24.08": "2024.7.1",
        "24.10": "2024.9.0",
        "24.12": "2024.11.2",
        "25.02": "2024.12.1",
        "25.04": "2025.2.0",
        "25.06": "2025.5.0",
        "25.08": "2025.7.0",
        "25.10": "2025.9.1",
        "25.12": "2025.9.1",
        "26.02": "2026.1.1",
        "26.04": "2026.1.1",
        "26.06": "2026.1.1",
        "26.08": "2026.7.1",
        "26.10": "2026.7.1",
    }
)
"""The release of Dask that each RAPIDS release pinned, oldest first."""

RAPIDS_RELEASES: Final = tuple(dict.fromkeys(RAPIDS.values()))
"""The eighteen releases of Dask among them: the coarse default of a matrix."""


def fitting_pythons(dask: str, requires_python: str | None = None) -> tuple[str, ...]:
    """The minor versions a release works with, the preferred first; none where nothing fits.

    `requires_python` is the script's specifier; a minor version fits where any release of it does.
    """
    oldest = Version(_applying(_OLDEST_PYTHON, dask))
    newest = Version(_applying(_NEWEST_PYTHON, dask))
    return tuple(
        minor
        for minor in _PREFERENCE
        if oldest <= Version(minor) <= newest and admits(requires_python, minor)
    )


def admits(requires_python: str | None, minor: str) -> bool:
    """Whether a specifier admits any release of a minor version such as "3.11"."""
    if requires_python is None:
        return True
    specifiers = SpecifierSet(requires_python)
    return any(specifiers.contains(f"{minor}.{micro}") for micro in range(40))


def distributed_of(dask: str) -> str:
    """The version of distributed that belongs to a release of dask."""
    return _DISTRIBUTED.get(dask, dask)


def has_separate_dask_expr(dask: str) -> bool:
    """Whether dask-expr is the default and a package of its own: 2024.3.0 to 2024.12.1."""
    return Version("2024.3.0") <= Version(dask) <= Version("2024.12.1")


def _applying(table: tuple[tuple[str, str], ...], dask: str) -> str:
    """The entry of the youngest release in `table` that is not younger than `dask`."""
    fitting = [value for release, value in table if Version(release) <= Version(dask)]
    return fitting[-1] if fitting else table[0][1]
