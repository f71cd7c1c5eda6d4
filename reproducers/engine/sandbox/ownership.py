"""Give a folder to the sandbox's user and take it back, where mounts cannot map owners.

Links are never followed, and neither name nor mode of a file can lead out of the folder.
"""

import os
import stat
from collections.abc import Iterator

PRIVILEGED_BITS = stat.S_ISUID | stat.S_ISGID


def give(folder: str, uid: int) -> None:
    """Make `uid` the owner of `folder` and of everything below it."""
    for descriptor, name in _entries(folder):
        os.chown(name, uid, uid, dir_fd=descriptor, follow_symlinks=False)


def take_back(folder: str) -> None:
    """Make this process the owner of everything, without set-user-id and set-group-id bits."""
    uid, gid = os.geteuid(), os.getegid()
    for descriptor, name in _entries(folder):
        os.chown(name, uid, gid, dir_fd=descriptor, follow_symlinks=False)
        mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
        if mode & PRIVILEGED_BITS and not stat.S_ISLNK(mode):
            os.chmod(name, stat.S_IMODE(mode) & ~PRIVILEGED_BITS, dir_fd=descriptor)


def _entries(folder: str) -> Iterator[tuple[int, str]]:
    """Each file and folder, the folder itself last, as a descriptor of its parent and its name."""
    for _, folders, files, descriptor in os.fwalk(folder, topdown=False):
        for name in (*folders, *files):
            yield descriptor, name
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor, "."
    finally:
        os.close(descriptor)
