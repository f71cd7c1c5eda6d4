"""The finished environments of the home, and what is remembered of those that do not work.

An environment is finished when its folder stands under its key: it is built elsewhere on the same
disk and renamed, so that a killed build leaves nothing that looks finished.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reproducers.engine import places
from reproducers.engine.environments.locks import Lease, exclusive_if_free
from reproducers.engine.environments.manifest import Manifest
from reproducers.engine.environments.sizes import size_of
from reproducers.engine.errors import EnvironmentServiceError

REFUSAL_SECONDS: Final = 24 * 3600.0
"""How long a failed canary is believed: it may have been the machine's fault."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A finished environment on disk. `facts` is what its builder wrote beside the tree.

    `bytes` is what it would take alone, `own_bytes` what it takes besides the shared content.
    """

    key: str
    folder: Path
    bytes: int
    own_bytes: int
    used_at: float
    facts: Mapping[str, Any]


def tree_of(key: str) -> Path:
    """Where the environment's files are once it is finished."""
    return folder_of(key) / "tree"


def folder_of(key: str) -> Path:
    """Where the environment is once it is finished: its tree, its manifest, its facts."""
    return places.folder("environments") / key


def stored(key: str) -> Stored | None:
    """The finished environment, None where there is none that can be read."""
    folder = folder_of(key)
    try:
        facts = json.loads((folder / "facts.json").read_text())
        return Stored(
            key=key,
            folder=folder,
            bytes=facts["bytes"],
            own_bytes=facts.get("own_bytes", facts["bytes"]),
            used_at=(folder / "used").stat().st_mtime,
            facts=facts,
        )
    except (OSError, ValueError, KeyError, TypeError):  # not there, or cut off in a power cut
        return None


def lock_text(one: Stored) -> str:
    """uv's lock that the environment was built from, "" where it is missing."""
    with suppress(OSError):
        return (one.folder / "lock.txt").read_text()
    return ""


def all_stored() -> tuple[Stored, ...]:
    """Every finished environment, the least recently used first."""
    found = (stored(folder.name) for folder in places.folder("environments").iterdir())
    return tuple(sorted(filter(None, found), key=lambda one: (one.used_at, one.key)))


def hold(key: str) -> Lease | None:
    """Hold a finished environment against eviction and mark it used; None where it is gone."""
    lease = Lease.take(lease_path(key))
    with suppress(FileNotFoundError):
        os.utime(folder_of(key) / "used")
        return lease
    lease.close()
    return None


def is_held(key: str) -> bool:
    """Whether somebody uses the environment now."""
    with exclusive_if_free(lease_path(key)) as alone:
        return not alone


def build_lock(name: str) -> Path:
    """The lock file of whoever builds `name`."""
    return places.folder("locks") / f"{name}.build"


def lease_path(key: str) -> Path:
    """The lock file of those who use an environment."""
    return places.folder("locks") / f"{key}.lease"


def finish(key: str, built: Path, facts: Mapping[str, Any], manifest: Manifest) -> None:
    """Give a built folder, which has `tree`, its name; from here on it is finished."""
    manifest.write(built)
    size = size_of(built)
    described = {**facts, "bytes": size.all, "own_bytes": size.own}
    (built / "facts.json").write_text(json.dumps(described))
    (built / "used").touch()
    try:
        built.rename(folder_of(key))
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


def _refusal_path(key: str) -> Path:
    return places.folder("refusals") / f"{key}.json"
