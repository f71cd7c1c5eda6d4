"""Byte code: made once for each package, in a sandbox that sees nothing but that package.

A unit is one entry of site-packages, or all the small ones together. Its byte code is remembered
by everything that it was made from, so that a file which attacks the compiler can spoil nothing but
its own unit, of which it is a part wherever that byte code is found again.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from reproducers.engine import places
from reproducers.engine.environments.content import File, put

FORMAT: Final = 1
"""Part of every unit's name: raised when byte code is made in another way."""

# A third of all modules are tests of their own package, and hardly ever imported.
NOT_COMPILED: Final = r"/tests/"
SMALL_BYTES: Final = 1_000_000
"""Entries with less source than this are compiled together: a sandbox takes a fifth of a second."""

CACHE: Final = "__pycache__"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Entries of site-packages with Python in them. Paths are below the tree."""

    paths: tuple[str, ...]
    sources: Mapping[str, File]

    def key(self, *, version: str, place: str) -> str:
        """Names what it is compiled from: these sources, at that place, by that CPython."""
        sources = [(path, file.digest) for path, file in sorted(self.sources.items())]
        facts = json.dumps((FORMAT, version, place, self.paths, NOT_COMPILED, sources))
        return hashlib.sha256(facts.encode()).hexdigest()[:32]


def units(files: Mapping[str, File], site: str) -> tuple[Unit, ...]:
    """What is to be compiled of an environment, the largest first. `site` is below the tree."""
    found: dict[str, dict[str, File]] = {}
    for path, file in files.items():
        if path.startswith(f"{site}/") and path.endswith(".py") and _is_compiled(path):
            top = path.removeprefix(f"{site}/").partition("/")[0]
            found.setdefault(f"{site}/{top}", {})[path] = file
    large = {path: sources for path, sources in found.items() if _bytes(sources) >= SMALL_BYTES}
    made = [Unit(paths=(path,), sources=sources) for path, sources in large.items()]
    if small := sorted(found.keys() - large.keys()):
        together = {path: file for top in small for path, file in found[top].items()}
        made.append(Unit(paths=tuple(small), sources=together))
    return tuple(sorted(made, key=lambda unit: _bytes(unit.sources), reverse=True))


def byte_code_of(source: str, version: str) -> str:
    """Where the CPython of that version looks for the byte code of a source: a path beside it."""
    path, (major, minor) = PurePosixPath(source), version.split(".")[:2]
    return str(path.parent / CACHE / f"{path.stem}.cpython-{major}{minor}.pyc")


def remember(key: str, byte_code: Mapping[str, File]) -> None:
    """Keep which files of the shared content are this unit's byte code."""
    facts = {path: [file.digest, file.bytes] for path, file in byte_code.items()}
    folder = places.folder("compiled")
    with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".", delete=False) as file:
        json.dump(facts, file)
    Path(file.name).replace(folder / f"{key}.json")


def recall(key: str, tree: Path) -> dict[str, File] | None:
    """Put the byte code of an earlier compilation into `tree`, by its path there.

    None where none is remembered, or a part of it is gone.
    """
    kept = places.folder("compiled") / f"{key}.json"
    try:
        facts = json.loads(kept.read_text())
    except FileNotFoundError:
        return None
    found = {path: File(digest=digest, bytes=size) for path, (digest, size) in facts.items()}
    put_so_far: list[Path] = []
    for path, file in found.items():
        if not _put(file, tree / path):
            for target in put_so_far:
                target.unlink()
            kept.unlink(missing_ok=True)
            return None
        put_so_far.append(tree / path)
    return found


def _put(file: File, target: Path) -> bool:
    try:
        target.parent.mkdir(exist_ok=True)
    except FileExistsError:  # a file of that name came with the package
        return False
    return put(file, target)


def _is_compiled(path: str) -> bool:
    return re.search(NOT_COMPILED, f"/{path}") is None


def _bytes(sources: Mapping[str, File]) -> int:
    return sum(file.bytes for file in sources.values())
