"""Sizes, times and counts as people write them: `4GiB`, `90s`, `1.5 h`, `1_000`."""

import math
import re
from typing import Final

_BYTES: Final = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "kb": 10**3,
    "kib": 2**10,
    "ki": 2**10,
    "m": 10**6,
    "mb": 10**6,
    "mib": 2**20,
    "mi": 2**20,
    "g": 10**9,
    "gb": 10**9,
    "gib": 2**30,
    "gi": 2**30,
    "t": 10**12,
    "tb": 10**12,
    "tib": 2**40,
    "ti": 2**40,
}
_SECONDS: Final = {
    "": 1.0,
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "m": 60.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
}
_QUANTITY: Final = re.compile(
    r"\s*([0-9]{1,15}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})\s*([A-Za-z]{0,8})\s*"
)
_BYTE_NAMES: Final = ("KiB", "MiB", "GiB", "TiB")


def parse_bytes(value: object) -> int:
    """Bytes of `4GiB`, `512 MB`, `1.5g` or a plain number; raises ValueError saying what is wrong.

    As in Dask, `MB` and `M` are powers of 1000, `MiB` and `Mi` of 1024.
    """
    return round(_scaled(value, _BYTES, "a size such as 4GiB"))


def parse_seconds(value: object) -> float:
    """Seconds of `90s`, `2 min`, `1.5h` or a plain number; raises ValueError."""
    return _scaled(value, _SECONDS, "a time such as 90s")


def parse_count(value: object) -> int:
    """A whole number, or text that is one; raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,15}\s*", value):
        return int(value)
    raise ValueError(f"{shown(value)} is not a whole number")


def format_bytes(count: int) -> str:
    """`4 GiB` for 4294967296: the largest unit of 1024 with at most one decimal."""
    size, unit = float(count), "B"
    for name in _BYTE_NAMES:
        if size < 1024:
            break
        size, unit = size / 1024, name
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"


def shown(value: object) -> str:
    """A value of an author's as it may stand in a message: short, on one line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _scaled(value: object, units: dict[str, int] | dict[str, float], wanted: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value):
        return float(value)
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2].lower() not in units:
        raise ValueError(f"{shown(value)} is not {wanted}")
    return float(match[1]) * units[match[2].lower()]


def _is_finite(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
