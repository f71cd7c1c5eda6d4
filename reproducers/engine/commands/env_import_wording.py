"""An imported environment in words, as a block to copy, and in plain values. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from reproducers.engine.commands.console import harmless
from reproducers.engine.commands.frame import SCHEMA
from reproducers.engine.imported.pinning import Pinned
from reproducers.engine.imported.surroundings import FILE, Difference, Surroundings

SHOWN: Final = 12


def block(pinned: Pinned) -> str:
    """The PEP 723 block that a script begins with."""
    named = (f'#   "{requirement}",' for requirement in pinned.requirements)
    table = [
        *([f'# reported = "{pinned.dask}"'] if pinned.dask else []),
        *(["# gpus = 1"] if pinned.gpus else []),
    ]
    lines = (
        "# /// script",
        f'# requires-python = "=={pinned.python}.*"',
        *("# dependencies = [", *named, "# ]"),
        *(["#", "# [tool.repro]", *table] if table else []),
        "# ///",
    )
    return "\n".join(lines) + "\n"


def command(pinned: Pinned) -> str:
    """What runs a script that begins with the block."""
    gpus = " --gpus 1" if pinned.gpus else ""
    dask = f" --dask {pinned.dask}" if pinned.dask else ""
    return f"repro run SCRIPT --python {pinned.python}{dask}{gpus}"


def as_dict(read: Surroundings, pinned: Pinned) -> dict[str, Any]:
    """The one JSON object of the command."""
    return {
        "schema": SCHEMA,
        "format": read.format,
        "python": pinned.python,
        "dask": pinned.dask,
        "requirements": list(pinned.requirements),
        "without_wheel": [asdict(one) for one in pinned.without_wheel],
        "without_build": list(pinned.without_build),
        "left_out": [asdict(one) for one in read.left_out],
        "differences": [asdict(one) for one in read.differences],
        "block": block(pinned),
        "command": command(pinned),
    }


def as_lines(read: Surroundings, pinned: Pinned, *, missing_python: bool) -> Iterator[str]:
    """What was read, what cannot be had and why, and what differs; the block stands apart."""
    taken, python = len(pinned.requirements), f"Python {pinned.python}"
    known = "" if pinned.is_python_known else ", the one that most of them have a wheel for"
    yield f"{read.format}: {taken} packages for {python}{known}"
    if missing_python:
        yield f"{python} is not on this machine: `uv python install {pinned.python}`"
    yield from _differences(read.differences)
    for one in pinned.without_wheel:
        yield f"without a wheel: {_named(one.name, one.version)}: {one.why}"
    if pinned.without_build:
        yield f"taken without the build after the +: {', '.join(pinned.without_build)}"
    yield from _left_out(read)


def _differences(differences: tuple[Difference, ...]) -> Iterator[str]:
    for one in differences:
        workers = ", ".join(f"{version} on {count}" for version, count in one.workers.items())
        yield harmless(
            f"differs: {one.name}: client {one.client or 'none'}, scheduler "
            f"{one.scheduler or 'none'}, workers {workers or 'none'}"
        )


def _left_out(read: Surroundings) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for one in read.left_out:
        reasons.setdefault(one.why, []).append(one.name)
    for why, names in reasons.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield f"left out, {why}: {', '.join(names[:SHOWN])}{more}"
    if FILE in reasons:
        yield "`pip list --format=freeze` names the versions of what was installed from files"


def _named(name: str, version: str | None) -> str:
    return name if version is None else f"{name} {version}"
