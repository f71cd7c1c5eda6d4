"""Which processes are about a folder: what a test that stops things has to find gone."""

import time
from pathlib import Path


def processes_about(folder: Path) -> list[str]:
    """The command lines that name `folder`, or that have it in their environment."""
    needle = bytes(folder)
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            continue
        if any(needle in part for part in said):
            found.append(said[0].replace(b"\0", b" ").decode(errors="replace"))
    return found


def left_after(folder: Path, *, seconds: float) -> list[str]:
    """What still runs for `folder` once everything has gone, or after `seconds`."""
    give_up = time.monotonic() + seconds
    while (left := processes_about(folder)) and time.monotonic() < give_up:
        time.sleep(0.1)
    return left
