"""The values of `[tool.repro]` and of `repro`'s flags: each with its type and its bounds."""

import re
import warnings
from typing import Final

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
EXPRESSION_CHARACTERS: Final = 500
MEMORY: Final = (256 * MIB, 256 * 1024 * MIB)
TIMEOUT: Final = (1.0, 6 * 3600.0)
COUNTS: Final = {"workers": (1, 64), "threads": (1, 64), "gpus": (0, 16), "tries": (1, 100)}
WRITING: Final = "The format is described under `Script` in docs/repro.md."


def wrong(key: str, what: str) -> MetadataError:
    """The error for a key whose value cannot be used."""
    return MetadataError(f"`{key}` {what}.", remedy=WRITING)


def read_text(value: object, key: str, *, characters: int) -> str:
    """Text on one line of at most so many characters; raises MetadataError."""
    if not isinstance(value, str):
        raise wrong(key, f"has to be text, not {shown(value)}")
    if len(value) > characters:
        raise wrong(key, f"is longer than {characters} characters")
    if not value.isprintable():
        raise wrong(key, "holds characters that cannot be printed")
    return value


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
    text = read_text(value, key, characters=EXPRESSION_CHARACTERS)
    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise wrong(key, f"is no regular expression: {error}") from error
    return text


def read_count(value: object, key: str) -> int:
    """A whole number within the bounds of `key`; raises MetadataError."""
    lowest, highest = COUNTS[key]
    try:
        count = parse_count(value)
    except ValueError as error:
        raise wrong(key, f"cannot be: {error}") from error
    if not lowest <= count <= highest:
        raise wrong(key, f"has to be from {lowest} to {highest}, not {shown(value)}")
    return count


def read_memory(value: object, key: str = "memory") -> int:
    """Bytes within the bounds; raises MetadataError."""
    lowest, highest = MEMORY
    try:
        count = parse_bytes(value)
    except ValueError as error:
        raise wrong(key, f"cannot be: {error}") from error
    if not lowest <= count <= highest:
        bounds = f"{format_bytes(lowest)} to {format_bytes(highest)}"
        raise wrong(key, f"has to be from {bounds}, not {shown(value)}")
    return count


def read_timeout(value: object, key: str = "timeout") -> float:
    """Seconds within the bounds; raises MetadataError."""
    lowest, highest = TIMEOUT
    try:
        seconds = parse_seconds(value)
    except ValueError as error:
        raise wrong(key, f"cannot be: {error}") from error
    if not lowest <= seconds <= highest:
        raise wrong(key, f"has to be from 1 second to 6 hours, not {shown(value)}")
    return seconds


def read_version(value: object, key: str = "reported") -> str:
    """A version in its normal form; raises MetadataError."""
    text = read_text(value, key, characters=50)
    try:
        return str(Version(text))
    except InvalidVersion as error:
        raise wrong(key, f"is not a version: {shown(text)}") from error
