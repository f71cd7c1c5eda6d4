"""Folders of tries on the host: one each, gone afterwards, also where nobody was left to remove it.

A folder is held by a file lock on itself for as long as its try runs. One that nobody holds was
left by an engine that was killed, and is removed before the next is made.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reproducers.engine import places

MAKING: Final = ".making"


@contextmanager
def folder_of_a_try() -> Iterator[Path]:
    """A folder of one try on the host, gone afterwards, and closed to other users of the host.

    The sandbox's user does not have to reach it: what it holds is bound by root.
    """
    home = places.folder("tries")
    with contextlib.ExitStack() as held:
        with _locked(home / MAKING, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX):
            _remove_abandoned(home)
            folder = Path(tempfile.mkdtemp(dir=home))
            held.callback(shutil.rmtree, folder, ignore_errors=True)
            held.enter_context(_locked(folder, os.O_RDONLY | os.O_DIRECTORY, fcntl.LOCK_SH))
        yield folder


def _remove_abandoned(home: Path) -> None:
    for folder in home.iterdir():
        with contextlib.suppress(OSError):  # somebody holds it, or it is no folder
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            with _locked(folder, flags, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(path: Path, flags: int, lock: int) -> Iterator[None]:
    """Hold the lock of a file or folder; raises OSError where it cannot be had."""
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, lock)
        yield
    finally:
        os.close(descriptor)
