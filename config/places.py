"""Where the embedded engines keep their sockets and files. Computes paths, touches nothing."""

import hashlib
import os
import re
from pathlib import Path

LONGEST = 80
PLAIN = re.compile(r"[\w/.-]+", re.ASCII)
CHECKOUT = Path(__file__).resolve().parent.parent


def state_folder() -> Path:
    """`HEADWATER_STATE`, else a folder that is no part of a private home.

    As root that is /var/lib/headwater/<checkout>: the server runs as another user, and no
    permission of a parent folder shall be widened for it.
    """
    if named := os.environ.get("HEADWATER_STATE"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/headwater") / hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:12]
    return CHECKOUT / "var" / "state"


def engines_are_ready() -> Path:
    """A file that is there while the embedded engines answer."""
    return state_folder() / "engines.ready"


def postgres_socket_folder() -> Path:
    return _sockets("postgres-socket")


def redis_socket() -> Path:
    return _sockets("redis-socket") / "redis.sock"


def _sockets(name: str) -> Path:
    """A folder for sockets: their paths have at most 107 bytes, and stand in addresses.

    Root stays with its state folder: in /tmp somebody else may have been first.
    """
    folder = state_folder() / name
    if os.geteuid() == 0 or (len(bytes(folder)) <= LONGEST and PLAIN.fullmatch(str(folder))):
        return folder
    short = hashlib.sha256(bytes(folder)).hexdigest()[:12]
    return Path(f"/tmp/headwater-{os.geteuid()}-{short}-{name}")  # noqa: S108 -- made 0700, or refused


def database_url() -> str:
    return f"postgres://headwater@/headwater?host={postgres_socket_folder()}"


def redis_url() -> str:
    return f"unix://{redis_socket()}"
