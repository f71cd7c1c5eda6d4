"""The few things of sandboxes that outlive one: locks of slots, and an empty folder to mount on."""

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from reproducers.engine.errors import IsolationError

SYSTEM: Final = Path("/run")
LOCKS: Final = "slots"
STAGE: Final = "stage"
_TRAVERSABLE: Final = 0o711


def folder(name: str, *, among: Path | None = None) -> Path:
    """The folder `name` of this user's state, made if missing; nobody else can write to it.

    Raises IsolationError where somebody else made it first.
    """
    own = (runtime() if among is None else among) / f"headwater-{os.geteuid()}"
    for path in (own, own / name):
        try:
            path.mkdir(mode=_TRAVERSABLE)
        except FileExistsError:
            _check_is_ours(path)
        except OSError as error:
            raise _refusal(path, error.strerror or "it cannot be made") from error
    return own / name


def runtime() -> Path:
    """Shared by all processes of the user, private to this boot where the system has such a place.

    For root it has to be one that other users can pass through, which no runtime folder is.
    """
    if os.geteuid() == 0:
        return SYSTEM if SYSTEM.is_dir() else Path(tempfile.gettempdir())
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())


def _check_is_ours(path: Path) -> None:
    found = path.lstat()
    others = stat.S_IWGRP | stat.S_IWOTH
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & others:
        raise _refusal(path, "somebody else can write there")


def _refusal(path: Path, why: str) -> IsolationError:
    return IsolationError(
        f"{path} cannot be used: {why}.", remedy=f"Remove {path}, or set XDG_RUNTIME_DIR."
    )
