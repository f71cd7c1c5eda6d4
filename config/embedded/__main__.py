"""Own PostgreSQL and Redis: start both, stop both, and end when one of them ends.

With a command as arguments: run that while they are up.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import NoReturn

from config import places
from config.embedded.account import engine_account, leashed
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


@contextmanager
def engines_up() -> Iterator[list[Server]]:
    """Both engines running and answering. Raises Held where another process owns them."""
    state = places.state_folder()
    state.mkdir(parents=True, exist_ok=True)
    with only_one(state / "engines.lock"), ExitStack() as running:
        ready = places.engines_are_ready()
        ready.unlink(missing_ok=True)  # left by one that was killed
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
        running.callback(ready.unlink, missing_ok=True)
        ready.touch()
        yield servers


def own() -> int:
    """Run the engines until one ends or a signal comes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        with engines_up() as servers:
            _watch(servers)
    except Stopped:
        return 0
    except Held as held:
        raise EngineError(
            f"These engines are already running, under process {held.holder}.",
            remedy="Stop that one first, or name another folder in HEADWATER_STATE.",
        ) from None


def _watch(servers: list[Server]) -> NoReturn:
    while all(server.is_running() for server in servers):
        time.sleep(0.5)
    ended = next(server for server in servers if not server.is_running())
    raise EngineError(
        f"{ended.name} ended by itself: {ended.last_words()}", remedy=f"Its log is {ended.log}."
    )


def run(command: list[str]) -> int:
    """Run `command` with the engines up: those that are running, else our own for the while."""
    signal.signal(signal.SIGINT, _ignore)  # Ctrl-C is the command's, as in a Django shell
    with ExitStack() as running:
        with suppress(Held):
            running.enter_context(engines_up())
        on_a_leash = leashed(command, on_parents_death=signal.SIGTERM)
        return subprocess.run(on_a_leash, check=False).returncode  # noqa: S603 -- the caller's own


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ignore)  # asked once is enough: let the stopping finish
    raise Stopped


def _ignore(_number: int, _frame: FrameType | None) -> None:
    return  # and not SIG_IGN, which a command would inherit


def main(command: list[str]) -> int:
    """Exit with the command's status, or 1 with one line on stderr when an engine failed."""
    try:
        return run(command) if command else own()
    except (EngineError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
