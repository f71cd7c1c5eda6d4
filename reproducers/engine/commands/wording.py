"""The result of `repro run` in words: what it is, why, on what, and what to do next. Pure."""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reproducers.engine.commands.console import harmless
from reproducers.engine.commands.evidence import evidence
from reproducers.engine.commands.layout import Line, Row, lay_out, one_line
from reproducers.engine.job import RunPolicy
from reproducers.engine.quantities import format_bytes
from reproducers.engine.report import Against, EnvironmentFacts, Report, Try
from reproducers.engine.reporting import speaking_prefix
from reproducers.engine.series_file import Series, highest
from reproducers.engine.sparklines import sparkline
from reproducers.engine.verdicts import Verdict

WORDS: Final = {
    Verdict.REPRODUCED: "Reproduced",
    Verdict.CLEAN: "Clean",
    Verdict.DIFFERENT: "Different",
    Verdict.LIMIT: "Stopped at a limit",
    Verdict.BAD_ENVIRONMENT: "Bad environment",
    Verdict.UNSATISFIABLE: "Unsatisfiable",
    Verdict.INFRASTRUCTURE: "Not run",
}
MARKS: Final = {Verdict.REPRODUCED: "\u25a0", Verdict.CLEAN: "\u25cb"}
STYLES: Final = {Verdict.REPRODUCED: "bold magenta", Verdict.CLEAN: "bold"}
OTHER_MARK: Final = "\u00d7"
OTHER_STYLE: Final = "bold yellow"
OWNER_FROM: Final = {"frames": "by its frames", "dependency-axis": "by exchanging dependencies"}
TOLD: Final = frozenset(
    {"stdout.txt", "stderr.txt", "exception.json", "stacks.txt", "series.json", "warnings.jsonl"}
    | {"performance-report.html"}
)
"""Files with names that say what they hold; those of single processes are counted."""

UNFINISHED: Final = {"processing": "processing", "waiting": "waiting", "no-worker": "no worker"}
"""Of the scheduler's states those of work that is still to do, with their words."""

TRIES: Final = 20
SPARK: Final = 24


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around a report: how it was asked for, where its files lie, and two of them.

    `newest` is the newest release where it is known, `stacks` the text of `stacks.txt`.
    """

    script: str
    policy: RunPolicy
    kept_in: str | None = None
    newest: str | None = None
    series: Series | None = None
    stacks: str = ""


def as_lines(report: Report, around: Around, *, width: int | None) -> list[Line]:
    """Everything, verdict first. Without a width no line is wrapped."""
    style = STYLES.get(report.verdict, OTHER_STYLE)
    lines = [Line(label="", text=headline(report), style=style)]
    lines += _indented(one_line(report.reason), width)
    for block in (_evidence(report, around), findings(report), costs(report, around)):
        if rows := list(block):
            lines += [Line(label="", text=""), *lay_out(rows, width=width)]
    command = next_step(report, script=around.script, newest=around.newest)
    return [*lines, Line(label="", text=""), *_advice(command, width)]


def headline(report: Report) -> str:
    """The verdict in a sentence: on what, and how often."""
    on = f" on Dask {report.environment.dask}" if report.environment else ""
    often = f", {_frequency(report)}" if report.runs > 1 else ""
    mark = MARKS.get(report.verdict, OTHER_MARK)
    return one_line(f"{mark} {WORDS[report.verdict]}{on}{often}.")


def _frequency(report: Report) -> str:
    label = f" ({report.label})" if report.label else ""
    return f"{report.hits} of {report.runs} runs{label}"


def _indented(text: str, width: int | None) -> Iterator[Line]:
    """A sentence under the headline's words."""
    rows = [Row(text=text)] if text else []
    for line in lay_out(rows, width=None if width is None else width + _SHIFT):
        yield Line(label="  ", text=line.text)


_SHIFT: Final = 11
"""How much further left than beside a label."""


def _evidence(report: Report, around: Around) -> Iterable[Row]:
    return evidence(report, stacks=around.stacks)


def findings(report: Report) -> Iterator[Row]:
    """What was shown, whose it is, and the name it goes by."""
    if report.symptom is not None:
        kind = f", {report.kind}" if report.kind else ""
        yield Row(label="symptom", text=f"{report.symptom}{kind}")
    if report.owner != "unknown":
        rests_on = OWNER_FROM.get(report.owner_from or "", "")
        yield Row(label="owner", text=f"{report.owner}{rests_on and f', {rests_on}'}")
    if report.fingerprint:
        yield Row(label="fingerprint", text=report.fingerprint)
    if report.against is not None:
        yield from _compared(report.against)
    if report.runs > 1:
        yield from _tries(report.tries)


def _compared(against: Against) -> Iterator[Row]:
    """What stood on the other side, and where both differ."""
    there = f"Dask {against.dask}" if against.dask else "the synchronous scheduler"
    runs = f" ({against.runs} runs)" if against.runs > 1 else ""
    yield Row(label="compared", text=f"with {there}, {against.verdict} there{runs}")
    if against.measure is not None and against.ratio is not None:
        noise = "" if against.noise is None else f", runs of one side differ by {against.noise:.0%}"
        yield Row(text=f"{against.measure}: {against.ratio:.2f} times as much here{noise}")
    for one in against.differences:
        yield Row(text=f"{one.place}: {one.ours} here, {one.theirs} there")


def _tries(tries: tuple[Try, ...]) -> Iterator[Row]:
    for number, one in enumerate(tries[:TRIES], start=1):
        peak = one.peak_memory_bytes
        memory = f"  {format_bytes(peak):>10}" if peak is not None else ""
        warm = "  warm" if one.warm else ""
        text = f"{one.verdict:<15} {one.seconds:>7.1f} s{memory}{warm}"
        yield Row(label=f"try {number}", text=text, is_whole=True)
    if len(tries) > TRIES:
        yield Row(text=f"and {len(tries) - TRIES} more, in report.json")


def costs(report: Report, around: Around) -> Iterator[Row]:
    """Versions, limits, seconds, memory, and where files lie."""
    if report.environment is not None:
        yield from _versions(report.environment)
    yield Row(label="seconds", text=_seconds(report))
    yield from _memory(report, around)
    if report.limits is not None:
        yield Row(label="sandbox", text=f"{report.isolation}, limits by {report.limits}")
        yield Row(label="limits", text=_limits(around.policy))
    yield from _files(report, around.kept_in)
    for note in report.notes:
        yield Row(label="note", text=note)


def _versions(environment: EnvironmentFacts) -> Iterator[Row]:
    versions = (
        f"Python {environment.python}",
        f"dask {environment.dask}",
        f"distributed {environment.distributed}",
    )
    yield Row(label="environment", text=", ".join(versions))
    yield Row(text=f"packages as of {environment.as_of}, lock {environment.lock[:12]}")


def _seconds(report: Report) -> str:
    seconds = report.seconds
    phases = (
        f"environment {seconds.environment:.1f}",
        f"start {seconds.start:.1f}",
        f"script {seconds.script:.1f}",
    )
    return ", ".join(phases)


def _memory(report: Report, around: Around) -> Iterator[Row]:
    peaks = [one.peak_memory_bytes for one in report.tries if one.peak_memory_bytes is not None]
    if peaks:
        of = format_bytes(around.policy.memory_bytes)
        yield Row(label="peak memory", text=f"{format_bytes(max(peaks))} of {of}")
    if around.series is not None:
        yield from _sparklines(around.series)


def _sparklines(series: Series) -> Iterator[Row]:
    """How the workers' memory and the tasks went; nothing of what was zero all the time."""
    if top := highest(series.memory_bytes):
        yield _spark("of workers", series.memory_bytes, f"at most {format_bytes(round(top))}")
    for state, word in UNFINISHED.items():
        column = series.tasks.get(state, ())
        if top := highest(column):
            yield _spark(word, column, f"at most {_tasks(top)}")
    if top := highest(series.lag_seconds):
        yield _spark("loop lag", series.lag_seconds, f"at most {top:.1f} s")


def _spark(label: str, values: tuple[float | None, ...], said: str) -> Row:
    return Row(label=label, text=f"{sparkline(values, width=SPARK)} {said}", is_whole=True)


def _tasks(count: float) -> str:
    return f"{count:.0f} task{'' if count == 1 else 's'}"


def _limits(policy: RunPolicy) -> str:
    of_each = f"{policy.threads} thread{'' if policy.threads == 1 else 's'}"
    workers = f"{policy.workers} worker{'' if policy.workers == 1 else 's'} of {of_each}"
    return f"{policy.timeout_seconds:g} s, {format_bytes(policy.memory_bytes)}, {workers}"


def _files(report: Report, kept_in: str | None) -> Iterator[Row]:
    if not report.artifacts or not kept_in:
        return
    yield Row(label="files", text=kept_in)
    prefix = speaking_prefix([one.verdict for one in report.tries])
    told = [one.name for one in report.artifacts if one.name.removeprefix(prefix) in TOLD]
    more = len(report.artifacts) - len(told)
    names = ", ".join([*told, *([f"{more} more"] if more else [])])
    yield Row(text=names, style="dim")


def next_step(report: Report, *, script: str, newest: str | None) -> tuple[str, str]:
    """What most people would do next, and the command for it, which may be empty."""
    command = f"repro run {shlex.quote(script)}"
    dask = report.environment.dask if report.environment else None
    match report.verdict:
        case Verdict.REPRODUCED if newest is not None and newest != dask:
            return "Is it still there?", f"{command} --dask {newest}"
        case Verdict.REPRODUCED:
            return "Since when? Try an older release:", f"{command} --dask RELEASE"
        case Verdict.CLEAN:
            advice = "Name the release and the symptom:"
            return advice, f"{command} --dask RELEASE --symptom KIND"
        case Verdict.DIFFERENT:
            return "If it is the problem after all, state it:", f"{command} --symptom KIND"
        case Verdict.LIMIT:
            return "Give it more:", f"{command} --timeout 10m --memory 8GiB"
        case _:
            return "Try other packages:", f"{command} --with REQUIREMENT"


def _advice(step: tuple[str, str], width: int | None) -> Iterator[Line]:
    """On one line where there is room, else the command, whole, on a line of its own."""
    words, command = step[0], harmless(step[1]).replace("\n", "\ufffd").replace("\t", "\ufffd")
    if width is None or len(words) + len(command) < width:
        yield Line(label=f"{words} ", text=command, style="bold")
    else:
        yield Line(label="", text=words)
        yield Line(label="  ", text=command, style="bold")
