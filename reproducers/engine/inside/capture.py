"""An exception, written down as bounded JSON: its chain, its frames, and its traceback as text."""

from __future__ import annotations

import json
import os
import sys
import traceback
from types import FrameType, TracebackType
from typing import Any, Iterator

EXCEPTIONS = 12
FIRST_FRAMES, LAST_FRAMES = 20, 60
MESSAGE_CHARACTERS = 8000
TRACEBACK_CHARACTERS = 32 * 1024
NAME_CHARACTERS = 300


def write(error: BaseException, output: str) -> None:
    """Write `exception.json`. Never raises: what cannot be told is left out."""
    target = f"{output}/exception.json"
    try:
        with open(f"{target}.part", "w", encoding="utf-8", errors="replace") as file:
            json.dump(facts_of(error), file)
        os.replace(f"{target}.part", target)
    except Exception as trouble:
        print(f"(the exception could not be kept: {trouble!r})", file=sys.stderr)  # noqa: T201


def facts_of(error: BaseException) -> dict[str, Any]:
    return {
        "schema": 1,
        "chain": [described(link) for link in chain(error)],
        "traceback": printed(error),
    }


def chain(error: BaseException) -> list[BaseException]:
    """The exception, what it came from, and the members of groups, breadth first, each once."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting and len(found) < EXCEPTIONS:
        link = waiting.pop(0)
        if all(link is not known for known in found):
            found.append(link)
            waiting.extend(behind(link))
    return found


def behind(error: BaseException) -> Iterator[BaseException]:
    context = None if error.__suppress_context__ else error.__context__
    cause = error.__cause__ or context
    if cause is not None:
        yield cause
    members = getattr(error, "exceptions", ())
    for member in members if isinstance(members, tuple) else ():
        if isinstance(member, BaseException):
            yield member


def described(error: BaseException) -> dict[str, Any]:
    frames = list(frames_of(error.__traceback__))
    left_out = max(0, len(frames) - FIRST_FRAMES - LAST_FRAMES)
    if left_out:
        frames = frames[:FIRST_FRAMES] + frames[-LAST_FRAMES:]
    return {
        "type": type(error).__name__[:NAME_CHARACTERS],
        "module": str(type(error).__module__)[:NAME_CHARACTERS],
        "message": message_of(error),
        "frames": [frame_facts(frame, line) for frame, line in frames],
        "frames_left_out": left_out,
    }


def frames_of(link: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while link is not None:
        yield link.tb_frame, link.tb_lineno
        link = link.tb_next


def message_of(error: BaseException) -> str:
    try:
        return str(error)[:MESSAGE_CHARACTERS]
    except Exception:
        return "(its text cannot be had)"


def frame_facts(frame: FrameType, line: int) -> dict[str, Any]:
    code = frame.f_code
    return {
        "file": code.co_filename[-NAME_CHARACTERS:],
        "line": line,
        "function": code.co_name[:NAME_CHARACTERS],
    }


def printed(error: BaseException) -> str:
    """The traceback as it is printed; of a very long one its beginning and its end."""
    try:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception:
        return ""
    if len(text) <= TRACEBACK_CHARACTERS:
        return text
    half = TRACEBACK_CHARACTERS // 2 - 20
    return f"{text[:half]}\n[...]\n{text[-half:]}"


def hide_own_frames(error: BaseException, folder: str) -> None:
    """Take the frames of our own files out of a chain's tracebacks: a plain run has none."""
    for link in chain(error):
        link.__traceback__ = without(link.__traceback__, folder)


def without(link: TracebackType | None, folder: str) -> TracebackType | None:
    first = foreign(link, folder)
    link = first
    while link is not None:
        link.tb_next = foreign(link.tb_next, folder)
        link = link.tb_next
    return first


def foreign(link: TracebackType | None, folder: str) -> TracebackType | None:
    """The first entry from here on that is not of a file in `folder`."""
    while link is not None and link.tb_frame.f_code.co_filename.startswith(f"{folder}/"):
        link = link.tb_next
    return link
