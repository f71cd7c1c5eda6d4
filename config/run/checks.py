"""What must be true before anything is started, each with one line that says what to do."""

import errno
import os
import secrets
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
import psycopg
import redis
from psycopg.conninfo import make_conninfo

from config import places
from config.only_one import Held, only_one
from config.run.errors import StartError


def port() -> int:
    """PORT, or 8000: a number, and nobody else's."""
    written = os.environ.get("PORT") or "8000"
    if not (written.isascii() and written.isdecimal() and 0 < int(written) < 65536):
        raise StartError(
            f"PORT={written} is no port.", remedy="Use a number from 1 to 65535: make run PORT=8001"
        )
    _check_free(int(written))
    return int(written)


def _check_free(number: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            why = (
                "is taken"
                if error.errno == errno.EADDRINUSE
                else f"cannot be used: {error.strerror}"
            )
            other = number + 1 if 1024 <= number < 65535 else 8001
            raise StartError(
                f"Port {number} {why}.", remedy=f"Choose another: make run PORT={other}"
            ) from None


def folder(path: Path) -> Path:
    """Make `path`, and check that files can be written there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"Cannot write to {path}: {error.strerror}.",
            remedy="Make it writable, or name another: HEADWATER_STATE=/path make run",
        ) from None
    return path


@contextmanager
def the_only_one(state: Path) -> Iterator[None]:
    """Hold the lock of this checkout's `make run`; the kernel frees it however this ends."""
    try:
        with only_one(state / "run.lock"):
            yield
    except Held as held:
        raise StartError(
            f"This checkout is already running, under process {held.holder}.",
            remedy="Stop that one first (Ctrl-C where it runs).",
        ) from None


def secret_key(state: Path) -> None:
    """The key of the environment, or one made once beside the embedded database."""
    if os.environ.get("SECRET_KEY"):
        return
    if "DATABASE_URL" in os.environ:
        raise StartError(
            "DATABASE_URL is set, so SECRET_KEY must be set as well.",
            remedy="Make one once and keep it: openssl rand -hex 32",
        )
    kept = state / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))


def database(url: str) -> None:
    """Raise StartError unless the PostgreSQL at `url` answers. Its password is never shown."""
    remedy = "Correct DATABASE_URL (postgres://user:password@host:5432/name), or unset it."
    named = _connection_arguments(url)
    if named is None:
        raise StartError("DATABASE_URL is not the address of a PostgreSQL database.", remedy=remedy)
    try:
        psycopg.connect(make_conninfo(**{"connect_timeout": "5", **named})).close()
    except psycopg.Error as error:
        first = str(error).strip().splitlines()[0]
        raise StartError(f"The database does not answer: {first}", remedy=remedy) from None


def _connection_arguments(url: str) -> dict[str, str] | None:
    """What Django would hand to psycopg for `url`; None if it is no address of a PostgreSQL."""
    try:
        with warnings.catch_warnings(action="ignore"):
            settings = environ.Env.db_url_config(url)
    except ValueError:
        return None
    if not settings.get("ENGINE", "").endswith("postgresql"):
        return None
    names = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    given = {ours: str(settings[theirs]) for theirs, ours in names.items() if settings[theirs]}
    return {**given, **settings.get("OPTIONS", {})}


def broker(url: str) -> None:
    """Raise StartError unless the Redis at `url` answers."""
    remedy = "Correct REDIS_URL (redis://host:6379/0), or unset it."
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except redis.RedisError as error:
        raise StartError(f"Redis does not answer: {error}", remedy=remedy) from None
    except ValueError:
        raise StartError("REDIS_URL is not the address of a Redis.", remedy=remedy) from None


def given_servers() -> None:
    """Try the servers that the environment names before anything is started for them."""
    if url := os.environ.get("DATABASE_URL"):
        database(url)
    if url := os.environ.get("REDIS_URL"):
        broker(url)


def all_engines_answer() -> None:
    database(os.environ.get("DATABASE_URL") or places.database_url())
    broker(os.environ.get("REDIS_URL") or places.redis_url())
