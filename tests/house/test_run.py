"""`make run`: everything in order, one clear line when something is wrong, and no process left."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from config.run import checks, servers
from config.run.console import Console
from config.run.errors import StartError
from config.run.supervisor import Supervisor, configuration, programs
from tests.house.leftovers import left_after, processes_about
from tests.house.waiting import wait_until
from tests.processes import Process, running

RUN = [sys.executable, "-m", "config.run"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(state: Path, **more: str) -> dict[str, str]:
    without = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    return {**without, "HEADWATER_STATE": str(state), "PORT": str(free_port()), **more}


@contextmanager
def headwater(state: Path, *, log: Path) -> Iterator[Process]:
    """`make run` without make, once it says where it answers."""
    with running(RUN, environment=environment(state), log=log) as process:
        wait_until(lambda: "Headwater answers at" in process.said(), process=process)
        yield process


def refusal(state: Path, **more: str) -> str:
    """The one line with which it does not start."""
    done = subprocess.run(
        RUN, env=environment(state, **more), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr.removesuffix("\n")


def test_it_starts_everything_says_where_and_ends_without_a_trace(
    state_folder: Path, tmp_path: Path
) -> None:
    with headwater(state_folder, log=tmp_path / "first") as process:
        told = re.search(r"answers at http://localhost:(\d+)/\n", process.said())
        assert told is not None
        all_of_it = " ".join(processes_about(state_folder))
        for part in ("config.embedded", "postgres", "redis", "uvicorn", "worker", "beat", "runner"):
            assert part in all_of_it
        assert f"process {process.popen.pid}" in refusal(state_folder)
        process.popen.terminate()
        assert process.popen.wait(60) == 0
        assert left_after(state_folder, seconds=0) == []


@pytest.mark.soak
@pytest.mark.parametrize("victim", ["itself", "run/supervisord.pid", "engines.lock"])
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def test_nothing_is_left_whoever_is_killed(
    victim: str, blow: signal.Signals, state_folder: Path, tmp_path: Path
) -> None:
    with headwater(state_folder, log=tmp_path / "log") as process:
        pid = process.popen.pid
        os.kill(pid if victim == "itself" else int((state_folder / victim).read_text()), blow)
    assert left_after(state_folder, seconds=60) == []


@pytest.mark.soak
def test_whatever_is_killed_comes_back(state_folder: Path, tmp_path: Path) -> None:
    with headwater(state_folder, log=tmp_path / "log") as process:
        for engine in ("engines.lock", "postgres/postmaster.pid", "redis/redis.pid"):
            owner = (state_folder / "engines.lock").read_text()
            os.kill(int((state_folder / engine).read_text().split()[0]), signal.SIGKILL)
            wait_until(partial(is_owned_anew, state_folder, owner), process=process)
        supervisor = supervisor_of(state_folder)
        for name in ("web", "worker", "beat", "runner"):
            killed = supervisor.pids()[name]
            os.kill(killed, signal.SIGKILL)
            wait_until(partial(runs_anew, supervisor, name, killed), process=process)
    assert left_after(state_folder, seconds=60) == []


def is_owned_anew(state: Path, owner: str) -> bool:
    ready = (state / "engines.ready").exists()
    return ready and (state / "engines.lock").read_text() not in ("", owner)


def supervisor_of(state: Path) -> Supervisor:
    return Supervisor(
        commands={}, state=state, run=state / "run", console=Console(), environment={}
    )


def runs_anew(supervisor: Supervisor, name: str, killed: int) -> bool:
    return supervisor.states()[name] == "RUNNING" and supervisor.pids()[name] != killed


def test_a_taken_port_is_named_with_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(number))
        with pytest.raises(StartError) as refused:
            checks.port()
    assert refused.value.message == f"Port {number} is taken."
    assert refused.value.remedy.startswith("Choose another: make run PORT=")


@pytest.mark.parametrize("written", ["http", "0", "65536", "-1", "80.5", "٨٠"])
def test_what_is_no_port_is_refused(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", written)
    with pytest.raises(StartError, match="is no port"):
        checks.port()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        StartError, match=r"Cannot write to .*/file/state: Not a directory"
    ) as refused:
        checks.folder(tmp_path / "file" / "state")
    assert "HEADWATER_STATE" in refused.value.remedy


@pytest.mark.parametrize(
    "url",
    [
        "postgres://somebody:a-secret@localhost:1/desk",
        "postgres://somebody:a-secret@localhost:port/desk",
        "postgres://somebody:a-secret@localhost/desk?no_such_option=1",
        "mysql://somebody:a-secret@localhost/desk",
        "a-secret",
    ],
)
def test_a_broken_database_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(StartError) as refused:
        servers.database(url)
    assert "a-secret" not in str(refused.value)
    assert refused.value.remedy.startswith("Correct DATABASE_URL")


@pytest.mark.parametrize("url", ["redis://localhost:1/0", "unix:///no/such.sock", "no address"])
def test_a_broken_redis_is_refused(url: str) -> None:
    with pytest.raises(StartError, match="Redis") as refused:
        servers.broker(url)
    assert refused.value.remedy.startswith("Correct REDIS_URL")


def test_a_given_database_wants_a_given_secret_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://localhost/desk")
    monkeypatch.delenv("SECRET_KEY")
    with pytest.raises(StartError, match="SECRET_KEY must be set"):
        checks.secret_key(tmp_path)


def test_the_embedded_database_gets_a_private_key_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY")
    checks.secret_key(tmp_path)
    first = (tmp_path / "secret-key").read_text()
    checks.secret_key(tmp_path)
    assert (tmp_path / "secret-key").read_text() == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert len(first) >= 50


def test_a_refusal_is_one_line_and_leaves_nothing_running(state_folder: Path) -> None:
    said = refusal(state_folder, DATABASE_URL="postgres://localhost:1/desk")
    assert said.startswith("The database does not answer: ")
    assert said.endswith(
        "Correct DATABASE_URL (postgres://user:password@host:5432/name), or unset it."
    )
    assert "\n" not in said
    assert left_after(state_folder, seconds=0) == []


def test_a_procfile_is_read_with_its_values(tmp_path: Path) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("# a note\nweb: serve --port $PORT\nbeat: tick --at $STATE/beat\n")
    assert programs(procfile, values={"PORT": "81", "STATE": "/s"}) == {
        "web": "serve --port 81",
        "beat": "tick --at /s/beat",
    }


def test_the_engines_start_first_and_the_rest_waits(tmp_path: Path) -> None:
    written = configuration(
        {"engines": "own", "web": "serve 100%"},
        state=tmp_path,
        run=tmp_path,
    )
    engines, web = written.split("[program:")[1:]
    assert "autostart=true" in engines
    assert "autostart=false" in web
    assert "serve 100%%" in web
    assert "[group:headwater]\nprograms=web\n" in written


def test_every_line_on_the_console_says_who_said_it(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"of an earlier run\n")
    shown = StringIO()
    console = Console(shown)
    console.follow("web", log)
    console.start()
    with log.open("ab", buffering=0) as web:
        web.write(b"ready\nhalf a li")
        web.write(b"ne\n\xff\n")
    log.rename(tmp_path / "web.log.1")
    log.write_bytes(b"after a rotation\n")
    console.finish()
    assert shown.getvalue().splitlines() == [
        "web     | ready",
        "web     | half a line",
        "web     | \ufffd",
        "web     | after a rotation",
    ]
    assert console.last_line("web") == "after a rotation"


def test_a_console_that_nobody_reads_any_more_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        console = Console(gone)
        console.say("hello")
        console.say("still there")
