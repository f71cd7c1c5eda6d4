"""Redis on a socket, keeping nothing: what it holds can be lost."""

import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from config.embedded.account import Account, check_reachable
from config.embedded.programs import redis_program
from config.embedded.server import Server, stop_leftover


@dataclass(frozen=True)
class Redis:
    """A Redis that works in `folder` and listens on `socket_path` alone."""

    folder: Path
    socket_path: Path
    account: Account
    log: Path

    def prepare(self) -> None:
        for folder in (self.folder, self.socket_path.parent):
            check_reachable(folder, account=self.account)
            self.account.owns(folder)
        stop_leftover(self._pid_file, folder=self.folder, stop_signal=signal.SIGTERM)
        self.socket_path.unlink(missing_ok=True)

    def server(self) -> Server:
        """The server, not started yet."""
        wanted = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "dir": str(self.folder),
            "pidfile": str(self._pid_file),
        }
        flags = [word for name, value in wanted.items() for word in (f"--{name}", value)]
        return Server(
            name="Redis",
            command=[redis_program(), *flags],
            account=self.account,
            log=self.log,
            stop_signal=signal.SIGTERM,
            is_ready=self.answers,
        )

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    @property
    def _pid_file(self) -> Path:
        return self.folder / "redis.pid"
