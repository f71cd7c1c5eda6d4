"""What a customer's file says of an environment, whatever the format. Plain, bounded data."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from packaging.version import InvalidVersion, Version

PACKAGES: Final = 1000
LEFT_OUT: Final = 1000
NAME_CHARACTERS: Final = 100
NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_SAYABLE: Final = re.compile(r"[A-Za-z0-9 ._-]{1,100}")
_MINOR: Final = re.compile(r"(3\.[0-9]{1,2})(\.|$)")

REPOSITORY: Final = "from a repository"
EDITABLE: Final = "an editable install"
FILE: Final = "from a file, which does not tell its version"
ADDRESS: Final = "from an address"
OPTION: Final = "an option of pip"
NO_VERSION: Final = "its version is none that pip knows"
NO_PYTHON: Final = "no package of Python's"
UNREADABLE: Final = "not understood"
TOO_MANY: Final = "too many"


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package by its name on the index. `version` None: `specifier` says what may be taken.

    `build` is what follows `+` in a version: builds that the index does not have.
    """

    name: str
    version: str | None = None
    specifier: str = ""
    build: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """What is not taken, by a name of ours or of a package: never an address, which may hold a
    password."""

    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A package that client, scheduler and workers have in different versions, None: not at all.

    `workers` maps a version to the number of workers that have it.
    """

    name: str
    client: str | None
    scheduler: str | None
    workers: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """`python` is a minor version such as "3.10", None where the file does not tell."""

    format: str
    python: str | None = None
    packages: tuple[Package, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass
class Collected:
    """Gathers what a file says, each package once, up to the bounds."""

    format: str
    python: str | None = None
    packages: dict[str, Package] = field(default_factory=dict)
    left_out: dict[LeftOut, None] = field(default_factory=dict)

    def add(self, package: Package) -> None:
        if len(self.packages) < PACKAGES or package.name in self.packages:
            self.packages.setdefault(package.name, package)
        else:
            self.leave_out(package.name, TOO_MANY)

    def leave_out(self, name: str, why: str) -> None:
        if len(self.left_out) < LEFT_OUT:
            shown = name if _SAYABLE.fullmatch(name) else "a name"
            self.left_out.setdefault(LeftOut(name=shown, why=why))

    def add_version(self, name: str, version: str, *, specifier: str = "") -> None:
        """A package with its version as it is written."""
        with suppress(InvalidVersion):
            parsed = Version(version)
            self.add(
                Package(
                    name=name,
                    version=parsed.public,
                    specifier=specifier,
                    build=parsed.local or "",
                )
            )
            return
        self.leave_out(name, NO_VERSION)

    def done(self, differences: Iterable[Difference] = ()) -> Surroundings:
        return Surroundings(
            format=self.format,
            python=self.python,
            packages=tuple(self.packages[name] for name in sorted(self.packages)),
            left_out=tuple(self.left_out),
            differences=tuple(differences),
        )


def minor_of(version: object) -> str | None:
    """ "3.10" of "3.10.12.final.0", None where it is no Python 3."""
    found = _MINOR.match(version) if isinstance(version, str) else None
    return found[1] if found else None
