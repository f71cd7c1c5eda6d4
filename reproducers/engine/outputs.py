"""The files a dead sandbox left, read by an allow-list of names; whatever else it wrote is left."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FILES: Final = 24
FILE_BYTES: Final = 2 * 1024**2
STREAM_BYTES: Final = 4 * 1024**2

STARTED: Final = "started.json"
EXCEPTION: Final = "exception.json"
WARNINGS: Final = "warnings.jsonl"
STACKS: Final = "stacks.txt"
RESULT: Final = "result.json"
_OBSERVER: Final = re.compile(r"observer-[a-z0-9-]{1,60}\.jsonl")
_FIXED: Final = frozenset({STARTED, EXCEPTION, WARNINGS, STACKS, RESULT})


def read_output(folder: Path) -> dict[str, bytes]:
    """The allowed files of a folder that nobody writes to any more, name -> content.

    Only regular files, links not followed; what is too large or too much is left out.
    """
    names = sorted(entry.name for entry in os.scandir(folder) if _is_allowed(entry.name))
    found = ((name, _content(folder / name)) for name in names[:FILES])
    return {name: content for name, content in found if content}


def _is_allowed(name: str) -> bool:
    return name in _FIXED or _OBSERVER.fullmatch(name) is not None


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


def artifacts(
    files: Mapping[str, bytes], *, stdout: bytes, stderr: bytes, prefix: str = ""
) -> dict[str, bytes]:
    """What is worth keeping of a run, by the name it is kept under: text and JSON of ours."""
    streams = {"stdout.txt": shortened(stdout), "stderr.txt": shortened(stderr)}
    kept = {name: content for name, content in files.items() if name != STARTED}
    return {f"{prefix}{name}": content for name, content in {**streams, **kept}.items() if content}


def shortened(stream: bytes) -> bytes:
    """A stream as it may be kept: of a long one its beginning and its end."""
    if len(stream) <= STREAM_BYTES:
        return stream
    half = STREAM_BYTES // 2 - 50
    left_out = len(stream) - 2 * half
    return b"%b\n[... %d bytes left out ...]\n%b" % (stream[:half], left_out, stream[-half:])
