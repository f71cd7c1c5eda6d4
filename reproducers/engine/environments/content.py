"""One copy of each file on the disk, which all environments share through hard links.

A file is kept under the hash of its content, so that neighbouring releases share what did not
change between them. A shared inode is never where anybody can write: what downloads and what
compiles gets files that are not shared yet, and everybody else sees environments read-only.
"""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine import places

FOLDER: Final = "content"
BLOCK_BYTES: Final = 512
# A file may have no more links (ext4: 65,000), the filesystem none at all, or it went just now.
_STAYS_ALONE: Final = frozenset(
    {errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.EXDEV, errno.ENOENT, errno.EEXIST}
)


@dataclass(frozen=True, kw_only=True)
class File:
    """A regular file's content: the hash, the bytes, and whether it may be started."""

    digest: str
    bytes: int
    executable: bool = False

    @property
    def mode(self) -> int:
        return 0o755 if self.executable else 0o644


def describe(path: Path) -> File:
    """The content of a regular file; raises OSError for a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(digest=digest, bytes=status.st_size, executable=bool(status.st_mode & 0o100))


def share(path: Path, file: File, *, spare: Path) -> bool:
    """Make `path`, which holds `file`, a link to the one copy of it; the first becomes that copy.

    False where it stays a file of its own. `spare` is a name on the same disk that nobody uses.
    """
    path.chmod(file.mode)
    if file.bytes == 0:  # takes no room, and all environments together have too many
        return False
    kept = _place(file)
    try:
        if _is_kept(kept, file):
            _link(kept, path, spare)
        else:
            kept.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, kept)
    except OSError as error:
        if error.errno not in _STAYS_ALONE:
            raise
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """Describes files and shares them, unless it is switched off."""

    spare: Path
    is_on: bool

    def __call__(self, path: Path) -> File:
        file = describe(path)
        if self.is_on:
            share(path, file, spare=self.spare)
        return file


def put(file: File, path: Path) -> bool:
    """Make `path` a link to what is kept of `file`; False where nothing is, or no link can be."""
    kept = _place(file)
    if not _is_kept(kept, file):
        return False
    try:
        os.link(kept, path)
    except OSError as error:
        if error.errno not in _STAYS_ALONE:
            raise
        return False
    return True


def discard(files: Iterable[File]) -> None:
    """Keep these no longer, since their copy is not what its name says; links to it stay."""
    for file in files:
        _place(file).unlink(missing_ok=True)


def drop_unused(files: Iterable[File] | None = None) -> int:
    """Remove what no environment has a link to, among `files` or all; the bytes that were freed.

    A builder may link to one of them meanwhile: it then keeps it as a file of its own.
    """
    freed = 0
    for path in _places() if files is None else set(map(_place, files)):
        with suppress(FileNotFoundError):
            status = path.lstat()
            if status.st_nlink == 1:
                path.unlink()
                freed += status.st_blocks * BLOCK_BYTES
    return freed


def total_bytes() -> int:
    """What all that is kept takes on the disk, each file once."""
    total = 0
    for entry in _entries():
        with suppress(FileNotFoundError):
            total += entry.stat(follow_symlinks=False).st_blocks * BLOCK_BYTES
    return total


def _link(kept: Path, path: Path, spare: Path) -> None:
    if path.lstat().st_ino == kept.lstat().st_ino:
        return
    spare.unlink(missing_ok=True)
    os.link(kept, spare)
    spare.replace(path)


def _is_kept(kept: Path, file: File) -> bool:
    """Whether it is there; one of another size was cut off when the machine went down."""
    try:
        if kept.lstat().st_size == file.bytes:
            return True
    except FileNotFoundError:
        return False
    kept.unlink(missing_ok=True)
    return False


def _places() -> Iterator[Path]:
    return (Path(entry.path) for entry in _entries())


def _entries() -> Iterator[os.DirEntry[str]]:
    with os.scandir(places.folder(FOLDER)) as shelves:
        for shelf in shelves:
            with os.scandir(shelf) as entries:
                yield from entries


def _place(file: File) -> Path:
    suffix = "-x" if file.executable else ""
    return places.home() / FOLDER / file.digest[:2] / f"{file.digest}{suffix}"
