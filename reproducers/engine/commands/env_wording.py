"""What `repro env` says, in words for people and in plain values for programs. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from reproducers.engine.commands.console import harmless
from reproducers.engine.commands.frame import SCHEMA
from reproducers.engine.environments.all_releases import Outcome, Result
from reproducers.engine.environments.store import Stored
from reproducers.engine.environments.verification import Finding, Repair
from reproducers.engine.quantities import format_bytes

SHOWN_PATHS: Final = 5
TITLES: Final = ("key", "dask", "python", "as of", "alone", "last used", "")


def result_line(result: Result) -> str:
    """`2024.3.0  built on Python 3.11.7 in 12 s`."""
    return f"{result.facts.dask if result.facts else result.dask:<11} {_became(result)}"


def _became(result: Result) -> str:
    if result.facts is not None:
        python = f"Python {result.facts.python}, packages as of {result.facts.as_of}"
        how = f"built in {result.seconds:.0f} s" if result.was_built else "there already"
        return f"{how}: {python}"
    if result.error is not None:
        return f"failed: {result.error.message}"
    return f"{result.verdict}: {result.reason}"


def built_lines(outcome: Outcome, *, of_all: bool) -> Iterator[str]:
    """What was built, what cannot work and why, what failed, and how much it takes."""
    yield from map(harmless, _all_lines(outcome) if of_all else _one_lines(outcome.results[0]))
    yield _takes(outcome.bytes, outcome.limit_bytes)


def _one_lines(result: Result) -> Iterator[str]:
    if result.facts is None:
        yield f"No such environment: {_became(result)}"
        return
    yield f"dask {result.facts.dask}: {_became(result)}"
    yield f"key  {result.key}"
    yield from (f"note {note}" for note in result.notes)


def _all_lines(outcome: Outcome) -> Iterator[str]:
    there = [result for result in outcome.results if result.facts is not None]
    built = sum(result.was_built for result in there)
    total = len(outcome.results) + len(outcome.left_out)
    yield (
        f"{len(there)} of {total} releases have an environment, "
        f"{built} of them built now, in {_minutes(outcome.seconds)}."
    )
    for title, results in (
        ("Cannot work:", [result for result in outcome.results if result.verdict]),
        ("Failed, try again:", [result for result in outcome.results if result.error]),
    ):
        if results:
            yield title
            yield from (f"  {result_line(result)}" for result in results)
    if outcome.left_out:
        yield f"Not begun, since {outcome.stopped_because}:"
        yield f"  {', '.join(outcome.left_out)}"
        yield "  With --size or REPRO_SIZE they may take more; run it again to go on."


def built(outcome: Outcome) -> dict[str, Any]:
    """The JSON object of `repro env build`."""
    return {
        "schema": SCHEMA,
        "environments": [_built(result) for result in outcome.results if result.facts is not None],
        "refused": [
            {"dask": result.dask, "verdict": result.verdict, "reason": result.reason}
            for result in outcome.results
            if result.verdict
        ],
        "failed": [
            {
                "dask": result.dask,
                "code": result.error.code,
                "message": result.error.message,
                "remedy": result.error.remedy,
            }
            for result in outcome.results
            if result.error
        ],
        "left_out": list(outcome.left_out),
        "bytes": outcome.bytes,
        "limit_bytes": outcome.limit_bytes,
        "seconds": outcome.seconds,
    }


def _built(result: Result) -> dict[str, Any]:
    facts = result.facts
    assert facts is not None
    return {
        "key": result.key,
        "python": facts.python,
        "dask": facts.dask,
        "distributed": facts.distributed,
        "as_of": facts.as_of,
        "lock": facts.lock,
        "built": result.was_built,
        "seconds": result.seconds,
        "notes": list(result.notes),
    }


def listed(one: Stored, *, in_use: bool) -> dict[str, Any]:
    """An environment in the JSON object of `repro env list`."""
    return {
        "key": one.key,
        "dask": one.facts["packages"].get("dask"),
        "python": one.facts["python"],
        "as_of": one.facts["as_of"],
        "isolation": one.facts.get("isolation"),
        "requirements": list(one.facts["requirements"]),
        "bytes": one.bytes,
        "used_at": _instant(one.used_at),
        "in_use": in_use,
    }


def list_lines(
    found: Sequence[dict[str, Any]], *, total_bytes: int, limit_bytes: int
) -> Iterator[str]:
    """A table, and what all of it takes."""
    if found:
        yield from _table([TITLES, *map(_row, found)])
    count = f"{len(found)} environment{'' if len(found) == 1 else 's'}. "
    yield count + _takes(total_bytes, limit_bytes)


def _row(facts: dict[str, Any]) -> tuple[str, ...]:
    return (
        facts["key"],
        facts["dask"] or "none",
        facts["python"],
        facts["as_of"],
        format_bytes(facts["bytes"]),
        facts["used_at"].removesuffix(":00Z").replace("T", " "),
        "in use" if facts["in_use"] else "",
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def found(finding: Finding, repaired: Repair | None) -> dict[str, Any]:
    """An environment in the JSON object of `repro env verify`."""
    difference = finding.difference
    return {
        "key": finding.one.key,
        "dask": finding.one.facts["packages"].get("dask"),
        "ok": finding.is_well,
        "reason": finding.reason or None,
        "changed": list(difference.changed),
        "added": list(difference.added),
        "missing": list(difference.missing),
        "repaired": repaired.told if repaired else None,
    }


def found_lines(finding: Finding, repaired: Repair | None) -> Iterator[str]:
    """What is wrong with an environment, some of the files, and what became of it."""
    dask = finding.one.facts["packages"].get("dask")
    yield f"{finding.one.key}  dask {dask}: {harmless(finding.reason)}"
    difference = finding.difference
    for kind in ("changed", "added", "missing"):
        paths = getattr(difference, kind)
        yield from (f"  {kind} {harmless(path)}" for path in paths[:SHOWN_PATHS])
        if len(paths) > SHOWN_PATHS:
            yield f"  and {len(paths) - SHOWN_PATHS} more"
    if repaired is not None:
        yield f"  {harmless(repaired.told)}"


def verified(count: int, broken: int) -> str:
    """The last line of `repro env verify`, with the remedy where one is broken."""
    if not broken:
        return f"{count} looked at, none is broken."
    return f"{count} looked at, {broken} broken. --repair removes them and builds them again."


def _takes(total_bytes: int, limit_bytes: int) -> str:
    return (
        f"All environments take {format_bytes(total_bytes)} of {format_bytes(limit_bytes)}, "
        "files that they share counted once."
    )


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds) // 60 * 60, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
