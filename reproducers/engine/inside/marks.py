"""Marks that a running script leaves: that it began, its warnings, its stacks before a limit."""

from __future__ import annotations

import faulthandler
import json
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
    file = open(f"{settings.output}/stacks.txt", "w")  # noqa: SIM115 -- open until the end
    faulthandler.dump_traceback_later(settings.timeout_seconds - early, file=file)


def keep_warnings(path: str) -> None:
    """Write down every warning that is shown, and show it as before."""
    shown = warnings.showwarning
    kept = open(path, "w", encoding="utf-8", errors="replace")  # noqa: SIM115
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
            write_warning(kept, message, category, filename, lineno)
        shown(message, category, filename, lineno, file, line)

    warnings.showwarning = show


def write_warning(
    kept: TextIO, message: Any, category: type[Warning], filename: str, line: int
) -> None:
    facts = {
        "category": category.__name__[:CHARACTERS],
        "message": str(message)[:CHARACTERS],
        "file": filename[:CHARACTERS],
        "line": line,
    }
    kept.write(json.dumps(facts) + "\n")
    kept.flush()
