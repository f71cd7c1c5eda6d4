"""Own PostgreSQL and Redis: start both, stop both, and end when one of them ends."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from config import places
from config.embedded.account import engine_account
from config.embedded.errors import EngineError
from config.embedded.postgres import OWNER, Postgres
from config.embedded.redis import Redis
from config.embedded.server import Server


class Stopped(Exception):
    """Somebody asked this process to stop."""


@contextmanager
def sole_owner(state: Path) -> Iterator[None]:
    """Hold the lock on `state`; the kernel gives it back however this process ends."""
    with (state / "engines.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise EngineError(
                f"The engines of {state} are already running under process {lock.read().strip()}.",
                remedy="Stop that one first, or name another folder in HEADWATER_STATE.",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def engines() -> tuple[Postgres, Redis]:
    """Both engines of this checkout, in their places."""
    state, account = places.state_folder(), engine_account()
    postgres = Postgres(
        folder=state / "postgres",
        sockets=places.postgres_socket_folder(),
        account=account,
        log=state / "postgres.log",
    )
    redis_socket = places.redis_socket()
    redis = Redis(
        folder=state / "redis", socket_path=redis_socket, account=account, log=state / "redis.log"
    )
    return postgres, redis


def run() -> None:
    """Start both engines and watch them until one ends or a signal comes."""
    state = places.state_folder()
    state.mkdir(parents=True, exist_ok=True)
    with sole_owner(state), ExitStack() as running:
        postgres, redis = engines()
        postgres.prepare()
        redis.prepare()
        servers = [postgres.server(), redis.server()]
        for server in servers:
            running.callback(server.stop)
            server.start()
        for server in servers:
            server.wait_until_ready()
        postgres.ensure_database(OWNER)
        _watch(servers)


def _watch(servers: list[Server]) -> None:
    while all(server.is_running() for server in servers):
        time.sleep(0.5)
    ended = next(server for server in servers if not server.is_running())
    raise EngineError(
        f"{ended.name} ended by itself: {ended.last_words()}", remedy=f"Its log is {ended.log}."
    )


def _stop(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # asked once is enough: let the stopping finish
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise Stopped


def main() -> int:
    """Exit 0 when asked to stop, 1 with one line on stderr when an engine failed."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        run()
    except Stopped:
        return 0
    except (EngineError, OSError) as error:
        remedy = error.remedy if isinstance(error, EngineError) else ""
        sys.stderr.write(f"{error} {remedy}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
