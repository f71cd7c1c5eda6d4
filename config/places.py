"""Where the embedded engines keep their sockets and files. Computes paths, touches nothing."""

import hashlib
import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def state_folder() -> Path:
    """`HEADWATER_STATE`, else a folder that is no part of a private home.

    As root that is /var/lib/headwater/<checkout>: the server runs as another user, and no
    permission of a parent folder shall be widened for it.
    """
    if named := os.environ.get("HEADWATER_STATE"):
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/lib/headwater") / hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:12]
    return CHECKOUT / "var" / "state"


def engines_are_ready() -> Path:
    """A file that is there while the embedded engines answer."""
    return state_folder() / "engines.ready"


def postgres_socket_folder() -> Path:
    return state_folder() / "postgres-socket"


def redis_socket() -> Path:
    return state_folder() / "redis-socket" / "redis.sock"


def database_url() -> str:
    return f"postgres://headwater@/headwater?host={postgres_socket_folder()}"


def redis_url() -> str:
    return f"unix://{redis_socket()}"
