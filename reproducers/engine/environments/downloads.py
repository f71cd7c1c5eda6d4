"""uv's cache: shared by all builds, whose sandboxes write to it side by side where that is sound.

uv itself locks what it writes. Each sandbox has another user, though: only where mounts can map
owners does a file of the cache have one owner on the host, whoever made it.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reproducers.engine import places
from reproducers.engine.environments.locks import exclusive, exclusive_if_free, shared
from reproducers.engine.environments.progress import Progress
from reproducers.engine.environments.sizes import disk_bytes

LIMIT_BYTES: Final = 6 * 1024**3
"""The cache is thrown away as a whole when it is larger: it can only be fetched again."""

NOBODY: Final = 65534
PROBE_SECONDS: Final = 10.0
_PACKAGE_ROOT: Final = str(Path(__file__).parents[3])
_PROBE: Final = """
import os, sys
sys.path.insert(0, sys.argv[1])
from reproducers.engine.sandbox import linux
owners = linux.user_namespace(inside=os.geteuid(), outside=int(sys.argv[3]))
linux.map_owners(linux.clone_mounts(os.open(sys.argv[2], os.O_PATH)), owners)
"""


def folder() -> Path:
    """Where the cache is."""
    return places.folder("downloads")


@contextmanager
def using(progress: Progress) -> Iterator[None]:
    """Use the cache, with others where that is sound; raises Cancellation while waiting."""
    hold = shared if may_be_shared(folder()) else exclusive
    with hold(_lock(), progress, waiting_for="other downloads"):
        yield


def bound(*, limit_bytes: int | None = None) -> bool:
    """Empty the cache if it is too large and nobody uses it; whether it was emptied."""
    limit = LIMIT_BYTES if limit_bytes is None else limit_bytes
    with exclusive_if_free(_lock()) as alone:
        if not alone or disk_bytes(folder()) <= limit:
            return False
        shutil.rmtree(folder(), ignore_errors=True)
        return True


@functools.cache
def may_be_shared(path: Path) -> bool:
    """Whether files that several sandboxes' users write below `path` belong to one of the host.

    Without root all sandboxes are the caller. Tried in a process of its own: it forks.
    """
    if os.geteuid() != 0:
        return True
    tried = subprocess.run(  # noqa: S603 -- our own interpreter and code
        [sys.executable, "-I", "-c", _PROBE, _PACKAGE_ROOT, str(path), str(NOBODY)],
        capture_output=True,
        check=False,
        timeout=PROBE_SECONDS,
    )
    return tried.returncode == 0


def _lock() -> Path:
    return places.folder("locks") / "downloads.build"
