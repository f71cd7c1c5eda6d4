"""A folder to build in, for as long as the build goes on."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reproducers.engine import places
from reproducers.engine.environments import eviction, room

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def building(name: str) -> Iterator[Path]:
    """A new folder to build in, removed with all it holds unless it was renamed away.

    The caller holds `store.build_lock(name)`: that is how a folder whose builder died is told.
    Raises EnvironmentServiceError where the disk has no room, and none can be made.
    """
    for folder in places.folder("building").glob(f"{name}-*"):
        shutil.rmtree(folder, ignore_errors=True)
    eviction.sweep()
    _make_room()
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=places.folder("building")))
    folder.chmod(0o755)
    try:
        yield folder
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise room.full() from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_room() -> None:
    if missing := room.missing_bytes():
        eviction.evict(limit_bytes=max(eviction.total_bytes() - missing, 0))
    if room.missing_bytes():
        raise room.full()
