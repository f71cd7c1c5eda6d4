"""supervisord with the programs of the Procfile: restarts what dies, stops all in order."""

import os
import re
import shlex
import signal
import string
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from config import places
from config.embedded.account import leashed
from config.run.console import Console
from config.run.errors import StartError

ENGINES = "engines"
PROGRAM = """
[program:{name}]
command={command}
directory={directory}
autostart={autostart}
autorestart=true
startsecs=2
startretries=4
stopwaitsecs={patience}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=1
"""
SUPERVISORD = """
[supervisord]
nodaemon=true
silent=true
logfile={state}/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={run}/supervisord.pid
identifier=headwater
{user}
[unix_http_server]
file={run}/control
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""


def programs(procfile: Path, *, values: Mapping[str, str]) -> dict[str, str]:
    """The commands of `procfile` by name, with $NAME replaced from `values`."""
    lines = re.findall(r"^(\w+):\s*(.+)$", procfile.read_text(), flags=re.MULTILINE)
    return {name: string.Template(command).substitute(values) for name, command in lines}


def configuration(commands: Mapping[str, str], *, state: Path, run: Path) -> str:
    """supervisord's configuration: engines start at once and stop last, others when told."""
    user = "user=root" if os.geteuid() == 0 else ""  # else it warns that it was not told
    parts = [SUPERVISORD.format(state=_escaped(state), run=_escaped(run), user=user)]
    for name, command in commands.items():
        # Without its broker, which dies as well, Celery can wait for ever to end gently.
        blow = signal.SIGKILL if name == "worker" else signal.SIGTERM
        argv = leashed(shlex.split(command), on_parents_death=blow)
        parts.append(
            PROGRAM.format(
                name=name,
                command=_escaped(shlex.join(argv)),
                directory=_escaped(places.CHECKOUT),
                autostart="true" if name == ENGINES else "false",
                patience=30 if name == ENGINES else 15,
                log=_escaped(state / f"{name}.log"),
            )
        )
    others = [name for name in commands if name != ENGINES]
    parts.append(f"[group:headwater]\nprograms={','.join(others)}\npriority=1000\n")
    return "".join(parts)


def _escaped(value: object) -> str:
    return str(value).replace("%", "%%")


@dataclass
class Supervisor:
    """A supervisord in the foreground, as our child and on a leash: it ends with us."""

    commands: Mapping[str, str]
    state: Path
    run: Path
    console: Console
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start supervisord, and with it the engines."""
        self.run.mkdir(mode=0o700, exist_ok=True)
        self.run.chmod(0o700)
        for name in self.commands:
            self.console.follow(name, self.state / f"{name}.log")
        written = self.run / "supervisord.conf"
        written.write_text(configuration(self.commands, state=self.state, run=self.run))
        self.process = subprocess.Popen(  # noqa: S603 -- our own configuration, no shell
            leashed(
                [sys.executable, "-m", "supervisor.supervisord", "-c", written],
                on_parents_death=signal.SIGTERM,
            ),
            stdin=subprocess.DEVNULL,
            env=dict(self.environment),
            process_group=0,  # Ctrl-C reaches only us, and we stop it in order
        )
        self.console.start()

    def start_program(self, name: str) -> None:
        """Start one of the programs that wait to be told, and do not wait until it is up."""
        group = "" if name == ENGINES else "headwater:"
        with self._control() as control:
            control.startProcess(f"{group}{name}", False)

    def states(self) -> dict[str, str]:
        """The state of each program in supervisord's words: RUNNING, BACKOFF, FATAL ..."""
        with self._control() as control:
            return {row["name"]: row["statename"] for row in control.getAllProcessInfo()}

    def pids(self) -> dict[str, int]:
        """The process of each program, 0 where there is none."""
        with self._control() as control:
            return {row["name"]: row["pid"] for row in control.getAllProcessInfo()}

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def check(self) -> None:
        """Raise StartError if supervisord is gone or has given up on a program."""
        for name in self._given_up():
            said = self.console.last_line(name)
            raise StartError(f"{name} ended again and again: {said}", remedy="Its lines are above.")

    def revive(self) -> None:
        """Start again what supervisord has given up on: its cause may have gone away."""
        for name in self._given_up():
            self.console.say(f"{name} keeps ending; it is started again.")
            self.start_program(name)

    def _given_up(self) -> list[str]:
        if not self.is_running():
            raise StartError(
                "The process supervisor ended.", remedy=f"See {self.state}/supervisord.log."
            )
        try:
            return [name for name, state in self.states().items() if state == "FATAL"]
        except (OSError, xmlrpc.client.Error):
            return []  # not listening yet

    def stop(self, *, seconds: float = 60) -> None:
        """Stop everything in order, and by force when that takes too long."""
        if self.process is None:
            return
        self.process.terminate()
        give_up = time.monotonic() + seconds
        while self.is_running() and time.monotonic() < give_up:
            time.sleep(0.05)
        if self.is_running():
            self.process.kill()
        self.process.wait()
        self.console.finish()

    @contextmanager
    def _control(self) -> Iterator[Any]:  # what an XML-RPC server offers has no types
        transport = SupervisorTransport(serverurl=f"unix://{self.run}/control")
        try:
            yield xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor
        finally:
            transport.close()
