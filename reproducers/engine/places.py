"""Where the engine keeps things, and which index it reads: the environment variables it obeys.

`REPRO_HOME` holds environments, resolutions and the list of releases; `REPRO_INDEX_URL` is the one
index; `REPRO_NIGHTLY_INDEX` adds Dask's main branch; `REPRO_SIZE` bounds what environments take.
Nothing else of the caller's settings counts.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from reproducers.engine.errors import EnvironmentServiceError, UsageError
from reproducers.engine.quantities import parse_bytes

DEFAULT_INDEX = "https://pypi.org/simple"
ROOT_HOME = Path("/var/cache/headwater")
DEFAULT_SIZE = "20GiB"


def home() -> Path:
    """`REPRO_HOME`, else the XDG cache; as root a folder that is no part of a private home."""
    if named := os.environ.get("REPRO_HOME"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return ROOT_HOME
    return Path(platformdirs.user_cache_dir("headwater"))


def folder(name: str) -> Path:
    """The folder `name` of the home, made if missing.

    Raises EnvironmentServiceError where it cannot be made.
    """
    path = home() / name
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentServiceError(
            f"{path} cannot be made: {error.strerror}",
            remedy="Point REPRO_HOME at a folder that you may write to.",
        ) from error
    return path


def index_url() -> str:
    """The one index that environments come from, without a slash at its end."""
    return _checked("REPRO_INDEX_URL", os.environ.get("REPRO_INDEX_URL") or DEFAULT_INDEX)


def nightly_index_url() -> str | None:
    """The index of Dask's main branch, None where there is none."""
    named = os.environ.get("REPRO_NIGHTLY_INDEX")
    return _checked("REPRO_NIGHTLY_INDEX", named) if named else None


def size_bytes() -> int:
    """`REPRO_SIZE`: how much the environments of the home may take together on the disk."""
    try:
        return parse_bytes(os.environ.get("REPRO_SIZE") or DEFAULT_SIZE)
    except ValueError as error:
        raise UsageError(
            f"REPRO_SIZE is no size: {error}", remedy=f"Set it to one such as {DEFAULT_SIZE}."
        ) from error


def _checked(variable: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https", "file"}:
        raise UsageError(
            f"{variable} is no http, https or file address",
            remedy=f"Set {variable} to the address of a simple index, such as {DEFAULT_INDEX}.",
        )
    if parts.username or parts.password:
        # The address is an argument of uv inside the sandbox, where no secret may be.
        raise UsageError(
            f"{variable} holds a user name or password",
            remedy="Use an index that needs none, such as a caching proxy that knows the password.",
        )
    return url.rstrip("/")
