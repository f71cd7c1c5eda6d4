"""Whether the servers that the environment names can be used. Slow to import, and seldom needed."""

import os
import warnings

import environ
import psycopg
import redis
from psycopg.conninfo import make_conninfo

from config.run.errors import StartError


def given_servers() -> None:
    """Try the servers that the environment names before anything is started for them."""
    if url := os.environ.get("DATABASE_URL"):
        database(url)
    if url := os.environ.get("REDIS_URL"):
        broker(url)


def database(url: str) -> None:
    """Raise StartError unless the PostgreSQL at `url` answers. Its password is never shown."""
    remedy = "Correct DATABASE_URL (postgres://user:password@host:5432/name), or unset it."
    named = _connection_arguments(url)
    if named is None:
        raise StartError("DATABASE_URL is not the address of a PostgreSQL database.", remedy=remedy)
    try:
        psycopg.connect(make_conninfo(**{"connect_timeout": "5", **named})).close()
    except psycopg.Error as error:
        first = str(error).strip().splitlines()[0].rstrip(".")
        raise StartError(f"The database does not answer: {first}.", remedy=remedy) from None


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
        said = str(error).rstrip(".")
        raise StartError(f"Redis does not answer: {said}.", remedy=remedy) from None
    except ValueError:
        raise StartError("REDIS_URL is not the address of a Redis.", remedy=remedy) from None
