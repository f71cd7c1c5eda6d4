"""`pip freeze`, and requirement files like it."""

import re
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from reproducers.engine.imported.surroundings import (
    ADDRESS,
    EDITABLE,
    FILE,
    NAME,
    OPTION,
    REPOSITORY,
    UNREADABLE,
    Collected,
    Package,
    Surroundings,
)

LINE_CHARACTERS: Final = 2000
_EDITABLE_COMMENT: Final = re.compile(r"# Editable .*\(([^)=]{1,100})(==[^)]*)?\)")
_EGG: Final = re.compile(r"#egg=([A-Za-z0-9._-]{1,100})")
_TRAILER: Final = re.compile(r"\s+#.*|\s+--hash=\S+|\s*\\$")
_OPTION: Final = re.compile(r"--?[a-z-]{1,40}")


def read_freeze(text: str) -> Surroundings:
    """Each line a requirement; what is no plain one is left out by its name."""
    found = Collected(format="pip freeze")
    for number, line in enumerate(text.splitlines(), start=1):
        _read(line[:LINE_CHARACTERS].strip(), f"line {number}", found)
    return found.done()


def _read(line: str, place: str, found: Collected) -> None:
    if line.startswith("#"):
        if editable := _EDITABLE_COMMENT.match(line):
            found.leave_out(editable[1].strip(), EDITABLE)
        return
    if line.startswith(("-e ", "--editable")):
        egg = _EGG.search(line)
        found.leave_out(egg[1] if egg else place, EDITABLE)
        return
    line = _TRAILER.sub("", line)
    if line.startswith("-"):
        if not line.startswith("--hash"):
            found.leave_out(place, OPTION)
        return
    if line:
        _read_requirement(line, place, found)


def _read_requirement(line: str, place: str, found: Collected) -> None:
    try:
        requirement = Requirement(line)
    except (InvalidRequirement, RecursionError):
        egg = _EGG.search(line)
        found.leave_out(egg[1] if egg else place, ADDRESS if "/" in line else UNREADABLE)
        return
    name = canonicalize_name(requirement.name)
    if requirement.url is not None:
        found.leave_out(name, _why(requirement.url))
    elif requirement.marker is None or requirement.marker.evaluate():
        add_requirement(requirement, found)


def add_requirement(requirement: Requirement, found: Collected) -> None:
    """A requirement without an address: pinned where it names one version."""
    name = canonicalize_name(requirement.name)
    pins = [one.version for one in requirement.specifier if one.operator in {"==", "==="}]
    if len(pins) == len(requirement.specifier) == 1 and not pins[0].endswith("*"):
        found.add_version(name, pins[0])
    elif NAME.fullmatch(name):
        found.add(Package(name=name, specifier=str(requirement.specifier)))


def _why(url: str) -> str:
    if url.startswith("file:"):
        return FILE
    return REPOSITORY if url.partition(":")[0].partition("+")[1] else ADDRESS
