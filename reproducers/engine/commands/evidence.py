"""What a run showed, short enough to be read: the telling frames, or the end of the output. Pure.

A traceback through Dask is mostly plumbing. Of it stay the script's own frames and those that tell
one problem from another, as the fingerprint does; the whole of it lies in the kept files.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from reproducers.engine.commands.layout import Row
from reproducers.engine.frames import is_plumbing, place
from reproducers.engine.report import Report
from reproducers.engine.tracebacks import Frame, main_frames, read_stacks

FRAMES: Final = 8
EXCEPTIONS: Final = 3
OUTPUT_LINES: Final = 12

_FRAME: Final = re.compile(r' *\|? *File "(.{1,300})", line (\d{1,7})(?:, in (.{1,300}))?')
_MARKERS: Final = re.compile(r"[\s~^|]*")
_STANDARD: Final = re.compile(r".*/lib/python3\.\d+/.*|<frozen .*|<string>")
_OURS: Final = re.compile(r".*/reproducers/engine/inside/[a-z_]+\.py")
_EXCEPTION: Final = re.compile(r"[A-Za-z_][\w.]{0,200}(: .*)?")

Step = tuple[Frame, str]
"""A frame with its line of source, which may be empty."""


def evidence(report: Report, *, stacks: str = "") -> list[Row]:
    """The telling part of the traceback, else of the `stacks`, else the end of the output."""
    rows = _of_traceback(report.exception.traceback) if report.exception else []
    return rows or _of_stacks(stacks) or _of_output(report.output)


def _of_traceback(traceback: str) -> list[Row]:
    """The last exceptions of the chain, each with its telling frames and its own line."""
    raised = list(_raised(traceback.splitlines()))[-EXCEPTIONS:]
    rows: list[Row] = []
    for number, (steps, told) in enumerate(raised):
        label = "" if rows else "traceback"
        shown = _steps(steps, label=label)
        style = "bold" if number == len(raised) - 1 else ""
        rows += [*shown, Row(text=told, label="" if shown else label, style=style, is_whole=True)]
    return rows


def _raised(lines: Sequence[str]) -> Iterator[tuple[list[Step], str]]:
    """Each exception of a printed traceback: its frames, and the line that names it."""
    steps: list[Step] = []
    for line in lines:
        if match := _FRAME.match(line):
            frame = Frame(file=match[1], line=int(match[2]), function=match[3] or "<module>")
            steps.append((frame, ""))
        elif steps and line[:1].strip() and _EXCEPTION.fullmatch(line):
            yield steps, line
            steps = []
        elif steps and not steps[-1][1] and not _MARKERS.fullmatch(line):
            steps[-1] = (steps[-1][0], line.strip())


def _of_stacks(stacks: str) -> list[Row]:
    """Where the script's main thread stood."""
    frames = main_frames(read_stacks(stacks, script=""))
    theirs = [(frame, "") for frame in frames if not _OURS.fullmatch(frame.file)]
    return _steps(theirs, label="it stood in")


def _of_output(output: str) -> list[Row]:
    lines = output.strip().splitlines()
    rows = [Row(text=line, is_whole=True) for line in lines[-OUTPUT_LINES:]]
    left_out = len(lines) - len(rows)
    if left_out:
        rows.insert(0, Row(text=f"({left_out} lines before)", style="dim"))
    return [Row(text=row.text, label="" if n else "output", style=row.style, is_whole=row.is_whole)
            for n, row in enumerate(rows)]  # fmt: skip


def _steps(steps: Sequence[Step], *, label: str) -> list[Row]:
    rows: list[Row] = []
    for is_telling, group in groupby(_bounded(steps), key=lambda step: _is_telling(step[0])):
        part = list(group)
        if is_telling:
            rows += [row for step in part for row in _step(step)]
        else:
            rows.append(Row(text=f"({_counted(len(part), 'frame')} of plumbing)", style="dim"))
    if rows:
        rows[0] = Row(text=rows[0].text, label=label, style=rows[0].style)
    return rows


def _bounded(steps: Sequence[Step]) -> list[Step]:
    """The outermost telling frame of a deep recursion and the innermost ones."""
    telling = [number for number, (frame, _) in enumerate(steps) if _is_telling(frame)]
    if len(telling) <= FRAMES:
        return list(steps)
    return [steps[telling[0]], *steps[telling[-FRAMES + 1] :]]


def _step(step: Step) -> Iterator[Row]:
    frame, source = step
    yield Row(text=f"{_where(frame)}:{frame.line} in {frame.function}", is_whole=True)
    if source:
        yield Row(text=f"    {source}", style="dim", is_whole=True)


def _where(frame: Frame) -> str:
    """The path below the installed packages; of the script its name."""
    return frame.library or frame.file.rpartition("/")[2]


def _is_telling(frame: Frame) -> bool:
    if frame.library is None:
        return not _STANDARD.fullmatch(frame.file)
    found = place(frame)
    return found is not None and not is_plumbing(found)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
