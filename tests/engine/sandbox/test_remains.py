"""What is found of sandboxes that have left something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reproducers.engine.sandbox import remains, slots

pytestmark = pytest.mark.sandbox

WAIT = "import sys; sys.stdin.read()"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has users of slots")
def test_a_process_of_a_slots_user_is_found_once_nobody_holds_the_slot(tmp_path: Path) -> None:
    pool = slots.Pool(locks=tmp_path, first_user=2_147_100_000)  # whom no engine sweeps
    uid = 2_147_100_007

    def left() -> list[str]:
        return list(remains.left([uid], word="no such word", pool=pool))

    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, user=uid) as process:
        try:
            assert left() == [f"process {process.pid}"]
            with slots.held(tmp_path / "7"):
                assert left() == []
        finally:
            process.kill()
    assert left() == []


def test_a_process_with_the_word_is_found_whoever_runs_it() -> None:
    word = f"headwater-word-{os.getpid()}"
    with subprocess.Popen([sys.executable, "-c", WAIT, word], stdin=subprocess.PIPE) as process:
        try:
            assert list(remains.left([], word=word)) == [f"process {process.pid}"]
        finally:
            process.kill()


def test_users_of_no_slot_are_none_of_ours() -> None:
    assert list(remains.left([0, 4_000_000_000], word="no such word")) == []


def test_the_dead_are_not_there() -> None:
    with subprocess.Popen(["/bin/true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert remains.lives(process.pid) is False
    assert remains.lives(process.pid) is False
    assert remains.lives(os.getpid()) is True


def test_mounts_are_what_this_process_sees() -> None:
    assert " / / " in remains.mounts()
