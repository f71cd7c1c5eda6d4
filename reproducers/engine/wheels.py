"""Whether a wheel can be installed on this machine, on a minor version of CPython."""

from functools import lru_cache

from packaging.tags import compatible_tags, cpython_tags, platform_tags

from reproducers.engine.compatibility import admits
from reproducers.engine.index import Wheel


def fits(wheel: Wheel, minor: str) -> bool:
    """Whether it is for a CPython such as "3.11", and for this machine."""
    return admits(wheel.requires_python, minor) and not _tags(minor).isdisjoint(wheel.tags)


@lru_cache
def _tags(minor: str) -> frozenset[str]:
    """What a CPython of this minor version on this machine can install."""
    major, number = map(int, minor.split("."))
    version, platforms = (major, number), list(platform_tags())
    found = [
        *cpython_tags(version, platforms=platforms),
        *compatible_tags(version, f"cp{major}{number}", platforms),
    ]
    return frozenset(map(str, found))
