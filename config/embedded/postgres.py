"""PostgreSQL 18 with its data in a folder, reached through a socket that only its user may open."""

import shutil
import signal
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.account import Account, check_reachable, leashed
from config.embedded.errors import EngineError
from config.embedded.programs import postgres_programs
from config.embedded.server import Server, stop_leftover

OWNER = "headwater"
QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "2GB",
}


@dataclass(frozen=True)
class Postgres:
    """A cluster in `folder` that listens in `sockets` alone. The role `headwater` owns it."""

    folder: Path
    sockets: Path
    account: Account
    log: Path

    def prepare(self) -> None:
        """Make the cluster if there is none, and clear away what a killed owner left."""
        check_reachable(self.folder, account=self.account)
        check_reachable(self.sockets, account=self.account)
        self.account.owns(self.sockets)
        if self.folder.exists():
            self._check_version()
            stop_leftover(
                self.folder / "postmaster.pid", folder=self.folder, stop_signal=signal.SIGINT
            )
        else:
            self._initialise()

    def server(self, *, settings: dict[str, str] | None = None) -> Server:
        """The server of this cluster, not started yet."""
        wanted = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            **(settings or {}),
        }
        flags = [f"--{name}={value}" for name, value in wanted.items()]
        return Server(
            name="PostgreSQL",
            command=[postgres_programs() / "postgres", "-D", self.folder, *flags],
            account=self.account,
            log=self.log,
            stop_signal=signal.SIGINT,  # fast: open connections are ended, nothing is lost
            is_ready=self.answers,
        )

    def answers(self) -> bool:
        try:
            self._connect("template1").close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_database(self, name: str) -> None:
        with closing(self._connect("template1")) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets), user=OWNER, dbname=database, autocommit=True, connect_timeout=5
        )

    def _check_version(self) -> None:
        ours = "18"
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != ours:
            raise EngineError(
                f"The data in {self.folder} is of PostgreSQL {found}; the server is {ours}.",
                remedy="Move the folder away to start afresh, or upgrade it with pg_upgrade.",
            )

    def _initialise(self) -> None:
        """Make the cluster beside its place, then move it there: a kill leaves no half one."""
        making = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(making, ignore_errors=True)
        self.account.owns(making)
        command: list[str | Path] = [postgres_programs() / "initdb", "-D", making, "-U", OWNER]
        command += [
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        command += ["--locale=C", "--no-instructions"]
        made = subprocess.run(  # noqa: S603 -- our own program, no shell
            leashed(command, on_parents_death=signal.SIGKILL, account=self.account),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if made.returncode != 0:
            raise EngineError(
                f"PostgreSQL could not make its data folder: {made.stderr.strip()}",
                remedy=f"Look at the room and the permissions of {self.folder.parent}.",
            )
        making.rename(self.folder)
