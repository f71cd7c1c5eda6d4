"""The folders of the home: what is finished, what is being built, and what is thrown away.

An environment is finished when its folder stands under its key: it is built elsewhere on the same
disk and renamed, so that a killed build leaves nothing that looks finished.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reproducers.engine import places
from reproducers.engine.environments.locks import Lease, exclusive_if_free
from reproducers.engine.errors import EnvironmentServiceError

SIZE_BYTES: Final = 20 * 1024**3
FREE_BYTES: Final = 2 * 1024**3
"""How much must be left on the disk before a build is begun."""

DOWNLOADS_BYTES: Final = 6 * 1024**3
"""uv's cache is thrown away as a whole when it is larger: it can only be fetched again."""

REFUSAL_SECONDS: Final = 24 * 3600.0
"""How long a failed canary is believed: it may have been the machine's fault."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A finished environment on disk. `facts` is what its builder wrote beside the tree."""

    key: str
    folder: Path
    bytes: int
    used_at: float
    facts: Mapping[str, Any]


def tree_of(key: str) -> Path:
    """Where the environment's files are once it is finished."""
    return _folder(key) / "tree"


def stored(key: str) -> Stored | None:
    """The finished environment, None where there is none. Its facts are our own writing."""
    folder = _folder(key)
    try:
        facts = json.loads((folder / "facts.json").read_text())
        used_at = (folder / "used").stat().st_mtime
    except FileNotFoundError:
        return None
    return Stored(key=key, folder=folder, bytes=facts["bytes"], used_at=used_at, facts=facts)


def all_stored() -> tuple[Stored, ...]:
    """Every finished environment, the least recently used first."""
    found = (stored(folder.name) for folder in places.folder("environments").iterdir())
    return tuple(sorted(filter(None, found), key=lambda one: (one.used_at, one.key)))


def hold(key: str) -> Lease | None:
    """Hold a finished environment against eviction and mark it used; None where it is gone."""
    lease = Lease.take(_lease_path(key))
    with suppress(FileNotFoundError):
        os.utime(_folder(key) / "used")
        return lease
    lease.close()
    return None


def build_lock(name: str) -> Path:
    """The lock file of whoever builds `name`."""
    return places.folder("locks") / f"{name}.build"


@contextmanager
def building(name: str) -> Iterator[Path]:
    """A new folder to build in, removed with all it holds unless it was renamed away.

    The caller holds `build_lock(name)`: that is how a folder whose builder died is told.
    """
    for folder in places.folder("building").glob(f"{name}-*"):
        shutil.rmtree(folder, ignore_errors=True)
    sweep()
    _require_space()
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=places.folder("building")))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def finish(key: str, built: Path, facts: Mapping[str, Any]) -> None:
    """Give a built folder, which has `tree`, its name; from here on it is finished."""
    described = {**facts, "bytes": disk_bytes(built)}
    (built / "facts.json").write_text(json.dumps(described))
    (built / "used").touch()
    try:
        built.rename(_folder(key))
    except OSError as error:
        raise EnvironmentServiceError(
            f"The environment cannot be stored: {error.strerror}.",
            remedy=f"Look at {places.home()}; `repro env prune` removes what is not used.",
        ) from error


def refusal(key: str) -> Mapping[str, Any] | None:
    """What the canary said of this environment within the last day, None where it did not fail."""
    path = _refusal_path(key)
    try:
        if time.time() - path.stat().st_mtime > REFUSAL_SECONDS:
            return None
        facts: Mapping[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return facts


def refuse(key: str, facts: Mapping[str, Any]) -> None:
    """Remember that the environment was built and its canary failed."""
    _refusal_path(key).write_text(json.dumps(facts))


def evict(*, limit_bytes: int = SIZE_BYTES, sparing: str | None = None) -> tuple[str, ...]:
    """Remove the least recently used until all fit into `limit_bytes`; the keys removed.

    What somebody holds stays, and so does `sparing`, which was just built and is not held yet: the
    limit may be exceeded while that much is in use.
    """
    everything = all_stored()
    excess, removed = sum(one.bytes for one in everything) - limit_bytes, []
    for one in everything:
        if excess <= 0:
            break
        if one.key != sparing and remove(one.key):
            excess -= one.bytes
            removed.append(one.key)
    return tuple(removed)


def remove(key: str) -> bool:
    """Remove a finished environment unless somebody holds it; whether it was removed."""
    with exclusive_if_free(_lease_path(key)) as alone:
        if not alone or not _folder(key).is_dir():
            return False
        # Renamed first: removing takes seconds, and half of it must never be found by its key.
        rubbish = Path(tempfile.mkdtemp(prefix="rubbish-", dir=places.folder("building")))
        _folder(key).rename(rubbish / key)
    shutil.rmtree(rubbish, ignore_errors=True)
    return True


def downloads() -> Path:
    """uv's cache, shared by all builds."""
    return places.folder("downloads")


def bound_downloads(*, limit_bytes: int = DOWNLOADS_BYTES) -> None:
    """Empty uv's cache if it has grown too large; the caller is its only user."""
    if disk_bytes(downloads()) > limit_bytes:
        shutil.rmtree(downloads(), ignore_errors=True)


def sweep() -> None:
    """Remove the folders that builders left when they were killed."""
    for folder in places.folder("building").iterdir():
        name = folder.name.rpartition("-")[0]
        with exclusive_if_free(build_lock(name)) as alone:
            if alone:
                shutil.rmtree(folder, ignore_errors=True)


def disk_bytes(folder: Path) -> int:
    """What a folder takes on disk, without following links."""
    total, waiting = 0, [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                total += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
    return total


def _require_space() -> None:
    missing = FREE_BYTES - _free_bytes()
    if missing > 0:
        evict(limit_bytes=sum(one.bytes for one in all_stored()) - missing)
    if _free_bytes() < FREE_BYTES:
        raise EnvironmentServiceError(
            f"The disk of {places.home()} is almost full.",
            remedy="Make room there, or point REPRO_HOME at another disk.",
        )


def _free_bytes() -> int:
    return shutil.disk_usage(places.folder("building")).free


def _folder(key: str) -> Path:
    return places.folder("environments") / key


def _lease_path(key: str) -> Path:
    return places.folder("locks") / f"{key}.lease"


def _refusal_path(key: str) -> Path:
    return places.folder("refusals") / f"{key}.json"
