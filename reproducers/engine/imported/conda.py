"""What conda writes: exports in YAML and JSON, `conda list` in its forms, and explicit lists."""

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from reproducers.engine.imported import pip_freeze
from reproducers.engine.imported.conda_names import is_python, name_on_index
from reproducers.engine.imported.surroundings import (
    NAME,
    NO_PYTHON,
    UNREADABLE,
    Collected,
    Package,
    Surroundings,
    minor_of,
)
from reproducers.engine.untrusted import items, table, text

ENTRIES: Final = 3000
_ENTRY: Final = re.compile(
    r"(?:[^:\s]{1,200}::)?([A-Za-z0-9_.-]{1,100})(?:={1,2}([^=\s]{1,100})(?:=([^=\s]{1,100}))?)?"
)
_ARCHIVE: Final = re.compile(r"(.{1,100})-([^-]{1,100})-([^-]{1,100})\.(?:conda|tar\.bz2)")
_PYPI: Final = "pypi"


def read_export(facts: Any) -> Surroundings:
    """`conda env export`, already parsed: names with versions, and what pip installed."""
    found = Collected(format="conda export")
    for entry in items(table(facts).get("dependencies"), limit=ENTRIES):
        if isinstance(entry, dict):
            _read_pip(items(entry.get("pip"), limit=ENTRIES), found)
        else:
            _read_entry(text(entry, limit=300), found)
    return found.done()


def read_list_export(lines: str) -> Surroundings:
    """`conda list --export`: `name=version=build` lines."""
    found = Collected(format="conda list --export")
    for line in _lines(lines):
        _read_entry(line, found)
    return found.done()


def read_table(lines: str) -> Surroundings:
    """`conda list`: columns of name, version, build and channel."""
    found = Collected(format="conda list")
    for line in _lines(lines):
        name, version, build, *channel = [*line.split(), "", "", ""][:4]
        add(name, version, _PYPI if channel == [_PYPI] else build, found)
    return found.done()


def read_explicit(lines: str) -> Surroundings:
    """`conda list --explicit`: addresses of archives, of which only the file's name is read."""
    found = Collected(format="conda list --explicit")
    for number, line in enumerate(_lines(lines), start=1):
        if line.startswith("@"):
            continue
        name = unquote(urlsplit(line).path.rpartition("/")[2])
        if archive := _ARCHIVE.fullmatch(name):
            add(archive[1], archive[2], archive[3], found)
        else:
            found.leave_out(f"line {number}", UNREADABLE)
    return found.done()


def read_list_json(entries: list[Any]) -> Surroundings:
    """`conda list --json`, and `pip list --format=json`, which says less."""
    found = Collected(format="list of packages")
    for entry in entries[:ENTRIES]:
        facts = table(entry)
        is_conda = "channel" in facts and facts["channel"] != _PYPI
        build = text(facts.get("build_string"), limit=100) if is_conda else _PYPI
        add(text(facts.get("name"), limit=100), text(facts.get("version"), limit=100), build, found)
    return found.done()


def add(name: str, version: str, build: str, found: Collected) -> None:
    """A package of conda's; one that pip installed has a build such as `pypi_0`."""
    if name == "python":
        found.python = minor_of(version)
    elif not is_python(name, build):
        found.leave_out(name, NO_PYTHON)
    elif not NAME.fullmatch(name):
        found.leave_out("a name", UNREADABLE)
    elif build.startswith(_PYPI):
        found.add_version(canonicalize_name(name), version)
    elif version:
        found.add_version(name_on_index(name), version)
    else:
        found.add(Package(name=name_on_index(name)))


def _read_entry(entry: str, found: Collected) -> None:
    if parsed := _ENTRY.fullmatch(entry):
        add(parsed[1], parsed[2] or "", parsed[3] or "", found)
        return
    try:
        requirement = Requirement(entry)
    except (InvalidRequirement, RecursionError):
        found.leave_out("an entry", UNREADABLE)
        return
    if requirement.name == "python" or not is_python(requirement.name, ""):
        found.leave_out(requirement.name, NO_PYTHON)
    else:
        requirement.name = name_on_index(requirement.name)
        pip_freeze.add_requirement(requirement, found)


def _read_pip(lines: Iterable[object], found: Collected) -> None:
    installed = pip_freeze.read_freeze("\n".join(text(line, limit=300) for line in lines))
    for package in installed.packages:
        found.add(package)
    for left in installed.left_out:
        found.leave_out(left.name, left.why)


def _lines(lines: str) -> Iterable[str]:
    for line in lines.splitlines():
        if (entry := line.strip()[:1000]) and not entry.startswith("#"):
            yield entry
