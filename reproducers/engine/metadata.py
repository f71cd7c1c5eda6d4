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
from packaging.version import InvalidVersion, Version

from reproducers.engine.errors import MetadataError
from reproducers.engine.quantities import (
    format_bytes,
    parse_bytes,
    parse_count,
    parse_seconds,
    shown,
)
from reproducers.engine.verdicts import Symptom

MIB: Final = 1024**2
BLOCK_BYTES: Final = 64 * 1024
DEPENDENCIES: Final = 100
DEPENDENCY_CHARACTERS: Final = 300
EXPRESSION_CHARACTERS: Final = 500
CONFIG_VALUES: Final = 500
CONFIG_DEPTH: Final = 10
ENVIRONMENT_VALUE_CHARACTERS: Final = 1000
FILES: Final = 20

MEMORY: Final = (256 * MIB, 256 * 1024 * MIB)
TIMEOUT: Final = (1.0, 6 * 3600.0)
COUNTS: Final = {"workers": (1, 64), "threads": (1, 64), "gpus": (0, 16), "tries": (1, 100)}
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
_OPENING: Final = re.compile(r"# /// ([a-zA-Z0-9-]+)")
_WRITING: Final = "The format is described under `Script` in docs/repro.md."

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


def find_block(text: str) -> str | None:
    """The TOML of the `script` block, by the grammar of PEP 723; raises MetadataError for two.

    The PEP gives a regular expression, which takes quadratic time on hostile text; this reads
    line by line and agrees with it (a property test compares the two).
    """
    blocks = [content for kind, content in _blocks(text.split("\n")) if kind == "script"]
    if len(blocks) > 1:
        raise MetadataError(
            "The script has more than one `# /// script` block.", remedy="Keep one of them."
        )
    return blocks[0] if blocks else None


def _blocks(lines: list[str]) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(lines):
        opening = _OPENING.fullmatch(lines[position])
        if opening is None:
            position += 1
            continue
        end = position + 1
        while end < len(lines) and _is_comment(lines[end]):
            end += 1
        # The last closing line of a run of comments closes it, and one line at least lies between.
        closing = end - 1
        while closing > position + 1 and lines[closing] != "# ///":
            closing -= 1
        if closing > position + 1:
            content = (line[2:] for line in lines[position + 1 : closing])
            found.append((opening[1], "".join(f"{line}\n" for line in content)))
            end = closing + 1
        position = end
    return found


def _is_comment(line: str) -> bool:
    return line == "#" or line.startswith("# ")


def _toml(block: str) -> dict[str, Any]:
    if len(block.encode()) > BLOCK_BYTES:
        raise MetadataError(
            f"The script's metadata has more than {format_bytes(BLOCK_BYTES)}.", remedy=_WRITING
        )
    try:
        return tomllib.loads(block)
    except RecursionError as error:
        raise MetadataError("The metadata is nested too deeply.", remedy=_WRITING) from error
    except ValueError as error:
        raise MetadataError(f"The metadata is no TOML: {error}.", remedy=_WRITING) from error


def _table(value: object, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(key, "has to be a table")
    return value


def _wrong(key: str, what: str) -> MetadataError:
    return MetadataError(f"`{key}` {what}.", remedy=_WRITING)


def _text(value: object, key: str, *, characters: int) -> str:
    if not isinstance(value, str):
        raise _wrong(key, f"has to be text, not {shown(value)}")
    if len(value) > characters:
        raise _wrong(key, f"is longer than {characters} characters")
    if not value.isprintable():
        raise _wrong(key, "holds characters that cannot be printed")
    return value


def _requires_python(value: object) -> str | None:
    if value is None:
        return None
    text = _text(value, "requires-python", characters=100)
    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier as error:
        raise _wrong("requires-python", f"is not a version specifier: {shown(text)}") from error


def _dependencies(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise _wrong("dependencies", "has to be a list of texts")
    if len(value) > DEPENDENCIES:
        raise _wrong("dependencies", f"has more than {DEPENDENCIES} entries")
    return tuple(read_requirement(entry) for entry in value)


def read_requirement(value: object) -> str:
    """A requirement of name, extras, specifier and marker, in its normal form.

    Raises MetadataError for anything else, such as an address or a path: an environment comes from
    the one index alone.
    """
    text = _text(value, "dependencies", characters=DEPENDENCY_CHARACTERS)
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        raise MetadataError(
            f"{shown(text)} is no requirement that can be installed here.",
            remedy="Write a name and a specifier, such as `pandas>=2`; addresses, paths and "
            "repositories are not read.",
        ) from error
    if requirement.url is not None:
        raise MetadataError(
            f"{requirement.name} is asked for from an address.",
            remedy=f"Name a release instead, such as `{requirement.name}>=1`.",
        )
    requirement.name = canonicalize_name(requirement.name)
    return str(requirement)


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


def read_symptom(value: object, key: str = "symptom") -> Symptom:
    """The symptom of that name; raises MetadataError that lists them."""
    try:
        return Symptom(str(value))
    except ValueError as error:
        known = ", ".join(sorted(Symptom))
        raise MetadataError(
            f"`{key}` is {shown(value)}, which is no symptom.", remedy=f"Known are: {known}."
        ) from error


def read_expression(value: object, key: str) -> str:
    """A regular expression that compiles; raises MetadataError.

    It may still be one that backtracks without end: whoever searches with it bounds the text and
    the time.
    """
    text = _text(value, key, characters=EXPRESSION_CHARACTERS)
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise _wrong(key, f"is no regular expression: {error}") from error
    return text


def read_count(value: object, key: str) -> int:
    """A whole number within the bounds of `key`; raises MetadataError."""
    lowest, highest = COUNTS[key]
    try:
        count = parse_count(value)
    except ValueError as error:
        raise _wrong(key, f"cannot be: {error}") from error
    if not lowest <= count <= highest:
        raise _wrong(key, f"has to be from {lowest} to {highest}, not {shown(value)}")
    return count


def read_memory(value: object, key: str = "memory") -> int:
    """Bytes within the bounds; raises MetadataError."""
    lowest, highest = MEMORY
    try:
        count = parse_bytes(value)
    except ValueError as error:
        raise _wrong(key, f"cannot be: {error}") from error
    if not lowest <= count <= highest:
        bounds = f"{format_bytes(lowest)} to {format_bytes(highest)}"
        raise _wrong(key, f"has to be from {bounds}, not {shown(value)}")
    return count


def read_timeout(value: object, key: str = "timeout") -> float:
    """Seconds within the bounds; raises MetadataError."""
    lowest, highest = TIMEOUT
    try:
        seconds = parse_seconds(value)
    except ValueError as error:
        raise _wrong(key, f"cannot be: {error}") from error
    if not lowest <= seconds <= highest:
        raise _wrong(key, f"has to be from 1 second to 6 hours, not {shown(value)}")
    return seconds


def read_version(value: object, key: str = "reported") -> str:
    """A version in its normal form; raises MetadataError."""
    text = _text(value, key, characters=50)
    try:
        return str(Version(text))
    except InvalidVersion as error:
        raise _wrong(key, f"is not a version: {shown(text)}") from error


def _config(value: object, key: str) -> dict[str, Any]:
    table = _table(value, key)
    if _count_values(table, depth=0) > CONFIG_VALUES:
        raise _wrong(key, f"has more than {CONFIG_VALUES} values")
    if any("preload" in str(name) for name in _names(table)):
        raise _wrong(key, "cannot set preloads: they are how the runner observes the cluster")
    return table


def _count_values(value: object, *, depth: int) -> int:
    if depth > CONFIG_DEPTH:
        raise _wrong("config", f"is nested deeper than {CONFIG_DEPTH} tables")
    if isinstance(value, dict):
        return sum(_count_values(entry, depth=depth + 1) for entry in value.values())
    if isinstance(value, list):
        return sum(_count_values(entry, depth=depth + 1) for entry in value)
    if not isinstance(value, str | int | float):
        raise _wrong("config", f"cannot hold a date or time: {value}")
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
        found[name] = _text(entry, f"env.{name}", characters=ENVIRONMENT_VALUE_CHARACTERS)
    return found


def _files(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > FILES:
        raise _wrong(key, f"has to be a list of at most {FILES} names")
    for name in value:
        if not isinstance(name, str) or not _FILE_NAME.fullmatch(name) or name.endswith(" "):
            raise MetadataError(
                f"`files` names {shown(name)}, which is no plain file name.",
                remedy="Put the data beside the script and name it without a folder.",
            )
    return tuple(dict.fromkeys(value))
