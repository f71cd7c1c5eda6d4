"""`python -m config.embedded` owns PostgreSQL and Redis, whatever happened before."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from config.embedded.account import check_reachable, engine_account
from config.embedded.errors import EngineError
from config.embedded.postgres import Postgres
from config.embedded.redis import Redis
from config.embedded.server import stop_leftover
from tests.house.leftovers import left_after
from tests.house.waiting import wait_until
from tests.processes import Process, running

OWN = [sys.executable, "-m", "config.embedded"]


@contextmanager
def owner(state: Path, *, log: Path) -> Iterator[Process]:
    """`python -m config.embedded` in `state`, once both engines answer."""
    with running(OWN, environment=environment(state), log=log) as process:
        wait_until(lambda: postgres(state).answers() and redis_of(state).answers(), process=process)
        yield process


def environment(state: Path) -> dict[str, str]:
    without = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    return {**without, "HEADWATER_STATE": str(state)}


def postgres(state: Path) -> Postgres:
    return Postgres(
        folder=state / "postgres",
        sockets=state / "postgres-socket",
        account=engine_account(),
        log=state / "postgres.log",
    )


def redis_of(state: Path) -> Redis:
    return Redis(
        folder=state / "redis",
        socket_path=state / "redis-socket" / "redis.sock",
        account=engine_account(),
        log=state / "redis.log",
    )


def run(command: list[str], state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment(state), capture_output=True, text=True, check=False, timeout=60
    )


def test_being_asked_to_stop_ends_both_engines_and_is_no_failure(
    state_folder: Path, tmp_path: Path
) -> None:
    with owner(state_folder, log=tmp_path / "log") as process:
        process.popen.terminate()
        assert process.popen.wait(30) == 0
        assert left_after(state_folder, seconds=0) == []
        assert process.said() == ""


def test_a_killed_owner_takes_its_engines_along_and_the_next_one_starts(
    state_folder: Path, tmp_path: Path
) -> None:
    with owner(state_folder, log=tmp_path / "first") as process:
        process.popen.kill()
        process.popen.wait()
    with owner(state_folder, log=tmp_path / "second"):
        assert postgres(state_folder).answers()
    assert left_after(state_folder, seconds=20) == []


def test_a_second_owner_is_told_who_the_first_is(state_folder: Path, tmp_path: Path) -> None:
    with owner(state_folder, log=tmp_path / "log") as process:
        second = run(OWN, state_folder)
    assert second.returncode == 1
    assert second.stderr == (
        f"These engines are already running, under process {process.popen.pid}. "
        "Stop that one first, or name another folder in HEADWATER_STATE.\n"
    )


def test_a_command_has_the_engines_while_it_runs_and_gives_its_exit_status(
    state_folder: Path,
) -> None:
    ask = "import sys, psycopg; from config import places; psycopg.connect(places.database_url());"
    done = run([*OWN, sys.executable, "-c", f"{ask} sys.exit(7)"], state_folder)
    assert (done.returncode, done.stderr) == (7, "")
    assert left_after(state_folder, seconds=0) == []


def test_redis_keeps_nothing_and_its_socket_is_private(state_folder: Path) -> None:
    ours = redis_of(state_folder)
    ours.prepare()
    server = ours.server()
    server.start()
    try:
        server.wait_until_ready()
        with redis.Redis(unix_socket_path=str(ours.socket_path)) as client:
            assert client.config_get("save") == {"save": ""}
        assert ours.socket_path.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_data_of_another_postgresql_is_left_alone(state_folder: Path) -> None:
    (state_folder / "postgres").mkdir()
    (state_folder / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EngineError, match="is of PostgreSQL 14; the server is 18") as refused:
        postgres(state_folder).prepare()
    assert "Move the folder away" in refused.value.remedy


def test_a_stranger_with_a_leftover_process_id_is_not_stopped(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd="/") as stranger:
        pid_file = tmp_path / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n/elsewhere\n")
        stop_leftover(pid_file, folder=tmp_path, stop_signal=signal.SIGINT)
        assert stranger.poll() is None
        assert not pid_file.exists()
        stranger.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the engines as somebody else")
def test_a_private_folder_is_refused_by_name_and_stays_private(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(EngineError, match="is private"):
        check_reachable(private / "postgres", account=engine_account())
    assert private.stat().st_mode & 0o777 == 0o700
