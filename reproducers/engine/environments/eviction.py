"""The disk is bounded: the least recently used environment goes, and what killed builders left."""

import shutil
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine import places
from reproducers.engine.environments import content, manifest, store
from reproducers.engine.environments.locks import exclusive_if_free, remove_if_free
from reproducers.engine.environments.sizes import disk_bytes, size_of

COMPILED_SECONDS: Final = 90 * 24 * 3600.0
"""How long it is remembered what byte code a package has: it can be made again."""


@dataclass(frozen=True, kw_only=True)
class Evicted:
    """The keys of what was removed, and how many bytes are in use now, at most."""

    keys: tuple[str, ...]
    bytes: int


def total_bytes() -> int:
    """What all finished environments take on the disk, each shared file once."""
    own = sum(one.own_bytes for one in store.all_stored())
    return own + content.total_bytes()


def evict(*, limit_bytes: int | None = None, sparing: Collection[str] = ()) -> Evicted:
    """Remove the least recently used until all fit into `limit_bytes` (None: as the home is set).

    What somebody holds stays, and so do `sparing`, which were just built and are not held yet: the
    limit may be exceeded while that much is in use.
    """
    limit = places.size_bytes() if limit_bytes is None else limit_bytes
    everything = store.all_stored()
    most = sum(one.bytes for one in everything)
    if most <= limit:  # far quicker than to look at each file
        return Evicted(keys=(), bytes=most)
    total = total_bytes()
    if total > limit:
        total -= content.drop_unused()
    removed = []
    for one in everything:
        if total <= limit:
            break
        if one.key not in sparing and (freed := remove(one.key)) is not None:
            total -= freed
            removed.append(one.key)
    return Evicted(keys=tuple(removed), bytes=total)


def remove(key: str) -> int | None:
    """Remove a finished environment; the bytes that were freed, None where somebody holds it."""
    with exclusive_if_free(store.lease_path(key)) as alone:
        folder = store.folder_of(key)
        if not alone or not folder.is_dir():
            return None
        found, consisted_of = store.stored(key), manifest.read(folder)
        own_bytes = found.own_bytes if found else size_of(folder).own
        # Renamed first: removing takes seconds, and half of it must never be found by its key.
        rubbish = Path(tempfile.mkdtemp(prefix="rubbish-", dir=places.folder("building")))
        folder.rename(rubbish / key)
    shutil.rmtree(rubbish, ignore_errors=True)
    return own_bytes + content.drop_unused(consisted_of.files.values() if consisted_of else ())


def sweep() -> int:
    """Remove the folders that builders left when they were killed; the bytes they took."""
    swept = 0
    for folder in places.folder("building").iterdir():
        name = folder.name.rpartition("-")[0]
        with exclusive_if_free(store.build_lock(name)) as alone:
            if alone:
                swept += disk_bytes(folder)
                shutil.rmtree(folder, ignore_errors=True)
    return swept


def tidy() -> int:
    """Remove what nothing needs any more, whatever the limit; the bytes that were freed.

    What killed builders left, environments that cannot be read, content that nothing has a link
    to, what was remembered for a while, and the lock files of environments that are gone.
    """
    unreadable = [
        folder.name
        for folder in places.folder("environments").iterdir()
        if store.stored(folder.name) is None
    ]
    freed = sum(filter(None, map(remove, unreadable))) + sweep() + content.drop_unused()
    _forget(places.folder("compiled"), COMPILED_SECONDS)
    _forget(places.folder("refusals"), store.REFUSAL_SECONDS)
    for lock in places.folder("locks").iterdir():
        if lock.suffix == ".build" or store.stored(lock.stem) is None:
            remove_if_free(lock)
    return freed


def _forget(folder: Path, seconds: float) -> None:
    now = time.time()
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if now - path.stat().st_mtime > seconds:
                path.unlink()
