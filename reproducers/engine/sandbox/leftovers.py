"""What a process wrote into a folder of the host itself, where nothing but we bounds it.

The folder is hostile: it may hold links, special files, and any depth. Used where there is no stage
to hold a sized folder: for who is not root, and without isolation.
"""

import contextlib
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 512
DEPTH: Final = 8
FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700


class Allowance:
    """Bytes and entries that a folder may hold. While it changes, what is gone is not counted."""

    def __init__(self, *, bytes_allowed: int, files_allowed: int) -> None:
        self._bytes, self._files = bytes_allowed, files_allowed

    def is_used_up_by(self, folder: Path) -> bool:
        """Whether `folder` holds more, or what cannot be counted: too deep, or closed to us."""
        return not self._descend(folder, None, DEPTH + 1)

    def _count(self, folder: int, depth: int) -> bool:
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    facts = entry.stat(follow_symlinks=False)
                    self._files -= 1
                    self._bytes -= facts.st_blocks * BLOCK_BYTES
                    if self._bytes < 0 or self._files < 0:
                        return False
                    if stat.S_ISDIR(facts.st_mode) and not self._descend(entry.name, folder, depth):
                        return False
        return True

    def _descend(self, name: str | Path, folder: int | None, depth: int) -> bool:
        try:
            with _opened(name, folder) as inner:
                return depth > 0 and self._count(inner, depth - 1)
        except PermissionError:
            return False


def purge(folder: Path) -> int:
    """Remove all but folders and regular files, and make those ours alone; how many were removed.

    The process is dead: nothing changes any more.
    """
    folder.chmod(FOLDER_MODE)
    with _opened(folder, None) as descriptor:
        return _purge(descriptor, folder, DEPTH)


def _purge(folder: int, path: Path, depth: int) -> int:
    removed = 0
    for name in os.listdir(folder):
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            os.chmod(name, FILE_MODE, dir_fd=folder)
        elif stat.S_ISDIR(mode) and depth:
            os.chmod(name, FOLDER_MODE, dir_fd=folder)
            with _opened(name, folder) as inner:
                removed += _purge(inner, path / name, depth - 1)
        else:
            _remove(path / name)
            removed += 1
    return removed


def _remove(path: Path) -> None:
    """Of any depth, which no function of Python's library can remove."""
    subprocess.run(["/bin/rm", "-rf", "--", path], check=True)  # noqa: S603 -- no shell, one path


@contextlib.contextmanager
def _opened(path: Path | str, parent: int | None) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
