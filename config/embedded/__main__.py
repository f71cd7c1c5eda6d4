"""Own PostgreSQL and Redis: start both, stop both, and end when one of them ends."""

import os
import signal
import sys
import time
from contextlib import ExitStack
from types import FrameType

from config import places
from config.embedded.account import engine_account
from config.embedded.errors import EngineError
from config.embedded.postgres import OWNER, Postgres
from config.embedded.redis import Redis
from config.embedded.server import Server
from config.only_one import Held, only_one


class Stopped(Exception):
    """Somebody asked this process to stop."""


def engines() -> tuple[Postgres | None, Redis | None]:
    """The engines of this checkout, less those that the environment names a server for."""
    state, account = places.state_folder(), engine_account()
    postgres = Postgres(
        folder=state / "postgres",
        sockets=places.postgres_socket_folder(),
        account=account,
        log=state / "postgres.log",
    )
    redis = Redis(
        folder=state / "redis",
        socket_path=places.redis_socket(),
        account=account,
        log=state / "redis.log",
    )
    return (
        None if os.environ.get("DATABASE_URL") else postgres,
        None if os.environ.get("REDIS_URL") else redis,
    )


def run() -> None:
    """Start the engines and watch them until one ends or a signal comes."""
    state = places.state_folder()
    state.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(state / "engines.lock"), ExitStack() as running:
            _own(running)
    except Held as held:
        raise EngineError(
            f"The engines of {state} are already running under process {held.holder}.",
            remedy="Stop that one first, or name another folder in HEADWATER_STATE.",
        ) from None


def _own(running: ExitStack) -> None:
    postgres, redis = engines()
    servers: list[Server] = []
    for engine in (postgres, redis):
        if engine is not None:
            engine.prepare()
            servers.append(engine.server())
    for server in servers:
        running.callback(server.stop)
        server.start()
    for server in servers:
        server.wait_until_ready()
    if postgres is not None:
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
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
