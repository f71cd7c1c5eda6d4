"""What this machine lacks for running reproducers, found by trying, each with its remedy."""

import shutil
import subprocess
from typing import Final

from reproducers.engine import gpus, index, interpreters, places, releases
from reproducers.engine.checks import Check
from reproducers.engine.environments import uv
from reproducers.engine.errors import EngineError
from reproducers.engine.sandbox import probes

__all__ = ["Check", "examine"]

NEEDED_PYTHONS: Final = frozenset({"3.10", "3.11", "3.12", "3.13"})
NEEDED_BYTES: Final = 5 * 1024**3
ANSWER_SECONDS: Final = 20.0


def examine() -> list[Check]:
    """Try everything; takes some seconds. Nothing of it raises for what is missing."""
    built_with = (uv_itself(), pythons(), releases_of_dask(), disk())
    return [*probes.examine(), *built_with, gpus.check(), gvisor()]


def uv_itself() -> Check:
    """The uv that environments are built with."""
    try:
        program = uv.program()
    except EngineError as error:
        return Check(name="uv", ok=False, found=error.message, remedy=error.remedy)
    return Check(name="uv", ok=True, found=f"{_said(str(program), '--version')} at {program}")


def pythons() -> Check:
    """One of the supported minor versions is enough to run; the rest widens what can be tried."""
    found = interpreters.available()
    missing = ", ".join(sorted(NEEDED_PYTHONS - set(found)))
    return Check(
        name="pythons",
        ok=bool(NEEDED_PYTHONS & set(found)),
        found=", ".join(found) or "none",
        remedy=f"For {missing}: `uv python install`, pyenv or the system's packages."
        if missing
        else "",
    )


def releases_of_dask() -> Check:
    """Whether the one index answers now, whatever is kept of what it once said."""
    try:
        index.asked_wheels("dask")
        known = releases.known_releases()
    except EngineError as error:
        return Check(name="index", ok=False, found=error.message, remedy=error.remedy)
    return Check(name="index", ok=True, found=f"{len(known)} releases of Dask")


def disk() -> Check:
    """Room for environments, of which a large one takes a gibibyte."""
    home = places.home()
    standing = next(path for path in (home, *home.parents) if path.is_dir())
    free = shutil.disk_usage(standing).free
    is_ok = free >= NEEDED_BYTES
    return Check(
        name="disk",
        ok=is_ok,
        found=f"{free / 1024**3:.0f} GiB free for {home}",
        remedy="" if is_ok else "Free 5 GiB, or point REPRO_HOME at another disk.",
    )


def gvisor() -> Check:
    """Told for information."""
    program = shutil.which("runsc")
    return Check(
        name="gvisor", ok=True, found=program or "not installed, and not used by this version"
    )


def _said(*command: str) -> str:
    """What a program of the host answers, "" where it fails."""
    try:
        answer = subprocess.run(  # noqa: S603 -- programs of the host, found on PATH
            command, capture_output=True, text=True, check=False, timeout=ANSWER_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
