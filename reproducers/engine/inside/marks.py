"""Marks that a running script leaves: that it began, its warnings, its stacks before a limit."""

from __future__ import annotations

import faulthandler
import json
import os
import time
import warnings
from typing import Any, TextIO

from reproducers.engine.inside.settings import Settings

WARNINGS = 200
CHARACTERS = 2000
LAST_SECONDS = 2.0


def begin(settings: Settings) -> None:
    with open(f"{settings.output}/started.json", "w") as file:
        json.dump({"monotonic": time.monotonic()}, file)
    keep_stacks(settings)
    if settings.warnings:
        keep_warnings(f"{settings.output}/warnings.jsonl")


def keep_stacks(settings: Settings) -> None:
    """Write the stacks of all threads shortly before the time is over."""
    early = min(LAST_SECONDS, settings.timeout_seconds / 2)
    stacks = fresh(f"{settings.output}/stacks.txt")
    faulthandler.dump_traceback_later(settings.timeout_seconds - early, file=stacks)


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
    }
    return json.dumps(facts).encode() + b"\n"
