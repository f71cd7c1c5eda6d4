"""Copy what a dead sandbox has left in its output folder, treating it as hostile.

Only folders and regular files are taken, opened without following links; how much is taken is
bounded, whatever sizes the files claim to have.
"""

import contextlib
import os
import stat
from collections.abc import Iterator

from reproducers.engine.sandbox.plan import Collection

DEPTH = 8
CHUNK_BYTES = 1 << 20
_FOLLOW = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_READ = _FOLLOW | os.O_NOFOLLOW
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class _Budget:
    """What may still be taken, and how many entries were refused."""

    def __init__(self, wanted: Collection) -> None:
        self.bytes, self.files, self.refused = wanted["bytes"], wanted["files"], 0
        self.follows_links = wanted.get("follows_links", False)


def collect(wanted: Collection) -> int:
    """Copy; the number of entries that were left out, as links, special files or too much."""
    budget = _Budget(wanted)
    source = os.open(wanted["stage"], _READ | os.O_DIRECTORY)
    target = os.open(wanted["folder"], os.O_RDONLY | os.O_DIRECTORY)
    try:
        _copy_folder(source, target, budget, DEPTH)
    finally:
        os.close(source)
        os.close(target)
    return budget.refused


def _copy_folder(source: int, target: int, budget: _Budget, depth: int) -> None:
    for name in sorted(os.listdir(source)):
        if budget.files <= 0 or not _copy_entry(name, source, target, budget, depth):
            budget.refused += 1
        budget.files -= 1


def _copy_entry(name: str, source: int, target: int, budget: _Budget, depth: int) -> bool:
    """Whether the entry was taken."""
    mode = os.stat(name, dir_fd=source, follow_symlinks=budget.follows_links).st_mode
    if stat.S_ISREG(mode):
        return _copy_file(name, source, target, budget)
    if not stat.S_ISDIR(mode) or depth == 0:
        return False
    os.mkdir(name, 0o700, dir_fd=target)
    with _opened(name, source) as inner, _opened(name, target) as made:
        _copy_folder(inner, made, budget, depth - 1)
    return True


def _copy_file(name: str, source: int, target: int, budget: _Budget) -> bool:
    with contextlib.ExitStack() as stack:
        read_end = os.open(name, _FOLLOW if budget.follows_links else _READ, dir_fd=source)
        stack.callback(os.close, read_end)
        size = os.fstat(read_end).st_size
        if size > budget.bytes:
            return False
        budget.bytes -= size
        write_end = os.open(name, _WRITE, 0o600, dir_fd=target)
        stack.callback(os.close, write_end)
        while chunk := os.read(read_end, CHUNK_BYTES):
            os.write(write_end, chunk)
    return True


@contextlib.contextmanager
def _opened(name: str, parent: int) -> Iterator[int]:
    descriptor = os.open(name, _READ | os.O_DIRECTORY, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
