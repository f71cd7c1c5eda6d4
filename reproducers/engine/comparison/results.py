"""Two values of `result`, written down by `inside/results.py`: equal, or where they differ. Pure.

Both come from sandboxes: they are bounded when read, and walked with bounds on depth and number.
"""

import math
from collections.abc import Iterator
from typing import Any, Final

from reproducers.engine.report import DIFFERENCE_CHARACTERS, DIFFERENCES, Difference
from reproducers.engine.untrusted import parse, table

RESULT_BYTES: Final = 2 * 1024**2
DEPTH: Final = 40
RELATIVE: Final = 1e-9
"""Floats that are closer count as equal: sums may be taken in another order."""


def read_result(content: bytes) -> Any | None:
    """The canonical value, None where there is none that can be compared."""
    try:
        facts = table(parse(content, limit=RESULT_BYTES))
    except ValueError:
        return None
    value = facts.get("value") if facts.get("schema") == 1 else None
    return value if isinstance(value, dict) and _depth_is_bearable(value) else None


def _depth_is_bearable(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH):
        level = [part for entry in level for _, part in _parts(entry)]
        if not level:
            return True
    return False


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f".{name}", part) for name, part in sorted(value.items())]
    if isinstance(value, list):
        return [(f"[{place}]", part) for place, part in enumerate(value)]
    return []


def differences(ours: Any, theirs: Any) -> tuple[Difference, ...]:
    """The first few places at which two canonical values differ, none where they are equal."""
    found = []
    for difference in _differences(ours, theirs, "result"):
        found.append(difference)
        if len(found) == DIFFERENCES:
            break
    return tuple(found)


def _differences(ours: Any, theirs: Any, place: str) -> Iterator[Difference]:
    if type(ours) is not type(theirs) or not isinstance(ours, dict | list):
        if not _is_same(ours, theirs):
            yield Difference(
                place=place[-DIFFERENCE_CHARACTERS:], ours=_said(ours), theirs=_said(theirs)
            )
        return
    own, other = dict(_parts(ours)), dict(_parts(theirs))
    for name in (*own, *(name for name in other if name not in own)):
        yield from _differences(own.get(name, _ABSENT), other.get(name, _ABSENT), f"{place}{name}")


class _Absent:
    """The value of a place that one of two results has not got."""


_ABSENT: Final = _Absent()


def _is_same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=RELATIVE)
    return type(ours) is type(theirs) and bool(ours == theirs)


def _said(value: Any) -> str:
    if isinstance(value, _Absent):
        return "nothing"
    if isinstance(value, dict | list):
        return f"{len(value)} values"
    return str(value)[:DIFFERENCE_CHARACTERS]


def is_reordered(ours: Any, theirs: Any) -> bool:
    """Whether two tables have the same rows in another order, or two lists the same items."""
    rows = _rows(ours), _rows(theirs)
    return rows[0] != rows[1] and sorted(rows[0]) == sorted(rows[1])


def _rows(value: Any) -> list[str]:
    """Each row, or item, as text; none where the values are no table or too many for it."""
    facts = table(value)
    if isinstance(facts.get("items"), list):
        return [repr(item) for item in facts["items"]]
    parts = [facts.get("index"), facts.get("values")]
    columns = [column for part in parts for column in (part if isinstance(part, list) else [part])]
    values = [table(column).get("values") for column in columns]
    lists = [column for column in values if isinstance(column, list)]
    return [repr(row) for row in zip(*lists, strict=False)]
