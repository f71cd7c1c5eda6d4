"""What a process wrote into a folder of the host itself, where nothing but we bounds it.

The folder is hostile: it may hold links, special files and any depth. Used where there is no stage
to hold a sized folder: for who is not root, and without isolation.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

KEPT_MODES: Final = 0o600


@dataclass(frozen=True, kw_only=True)
class Held:
    """Bytes on disk, and entries of any kind."""

    bytes: int
    files: int


def measure(folder: Path) -> Held:
    """What the folder holds now, while it may change."""
    taken = files = 0
    for _, folders, names, descriptor in os.fwalk(folder):
        files += len(folders) + len(names)
        for name in names:
            try:
                taken += os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_blocks * 512
            except FileNotFoundError:
                continue
    return Held(bytes=taken, files=files)


def purge(folder: Path) -> int:
    """Remove all but folders and regular files, and make those ours alone; how many were removed.

    The process is dead: nothing changes any more.
    """
    removed = 0
    for _, folders, names, descriptor in os.fwalk(folder, topdown=False):
        for name in (*names, *folders):
            mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
            if stat.S_ISREG(mode):
                os.chmod(name, KEPT_MODES, dir_fd=descriptor)
            elif not stat.S_ISDIR(mode):
                os.unlink(name, dir_fd=descriptor)
                removed += 1
    return removed
