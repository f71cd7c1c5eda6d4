"""What this machine lacks for running reproducers, found by trying, each with its remedy."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from typing import Final

from reproducers.engine import gpus, index, interpreters, places, releases
from reproducers.engine.checks import Check
from reproducers.engine.environments import uv
from reproducers.engine.errors import EngineError, IsolationError
from reproducers.engine.sandbox import gvisor, probes, rungs
from reproducers.engine.sandbox.probes import Tell

__all__ = ["Check", "examine"]

NEEDED_PYTHONS: Final = frozenset({"3.10", "3.11", "3.12", "3.13"})
NEEDED_BYTES: Final = 5 * 1024**3
ANSWER_SECONDS: Final = 20.0
NOT_NEEDED: Final = "not installed, which only `--isolation gvisor` needs"


def examine(tell: Tell = lambda name: None) -> Iterator[Check]:
    """Try everything, a check as soon as it is known; takes some seconds.

    Nothing of it raises for what is missing. `tell` is called with what is tried next.
    """
    yield from probes.examine("bubblewrap", tell=tell)
    yield from second_sandbox(tell)
    for name, look in _OF_THE_MACHINE.items():
        tell(name)
        yield look()


def second_sandbox(tell: Tell = lambda name: None) -> Iterator[Check]:
    """gVisor, all of it where it is installed; who does not want it does not need it."""
    try:
        gvisor.program()
    except IsolationError as error:
        is_old = gvisor.is_there()
        found = error.message if is_old else NOT_NEEDED
        yield Check(name="gvisor", ok=not is_old, found=found, remedy=error.remedy)
    else:
        yield from probes.examine("gvisor", tell=tell)


def limits() -> Check:
    """Which rung of the ladder bounds a sandbox here."""
    try:
        return rungs.check(rungs.tried())
    except IsolationError as error:
        return Check(name="limits", ok=False, found=error.message, remedy=error.remedy)


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
    """Room for environments, of which a large one takes a gibibyte, where we may write."""
    home = places.home()
    standing = next(path for path in (home, *home.parents) if path.is_dir())
    free = shutil.disk_usage(standing).free
    remedy = "Free 5 GiB, or point REPRO_HOME at another disk."
    try:
        with tempfile.TemporaryFile(dir=standing) as file:
            file.write(bytes(4096))
    except OSError as error:
        found = f"{home} cannot be written to: {error.strerror}"
        return Check(name="disk", ok=False, found=found, remedy=remedy)
    is_ok = free >= NEEDED_BYTES
    found = f"{free / 1024**3:.0f} GiB free for {home}"
    return Check(name="disk", ok=is_ok, found=found, remedy="" if is_ok else remedy)


def _said(*command: str) -> str:
    """What a program of the host answers, "" where it fails."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        answer = subprocess.run(  # noqa: S603 -- programs of the host, found on PATH
            command, capture_output=True, text=True, check=False, timeout=ANSWER_SECONDS
        )
        return answer.stdout.strip()
    return ""


_OF_THE_MACHINE: Final[dict[str, Callable[[], Check]]] = {
    "limits": limits,
    "uv": uv_itself,
    "pythons": pythons,
    "index": releases_of_dask,
    "disk": disk,
    "gpus": gpus.check,
}
