"""What folders take on the disk."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 512


@dataclass(frozen=True, kw_only=True)
class Size:
    """Bytes on disk: of all that a folder holds, and of what has no link but the one in it."""

    all: int
    own: int


def size_of(folder: Path) -> Size:
    """Look at all below `folder`, following no link; an inode counts once."""
    seen: set[int] = set()
    everything = own = 0
    for status in _statuses(folder):
        taken = status.st_blocks * BLOCK_BYTES
        if status.st_nlink == 1 or stat.S_ISDIR(status.st_mode):
            own += taken
        elif status.st_ino in seen:
            continue
        seen.add(status.st_ino)
        everything += taken
    return Size(all=everything, own=own)


def disk_bytes(folder: Path) -> int:
    """What a folder takes on the disk."""
    return size_of(folder).all


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    waiting = [str(folder)]
    while waiting:
        # Others may remove parts of it meanwhile, and paths may be longer than the host can take.
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    yield entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
