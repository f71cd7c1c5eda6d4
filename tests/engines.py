"""A pytest plugin: the suite's own PostgreSQL and Redis, from the same wheels as `make run`'s.

It is a plugin (`-p tests.engines`) and no conftest, because pytest-django reads the settings before
any conftest is loaded, and they have to name these sockets. PostgreSQL is one for the whole
session and is started when the first test wants a database; each xdist worker has its own Redis.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from config.embedded.account import engine_account
from config.embedded.postgres import QUICK, Postgres
from config.embedded.redis import Redis
from config.embedded.server import Server

PREFIX = "headwater-tests-"
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "EMAIL_URL",
    "PUBLIC_URL",
    "PORT",
    "REPRO_NIGHTLY_INDEX",
)
OURS_BY_PREFIX = ("GITHUB_", "STRIPE_")


class Engines:
    """The servers that this process started, and the folder that they live in."""

    def __init__(self) -> None:
        self.is_worker = "PYTEST_XDIST_WORKER" in os.environ
        self.folder = Path(os.environ["HEADWATER_STATE"]) if self.is_worker else _new_folder()
        self.postgres = Postgres(
            folder=self.folder / "postgres",
            sockets=self.folder / "postgres-socket",
            account=engine_account(),
            log=self.folder / "postgres.log",
        )
        self._servers: list[Server] = []

    def name_in_environment(self) -> None:
        """Let the settings find these engines, and nothing of the developer's own."""
        for name in [*os.environ]:
            if name in OURS or name.startswith(OURS_BY_PREFIX):
                del os.environ[name]
        os.environ["HEADWATER_STATE"] = str(self.folder)
        os.environ["SECRET_KEY"] = "for-tests-only-" + "0123456789abcdef" * 3

    def start_redis(self) -> None:
        """Start this process' own Redis and name it in REDIS_URL."""
        name = os.environ.get("PYTEST_XDIST_WORKER", "main")
        socket_path = self.folder / name / "redis.sock"
        redis = Redis(
            folder=self.folder / f"{name}-work",
            socket_path=socket_path,
            account=engine_account(),
            log=self.folder / f"{name}.log",
        )
        redis.prepare()
        self._start(redis.server())
        os.environ["REDIS_URL"] = f"unix://{socket_path}"

    def ensure_postgres(self) -> None:
        """Start PostgreSQL unless it answers. In an xdist worker the controller has started it."""
        with (self.folder / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.postgres.answers():
                self.postgres.prepare()
                self._start(self.postgres.server(settings=QUICK))

    def stop(self) -> None:
        with ExitStack() as stack:
            if not self.is_worker:
                stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            for server in self._servers:
                stack.callback(server.stop)

    def _start(self, server: Server) -> None:
        self._servers.append(server)
        server.start()
        server.wait_until_ready()


def _new_folder() -> Path:
    """A short path, since a socket's may have 107 bytes; what killed sessions left is removed."""
    root = Path(tempfile.gettempdir())
    for old in root.glob(f"{PREFIX}*"):
        with suppress(ValueError):
            if not Path(f"/proc/{int(old.name.removeprefix(PREFIX))}").exists():
                shutil.rmtree(old, ignore_errors=True)
    folder = root / f"{PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o711)
    folder.chmod(0o711)
    return folder


ENGINES = pytest.StashKey[Engines]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    engines = Engines()
    early_config.stash[ENGINES] = engines
    early_config.add_cleanup(engines.stop)
    engines.name_in_environment()
    engines.start_redis()
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """With xdist the controller owns PostgreSQL: it lives longer than any worker."""
    config = session.config
    if config.getoption("numprocesses", default=None) and not hasattr(config, "workerinput"):
        config.stash[ENGINES].ensure_postgres()
