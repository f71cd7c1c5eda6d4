"""What of a customer's environment the one index has: a pin for each wheel, a name for the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from packaging.version import Version

from reproducers.engine import index
from reproducers.engine.compatibility import PREFERENCE, fitting_pythons
from reproducers.engine.environments.gpu import CUDA, LIBRARIES, OTHER_LIBRARIES
from reproducers.engine.imported.surroundings import Package, Surroundings
from reproducers.engine.index import Wheel
from reproducers.engine.metadata import DEPENDENCIES
from reproducers.engine.rapids import belongs_to, release_of
from reproducers.engine.wheels import fits

CONNECTIONS: Final = 8
# They install others, and are no part of what a script needs.
INSTALLERS: Final = frozenset({"conda", "mamba", "pip", "uv"})

Wheels = Mapping[str, Sequence[Wheel]]
Done = Callable[[int, int], None]
"""Told how many of how many packages have been asked for."""


@dataclass(frozen=True, kw_only=True)
class Without:
    """A package that the index has no fitting wheel of, and why it cannot be had."""

    name: str
    version: str | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """`requirements` are sorted. `python` is the customer's, else the one that most wheels fit.

    `without_build` are versions as the customer has them, which are pinned without what follows +.
    """

    python: str
    is_python_known: bool
    dask: str | None
    gpus: bool
    requirements: tuple[str, ...]
    without_wheel: tuple[Without, ...]
    without_build: tuple[str, ...] = ()


def pin(read: Surroundings, *, done: Done) -> Pinned:
    """Ask the index for every package; nothing else learns their names.

    Raises EnvironmentServiceError where it does not answer.
    """
    packages = [package for package in read.packages if package.name not in INSTALLERS]
    wheels = _asked([package.name for package in packages], done)
    python = read.python or best_python(packages, wheels)
    pinned: list[Package] = []
    without: list[Without] = []
    for package in packages:
        why = why_not(package, wheels[package.name], python)
        if why is None and len(pinned) == DEPENDENCIES:
            why = f"a script names at most {DEPENDENCIES} packages"
        if why is None:
            pinned.append(package)
        else:
            without.append(Without(name=package.name, version=package.version, why=why))
    return Pinned(
        python=python,
        is_python_known=read.python is not None,
        dask=_dask(pinned),
        gpus=any(is_for_gpus(package.name) for package in pinned),
        requirements=tuple(map(requirement, pinned)),
        without_wheel=tuple(without),
        without_build=tuple(f"{one.name} {one.version}+{one.build}" for one in pinned if one.build),
    )


def requirement(package: Package) -> str:
    """The package as a script names it; of RAPIDS no version, since that goes with Dask's."""
    if package.version is None or is_for_gpus(package.name):
        return f"{package.name}{package.specifier}"
    return f"{package.name}=={package.version}"


def why_not(package: Package, wheels: Sequence[Wheel], python: str) -> str | None:
    """Why a package cannot be had, None where it can."""
    if not wheels:
        return "the index has no wheel of it"
    version = package.version
    if version is not None:
        wheels = [wheel for wheel in wheels if _is_that(wheel, package)]
    if not wheels:
        return f"the index has no wheel of {version}"
    if not any(fits(wheel, python) for wheel in wheels):
        return f"no wheel of it is for Python {python} on this kind of machine"
    return None


def best_python(packages: Sequence[Package], wheels: Wheels) -> str:
    """The minor version that most of the packages have a wheel for; Dask's preference on a tie."""
    dask = next((each.version for each in packages if each.name == "dask" and each.version), None)
    candidates = fitting_pythons(dask) if dask else PREFERENCE

    def count(python: str) -> int:
        return sum(why_not(each, wheels[each.name], python) is None for each in packages)

    return max(candidates, key=count)


def is_for_gpus(name: str) -> bool:
    """Whether it is a library of RAPIDS by its name on the index."""
    return name.removesuffix(f"-{CUDA}") in LIBRARIES | OTHER_LIBRARIES


def _is_that(wheel: Wheel, package: Package) -> bool:
    assert package.version is not None
    if is_for_gpus(package.name) and package.name.removesuffix(f"-{CUDA}") in LIBRARIES:
        return belongs_to(wheel.version, release_of(package.version))
    return Version(wheel.version).public == package.version


def _dask(pinned: Sequence[Package]) -> str | None:
    """The release, where dask and distributed are of the same one: then one word names both."""
    versions = {each.name: each.version for each in pinned}
    dask = versions.get("dask")
    return dask if versions.get("distributed", dask) == dask else None


def _asked(names: Sequence[str], done: Done) -> Wheels:
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return dict(_counted(names, pool.map(index.wheels, names), done))


def _counted(
    names: Sequence[str], answers: Iterator[tuple[Wheel, ...]], done: Done
) -> Iterator[tuple[str, tuple[Wheel, ...]]]:
    for count, (name, wheels) in enumerate(zip(names, answers, strict=True), start=1):
        done(count, len(names))
        yield name, wheels
