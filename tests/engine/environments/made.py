"""Environments that were never built: a few files under a key, as a build leaves them."""

import os
from collections.abc import Mapping
from pathlib import Path

from reproducers.engine.environments import store
from reproducers.engine.environments.content import Sharing
from reproducers.engine.environments.manifest import take
from reproducers.engine.environments.workplace import building

KIBIBYTE = 1024


def make(
    key: str,
    files: dict[str, bytes] | None = None,
    *,
    used_at: float = 1000.0,
    facts: Mapping[str, object] | None = None,
) -> Path:
    """A finished environment, shared as a built one is; its tree. Without `files` 100 KiB large."""
    with building(key) as work:
        for path, content in (files or {"package.py": key.encode() * 50 * KIBIBYTE}).items():
            (work / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (work / "tree" / path).write_bytes(content)
        manifest = take(work / "tree", Sharing(spare=work / "spare", is_on=True))
        store.finish(key, work, {"lock": key, **(facts or {})}, manifest)
    os.utime(store.folder_of(key) / "used", (used_at, used_at))
    return store.tree_of(key)


def keys() -> list[str]:
    """What is finished, the least recently used first."""
    return [one.key for one in store.all_stored()]
