"""The `# /// script` block: PEP 723, of which requires-python, dependencies and [tool.repro] count.

Everything here is text from outside: each value has its type and bounds, and what is not known is
refused rather than ignored, so that a misspelt key is no silent default. `[tool.uv]` and other
tools' tables are ignored: they could name other indexes and sources.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from reproducers.engine.errors import MetadataError
from reproducers.engine.pep723 import find_block
from reproducers.engine.quantities import format_bytes, shown
from reproducers.engine.values import (
    COUNTS,
    WRITING,
    read_count,
    read_expression,
    read_memory,
    read_symptom,
    read_text,
    read_timeout,
    read_version,
    wrong,
)
from reproducers.engine.verdicts import Symptom

BLOCK_BYTES: Final = 64 * 1024
DEPENDENCIES: Final = 500
DEPENDENCY_CHARACTERS: Final = 300
CONFIG_VALUES: Final = 500
CONFIG_DEPTH: Final = 10
ENVIRONMENT_VALUE_CHARACTERS: Final = 1000
FILES: Final = 20

KEYS: Final = frozenset(
    {"symptom", "match", "accept", "memory", "timeout", "reported", "config", "env", "files"}
    | COUNTS.keys()
)

# What a reproducer may set for itself: thread pools, allocators and Dask. Never what chooses code
# (PYTHONPATH, LD_PRELOAD) and never the preloads, which are how the runner observes the cluster.
_ALLOWED_VARIABLE: Final = re.compile(
    r"""DASK_[A-Z0-9_]+ | (MALLOC|OMP|MKL|OPENBLAS|NUMEXPR|VECLIB|BLIS|ARROW|POLARS|RAPIDS|CUDF|RMM
    |UCX|NUMBA|KMP|GOTO)_[A-Z0-9_]+ | TZ | LANG | LC_[A-Z]+ | PYTHONHASHSEED | PYTHONOPTIMIZE
    | PYTHONWARNINGS | PYTHONUTF8 | PYTHONDEVMODE | PYTHONFAULTHANDLER | PYTHONMALLOC""",
    re.VERBOSE,
)
_REFUSED_VARIABLE: Final = re.compile(r"DASK_.*PRELOAD.*|DASK_(ROOT_)?CONFIG|DASK_INTERNAL.*")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. +-]{0,99}")

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class RunTable:
    """`[tool.repro]`, read and bounded. None: not said. Bytes and seconds; `match` and `accept`
    compile as regular expressions."""

    symptom: Symptom | None = None
    match: str | None = None
    accept: str | None = None
    workers: int | None = None
    threads: int | None = None
    memory_bytes: int | None = None
    timeout_seconds: float | None = None
    gpus: int | None = None
    tries: int | None = None
    reported: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a block says. `dependencies` None: the block does not name any."""

    requires_python: str | None = None
    dependencies: tuple[str, ...] | None = None
    table: RunTable = field(default_factory=RunTable)


def read_metadata(text: str) -> Metadata | None:
    """The script's metadata, None without a block; raises MetadataError."""
    block = find_block(text)
    if block is None:
        return None
    facts = _toml(block)
    tool = _table(facts.get("tool", {}), "tool")
    return Metadata(
        requires_python=_requires_python(facts.get("requires-python")),
        dependencies=_dependencies(facts.get("dependencies")),
        table=_run_table(_table(tool.get("repro", {}), "tool.repro")),
    )


def _toml(block: str) -> dict[str, Any]:
    if len(block.encode()) > BLOCK_BYTES:
        raise MetadataError(
            f"The script's metadata has more than {format_bytes(BLOCK_BYTES)}.", remedy=WRITING
        )
    try:
        return tomllib.loads(block)
    except RecursionError as error:
        raise MetadataError("The metadata is nested too deeply.", remedy=WRITING) from error
    except ValueError as error:
        raise MetadataError(f"The metadata is no TOML: {error}.", remedy=WRITING) from error


def _table(value: object, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(key, "has to be a table")
    return value


def _requires_python(value: object) -> str | None:
    if value is None:
        return None
    text = read_text(value, "requires-python", characters=100)
    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier as error:
        raise wrong("requires-python", f"is not a version specifier: {shown(text)}") from error


def _dependencies(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise wrong("dependencies", "has to be a list of texts")
    if len(value) > DEPENDENCIES:
        raise wrong("dependencies", f"has more than {DEPENDENCIES} entries")
    return tuple(read_requirement(entry) for entry in value)


def read_requirement(value: object) -> str:
    """A requirement of name, extras, specifier and marker, in its normal form.

    Raises MetadataError for anything else, such as an address or a path: an environment comes from
    the one index alone.
    """
    text = read_text(value, "dependencies", characters=DEPENDENCY_CHARACTERS)
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        raise _no_requirement(text) from error
    if _is_archive(requirement.name):
        raise _no_requirement(text)
    if requirement.url is not None:
        raise MetadataError(
            f"{requirement.name} is asked for from an address.",
            remedy=f"Name a release instead, such as `{requirement.name}>=1`.",
        )
    requirement.name = canonicalize_name(requirement.name)
    return str(requirement)


def _is_archive(name: str) -> bool:
    return name.lower().endswith((".whl", ".zip", ".gz", ".bz2", ".xz"))


def _no_requirement(text: str) -> MetadataError:
    return MetadataError(
        f"{shown(text)} is no requirement that can be installed here.",
        remedy="Write a name and a specifier, such as `pandas>=2`; addresses, paths and "
        "repositories are not read.",
    )


def _run_table(table: dict[str, Any]) -> RunTable:
    if unknown := sorted(table.keys() - KEYS):
        raise MetadataError(
            f"[tool.repro] has no key {shown(unknown[0])}.",
            remedy=f"Its keys are {', '.join(sorted(KEYS))}.",
        )
    return RunTable(
        symptom=_given(table, "symptom", read_symptom),
        match=_given(table, "match", read_expression),
        accept=_given(table, "accept", read_expression),
        workers=_given(table, "workers", read_count),
        threads=_given(table, "threads", read_count),
        gpus=_given(table, "gpus", read_count),
        tries=_given(table, "tries", read_count),
        memory_bytes=_given(table, "memory", read_memory),
        timeout_seconds=_given(table, "timeout", read_timeout),
        reported=_given(table, "reported", read_version),
        config=_given(table, "config", _config) or {},
        env=_given(table, "env", _variables) or {},
        files=_given(table, "files", _files) or (),
    )


def _given(table: dict[str, Any], key: str, read: Callable[[object, str], Value]) -> Value | None:
    return read(table[key], key) if key in table else None


def _config(value: object, key: str) -> dict[str, Any]:
    table = _table(value, key)
    if _count_values(table, depth=0) > CONFIG_VALUES:
        raise wrong(key, f"has more than {CONFIG_VALUES} values")
    if any("preload" in str(name) for name in _names(table)):
        raise wrong(key, "cannot set preloads: they are how the runner observes the cluster")
    return table


def _count_values(value: object, *, depth: int) -> int:
    if depth > CONFIG_DEPTH:
        raise wrong("config", f"is nested deeper than {CONFIG_DEPTH} tables")
    if isinstance(value, dict):
        return sum(_count_values(entry, depth=depth + 1) for entry in value.values())
    if isinstance(value, list):
        return sum(_count_values(entry, depth=depth + 1) for entry in value)
    if not isinstance(value, str | int | float):
        raise wrong("config", f"cannot hold a date or time: {value}")
    return 1


def _names(value: object) -> list[str]:
    if isinstance(value, list):
        return [name for entry in value for name in _names(entry)]
    if isinstance(value, dict):
        return [*value, *(name for entry in value.values() for name in _names(entry))]
    return []


def _variables(value: object, key: str) -> dict[str, str]:
    found = {}
    for name, entry in _table(value, key).items():
        if not _ALLOWED_VARIABLE.fullmatch(name) or _REFUSED_VARIABLE.fullmatch(name):
            raise MetadataError(
                f"`env` may not set {shown(name)}.",
                remedy="Allowed are DASK_*, OMP_*, MALLOC_*, MKL_*, OPENBLAS_*, ARROW_*, TZ and "
                "the like; Dask's settings may also stand in [tool.repro.config].",
            )
        entry = str(entry) if isinstance(entry, int | float) else entry
        found[name] = read_text(entry, f"env.{name}", characters=ENVIRONMENT_VALUE_CHARACTERS)
    return found


def _files(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > FILES:
        raise wrong(key, f"has to be a list of at most {FILES} names")
    for name in value:
        if not isinstance(name, str) or not _FILE_NAME.fullmatch(name) or name.endswith(" "):
            raise MetadataError(
                f"`files` names {shown(name)}, which is no plain file name.",
                remedy="Put the data beside the script and name it without a folder.",
            )
    return tuple(dict.fromkeys(value))
