"""Reading JSON that a stranger wrote: every value has its type and bounds, or is none.

`parse` raises ValueError for what is no JSON of a bearable size. The readers below it never raise:
what is missing or of another type becomes the default, what is too long is cut.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

NOTHING: Final[Mapping[str, Any]] = {}
LARGEST: Final = 2**53


def parse(content: bytes, *, limit: int) -> Any:
    """The JSON in at most `limit` bytes, undecodable text replaced; raises ValueError."""
    if len(content) > limit:
        raise ValueError(f"it has more than {limit} bytes")
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def table(value: object) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else NOTHING


def items(value: object, *, limit: int) -> list[Any]:
    """The first `limit` entries of a list; none for anything else."""
    return value[:limit] if isinstance(value, list) else []


def text(value: object, *, limit: int) -> str:
    """Text of at most `limit` characters that can be encoded; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return value[:limit].encode("utf-8", "replace").decode()


def count(value: object, *, limit: int = LARGEST) -> int:
    """A whole number from 0 to `limit`; 0 for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return min(max(value, 0), limit)


def number(value: object, *, limit: float = LARGEST) -> float:
    """A finite number from 0 to `limit`; 0 for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0.0
    if isinstance(value, float) and math.isnan(value):
        return 0.0
    return float(min(max(value, 0), limit))
