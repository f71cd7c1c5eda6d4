"""From a request to a lock: which version of what, once resolved kept for good."""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from packaging.version import Version

from reproducers.engine import index, places
from reproducers.engine.environments import uv
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.request import Request
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.verdicts import Verdict
from reproducers.engine.wheels import fits

ROUNDS: Final = 12
PATCHER: Final = "rapids-dask-dependency"
PATCHED: Final = f"{PATCHER} is installed: it patches Dask whenever Python starts."
_PINNED: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)", re.MULTILINE)

Ask = Callable[[Mapping[str, date]], tuple[int, str, str]]
"""Runs uv with these days of their own; its exit status, output and complaint."""


@dataclass(frozen=True, kw_only=True)
class Lock:
    """What a request resolved to. `text` is uv's, with hashes; `packages` name -> version."""

    text: str
    packages: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Names the packages and their versions: equal on every machine."""
        pins = "\n".join(f"{name}=={self.packages[name]}" for name in sorted(self.packages))
        return hashlib.sha256(pins.encode()).hexdigest()


def kept(request: Request) -> Lock | None:
    """The lock of an earlier resolution of the same request, None where there was none."""
    path = _path(request)
    if not path.is_file():
        return None
    facts = json.loads(path.read_text())
    return Lock(text=facts["text"], packages=facts["packages"], notes=tuple(facts["notes"]))


def keep(request: Request, lock: Lock) -> None:
    """Remember the lock, so that the same request never needs the network again."""
    path = _path(request)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump(asdict(lock), file)
    Path(file.name).replace(path)


def resolve(request: Request, ask: Ask) -> Lock:
    """Ask uv until it has an answer.

    A Python that was new on that day lacks wheels: where no release of a package had one yet, the
    package is seen as of the day its first fitting wheel came, and a note says so.

    Raises EnvironmentRefused where the requirements conflict, EnvironmentServiceError where the
    index could not be asked.
    """
    later: dict[str, date] = {}
    for _ in range(ROUNDS):
        status, output, complaint = ask(later)
        if status == 0:
            return _lock(request, output, later)
        if not uv.is_unsatisfiable(complaint):
            raise EnvironmentServiceError(
                f"The index could not be asked: {uv.shortened(complaint)}",
                remedy="Check the network and REPRO_INDEX_URL; `repro doctor` tries both.",
            )
        missing = [name for name in uv.without_wheel(complaint) if name not in later]
        found = {name: day for name in missing if (day := _first_wheel_day(request, name))}
        if not found:
            break
        later.update(found)
    raise EnvironmentRefused(
        Verdict.UNSATISFIABLE, uv.shortened(complaint), complaint[: uv.DETAIL_CHARACTERS]
    )


def _lock(request: Request, output: str, later: Mapping[str, date]) -> Lock:
    packages, minor = dict(_PINNED.findall(output)), request.interpreter.minor
    delayed = (
        f"{name} is as of {day}: until then it had no wheel for Python {minor}."
        for name, day in sorted(later.items())
        if name in packages
    )
    replaced = (
        f"{text} is taken: what Dask asks for has no wheel for Python {minor}."
        for text in request.overrides
        if not text.startswith("distributed==")  # RAPIDS' own, which the request speaks of
    )
    patched = (PATCHED,) if PATCHER in packages else ()
    return Lock(text=output, packages=packages, notes=(*delayed, *replaced, *patched))


def _first_wheel_day(request: Request, name: str) -> date | None:
    """The day of a package's first wheel for this Python, None where it had one or never got one.

    One that had a wheel in time conflicts for another reason, which must not be papered over.
    """
    uploads = [
        wheel.uploaded_at
        for wheel in index.wheels(name)
        if wheel.yanked is None
        and not Version(wheel.version).is_prerelease
        and fits(wheel, request.interpreter.minor)
    ]
    end = datetime.combine(request.as_of, time.max, tzinfo=UTC)
    if not uploads or min(uploads) <= end:
        return None
    return min(uploads).date()


def _path(request: Request) -> Path:
    return places.folder("resolutions") / f"{request.digest}.json"
