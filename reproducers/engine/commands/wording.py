"""The result of `repro run` in words: what it is, why, on what, and what to do next. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from reproducers.engine.commands.console import harmless
from reproducers.engine.quantities import format_bytes
from reproducers.engine.report import EnvironmentFacts, Report
from reproducers.engine.verdicts import Verdict

MARKS: Final = {Verdict.REPRODUCED: "\u25a0", Verdict.CLEAN: "\u25cb"}
OTHER_MARK: Final = "\u25b3"
OUTPUT_LINES: Final = 20


def headline(report: Report) -> str:
    """The verdict with its mark."""
    return f"{MARKS.get(report.verdict, OTHER_MARK)} {report.verdict}"


def shown(report: Report) -> str:
    """Symptom, how often, whose, and its name; empty where nothing was shown."""
    if report.symptom is None:
        return _frequency(report)
    kind = f" ({report.kind})" if report.kind else ""
    owner = f"owner {report.owner}" if report.owner != "unknown" else ""
    facts = (f"{report.symptom}{kind}", _frequency(report), owner, report.fingerprint or "")
    return " \u00b7 ".join(fact for fact in facts if fact)


def _frequency(report: Report) -> str:
    if report.runs < 2:
        return ""
    label = f", {report.label}" if report.label else ""
    return f"{report.hits} of {report.runs} runs{label}"


def evidence(report: Report) -> str:
    """The traceback, else the end of the output."""
    if report.exception is not None and report.exception.traceback:
        return harmless(report.exception.traceback).rstrip()
    lines = harmless(report.output).strip().splitlines()
    left_out = ["[...]"] if len(lines) > OUTPUT_LINES else []
    return "\n".join(left_out + lines[-OUTPUT_LINES:])


def facts(report: Report, *, kept_in: str | None) -> Iterator[str]:
    """Versions, seconds, memory, isolation and where files lie, a line each."""
    if report.environment is not None:
        yield _versions(report.environment)
    yield _costs(report)
    if report.limits is not None:
        yield f"isolation {report.isolation} \u00b7 limits {report.limits}"
    if report.artifacts and kept_in:
        yield f"files {kept_in}"
    for note in report.notes:
        yield f"note {harmless(note)}"


def _versions(environment: EnvironmentFacts) -> str:
    versions = (
        f"dask {environment.dask}",
        f"distributed {environment.distributed}",
        f"Python {environment.python}",
        f"packages as of {environment.as_of}",
    )
    return " \u00b7 ".join(versions)


def _costs(report: Report) -> str:
    seconds = report.seconds
    peaks = [one.peak_memory_bytes for one in report.tries if one.peak_memory_bytes is not None]
    costs = [
        f"environment {seconds.environment:.1f} s",
        f"start {seconds.start:.1f} s",
        f"script {seconds.script:.1f} s",
        *([f"peak memory {format_bytes(max(peaks))}"] if peaks else []),
    ]
    return " \u00b7 ".join(costs)


def next_step(report: Report, *, script: str, newest: str | None) -> str:
    """What most people would do next; `newest` is the newest release where it is known."""
    command = f"repro run {shlex.quote(script)}"
    dask = report.environment.dask if report.environment else None
    match report.verdict:
        case Verdict.REPRODUCED if newest is not None and newest != dask:
            return f"Is it still there? {command} --dask {newest}"
        case Verdict.REPRODUCED:
            return f"Since when? Try an older release: {command} --dask RELEASE"
        case Verdict.CLEAN:
            return f"Name the release and the symptom: {command} --dask RELEASE --symptom KIND"
        case Verdict.DIFFERENT:
            return "Look at what was shown; if it is the problem after all, state it as --symptom."
        case Verdict.LIMIT:
            return f"Give it more: {command} --timeout 10m --memory 8GiB"
        case _:
            return f"Try other packages: {command} --with REQUIREMENT, or --as-of DATE"


def as_lines(
    report: Report, *, script: str, kept_in: str | None, newest: str | None
) -> Sequence[str]:
    """Everything, as it is printed where standard output is no terminal."""
    head = (headline(report), harmless(report.reason), shown(report))
    blocks = (
        "\n".join(line for line in head if line),
        evidence(report),
        "\n".join(facts(report, kept_in=kept_in)),
        next_step(report, script=script, newest=newest),
    )
    return "\n\n".join(block for block in blocks if block.strip()).splitlines()
