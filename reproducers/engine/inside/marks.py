"""Marks that a running script leaves: that it began, its warnings, where it stands, its stacks."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from typing import Any, Iterator, TextIO

from reproducers.engine.inside import cluster_observer
from reproducers.engine.inside.settings import Settings

WARNINGS = 200
CHARACTERS = 2000
LAST_SECONDS = 2.0
FRAMES = 20
NAME_CHARACTERS = 300


def begin(settings: Settings) -> None:
    now = time.monotonic()
    with open(f"{settings.output}/started.json", "w") as file:
        json.dump({"monotonic": now, "stop_at": now + settings.timeout_seconds}, file)
    keep_stacks(settings)
    cluster_observer.watch(settings.output, settings.script)
    if settings.warnings:
        keep_warnings(f"{settings.output}/warnings.jsonl")


def keep_stacks(settings: Settings) -> None:
    """Write the stacks of all threads shortly before the time is over."""
    early = min(LAST_SECONDS, settings.timeout_seconds / 2)
    at = time.monotonic() + settings.timeout_seconds - early
    cluster_observer.keep_stacks(f"{settings.output}/stacks.txt", at, early / 2)


def fresh(path: str) -> int:
    """A descriptor that stays open to the end. A file object would be warned about there."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)


def keep_warnings(path: str) -> None:
    """Write down every warning that is shown, and show it as before."""
    shown = warnings.showwarning
    kept = fresh(path)
    left = WARNINGS

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        nonlocal left
        if left:
            left -= 1
            os.write(kept, written(message, category, filename, lineno))
        shown(message, category, filename, lineno, file, line)

    warnings.showwarning = show


def written(message: Any, category: type[Warning], filename: str, line: int) -> bytes:
    facts = {
        "category": category.__name__[:CHARACTERS],
        "message": str(message)[:CHARACTERS],
        "file": filename[:CHARACTERS],
        "line": line,
        "frames": list(callers(sys._getframe(2))),  # noqa: SLF001 -- the documented way to them
    }
    return json.dumps(facts).encode() + b"\n"


def callers(frame: Any) -> Iterator[dict[str, Any]]:
    """Who warned, innermost first, without the machinery of warnings and imports."""
    left = FRAMES
    while frame is not None and left:
        code = frame.f_code
        if not code.co_filename.endswith("/warnings.py") and code.co_filename[0] != "<":
            left -= 1
            file = code.co_filename[-NAME_CHARACTERS:]
            yield {"file": file, "line": frame.f_lineno, "function": code.co_name}
        frame = frame.f_back
