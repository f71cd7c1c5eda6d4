"""What a script's clusters did, counted: more telling than seconds, which vary with the machine."""

from collections.abc import Iterable
from typing import Final

from reproducers.engine.comparison.measures import Measure
from reproducers.engine.progress import LINE_BYTES, LINES
from reproducers.engine.untrusted import count, parse, table, text

_FIELDS: Final[dict[Measure, str]] = {
    "tasks": "computed",
    "transitions": "transitions",
    "bytes": "bytes",
}


def counters(lines: Iterable[bytes]) -> dict[Measure, float]:
    """The last count of each scheduler, summed; those that the observer tells."""
    last: dict[tuple[Measure, str], int] = {}
    for number_of_lines, line in enumerate(lines):
        if number_of_lines == LINES:
            break
        try:
            facts = table(parse(line, limit=LINE_BYTES))
        except ValueError:
            continue
        if facts.get("role") != "scheduler":
            continue
        address = text(facts.get("address"), limit=200)
        for measure, field in _FIELDS.items():
            if field in facts:
                key = (measure, address)
                last[key] = max(last.get(key, 0), count(facts[field]))
    found: dict[Measure, float] = {}
    for (measure, _), number in last.items():
        found[measure] = found.get(measure, 0.0) + number
    return found
