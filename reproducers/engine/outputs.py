"""The files a dead sandbox left, read by an allow-list of names; whatever else it wrote is left."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reproducers.engine.series import series_of
from reproducers.engine.untrusted import number, parse, table

FILES: Final = 90
FILE_BYTES: Final = 2 * 1024**2
STREAM_BYTES: Final = 4 * 1024**2

STARTED: Final = "started.json"
EXCEPTION: Final = "exception.json"
WARNINGS: Final = "warnings.jsonl"
STACKS: Final = "stacks.txt"
RESULT: Final = "result.json"
SERIES: Final = "series.json"
_OBSERVER: Final = re.compile(r"observer-[a-z0-9-]{1,60}\.jsonl")
_PROCESS: Final = re.compile(r"process-\d{1,7}\.json")
_STATE: Final = re.compile(r"state-[a-z0-9-]{1,60}\.json")
_STACKS: Final = re.compile(r"stacks-\d{1,7}\.txt")
_DEATHS: Final = re.compile(r"deaths-\d{1,7}\.jsonl")
_NAMES: Final = (_DEATHS, _PROCESS, _STATE, _OBSERVER, _STACKS)
PERFORMANCE: Final = "performance-report.html"
NO_PERFORMANCE: Final = "performance-report.txt"
_FIXED: Final = frozenset(
    {STARTED, EXCEPTION, WARNINGS, STACKS, RESULT, PERFORMANCE, NO_PERFORMANCE}
)

CONFINED: Final = (
    b'<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    b" script-src 'unsafe-inline' 'unsafe-eval' https://cdn.bokeh.org; img-src data:;"
    b" style-src 'unsafe-inline'\">\n"
)
"""Stands before a page that a script may have written, so that it can send nothing anywhere."""


def read_output(folder: Path, *, any_name: bool = False) -> dict[str, bytes]:
    """The allowed files of a folder that nobody writes to any more, name -> content.

    Only regular files, links not followed; what is too large or too much is left out. `any_name`
    takes all of them, in the hostile suite alone.
    """
    written = os.listdir(folder)  # noqa: PTH208 -- names are enough
    names = sorted((name for name in written if any_name or _is_allowed(name)), key=_importance)
    found = ((name, _content(folder / name)) for name in names[:FILES])
    return {name: content for name, content in found if content}


def _is_allowed(name: str) -> bool:
    return name in _FIXED or any(form.fullmatch(name) for form in _NAMES)


def _importance(name: str) -> tuple[int, str]:
    """Where there are too many, what explains most is read, each kind in order of its names."""
    kinds = (place for place, form in enumerate(_NAMES, start=1) if form.fullmatch(name))
    return next(kinds, 0), name


def _content(path: Path) -> bytes:
    """At most FILE_BYTES; nothing of what is larger, no plain file, or not there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        status = os.fstat(descriptor)
        is_bearable = stat.S_ISREG(status.st_mode) and status.st_size <= FILE_BYTES
        return os.read(descriptor, FILE_BYTES) if is_bearable else b""
    finally:
        os.close(descriptor)


def observer_lines(files: Mapping[str, bytes]) -> list[bytes]:
    """The lines of all observers, in no order."""
    contents = (content for name, content in files.items() if _OBSERVER.fullmatch(name))
    return [line for content in contents for line in content.splitlines()]


def processes(files: Mapping[str, bytes]) -> list[bytes]:
    """What each process wrote of its threads."""
    return [content for name, content in files.items() if _PROCESS.fullmatch(name)]


def deaths(files: Mapping[str, bytes]) -> list[bytes]:
    """The lines about processes of clusters that are gone."""
    contents = (content for name, content in files.items() if _DEATHS.fullmatch(name))
    return [line for content in contents for line in content.splitlines()]


def states(files: Mapping[str, bytes]) -> list[bytes]:
    """What each server in which nothing moved wrote of its tasks."""
    return [content for name, content in files.items() if _STATE.fullmatch(name)]


def series(files: Mapping[str, bytes], *, began_at: float) -> dict[str, bytes]:
    """The curves of the run's clusters as a file of ours; none where there was no cluster.

    `began_at` is the script's start in Unix seconds.
    """
    curves = series_of(observer_lines(files), began_at=began_at)
    return {SERIES: curves.to_json().encode()} if curves.seconds else {}


def observed_since(instant: float, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files without the observers' lines from before `instant`, seconds of the Unix epoch."""
    return {
        name: _lines_since(instant, content) if _OBSERVER.fullmatch(name) else content
        for name, content in files.items()
    }


def _lines_since(instant: float, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if _instant_of(line) >= instant)


def _instant_of(line: bytes) -> float:
    try:
        return number(table(parse(line, limit=FILE_BYTES)).get("at"))
    except ValueError:
        return 0.0


def artifacts(
    files: Mapping[str, bytes], *, stdout: bytes, stderr: bytes, prefix: str = ""
) -> dict[str, bytes]:
    """What is worth keeping of a run, by the name it is kept under: text and JSON of ours."""
    streams = {"stdout.txt": shortened(stdout), "stderr.txt": shortened(stderr)}
    kept = {name: content for name, content in files.items() if name != STARTED}
    if PERFORMANCE in kept:
        kept[PERFORMANCE] = confined(kept[PERFORMANCE])
    return {f"{prefix}{name}": content for name, content in {**streams, **kept}.items() if content}


def confined(page: bytes) -> bytes:
    """A page from inside as it may be opened outside: it asks nobody but Bokeh for anything."""
    return CONFINED + page


def shortened(stream: bytes) -> bytes:
    """A stream as it may be kept: of a long one its beginning and its end."""
    if len(stream) <= STREAM_BYTES:
        return stream
    half = STREAM_BYTES // 2 - 50
    left_out = len(stream) - 2 * half
    return b"%b\n[... %d bytes left out ...]\n%b" % (stream[:half], left_out, stream[-half:])
