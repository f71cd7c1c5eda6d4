"""Whoever is killed, and whenever: nothing half-made is found, and the next build works."""

import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reproducers.engine.environments import content, eviction, store, verification
from tests.engine.environments.small_dask import HERE, add_release, get
from tests.engine.indexes import Index

pytestmark = [pytest.mark.sandbox, pytest.mark.soak]

SECONDS = 120
BUILDER = """
import os, signal, sys
from reproducers.engine.environments import obtain
from reproducers.engine.job import EnvironmentSpec

python, phase = sys.argv[1:]

def emit(event):
    if phase and event.note.startswith(phase):
        os.kill(os.getpid(), signal.SIGKILL)

spec = EnvironmentSpec(dask="2025.3.0", python=python)
obtain(spec, emit=emit, cancelled=lambda: False).close()
"""


@pytest.fixture(autouse=True)
def dask(own_index: Index) -> Index:
    """An index with one release of a very small Dask."""
    add_release(own_index)
    return own_index


def builder(phase: str = "") -> "subprocess.Popen[bytes]":
    """A process that builds, and kills itself when that phase begins."""
    return subprocess.Popen([sys.executable, "-c", BUILDER, HERE, phase])


def check_that_all_is_well(home: Path) -> None:
    """The environment is there, whole and works, and nothing else is left."""
    with get() as environment:
        one = store.stored(environment.key)
    assert one is not None
    found = verification.verify(
        one, verification.Reader(), emit=lambda event: None, cancelled=lambda: False
    )
    assert found.reason == ""
    eviction.tidy()
    assert list((home / "building").iterdir()) == []
    before = content.total_bytes()
    assert content.drop_unused() == 0
    assert content.total_bytes() == before > 0


@pytest.mark.parametrize(
    "phase", ["resolving", "preparing", "downloading", "compiling", "checking", "ready"]
)
def test_a_build_that_is_killed_in_any_phase_is_as_if_it_had_never_been(
    home: Path, phase: str
) -> None:
    with builder(phase) as process:
        assert process.wait(SECONDS) == -signal.SIGKILL
    if phase != "ready":
        assert store.all_stored() == ()
    check_that_all_is_well(home)


def test_builders_that_are_killed_at_any_moment_do_not_disturb_each_other(home: Path) -> None:
    chance = random.Random(20261121)
    for _ in range(6):
        with builder() as first, builder() as second:
            time.sleep(chance.uniform(0.3, 2.5))  # any moment will do
            first.send_signal(signal.SIGKILL)
            assert second.wait(SECONDS) == 0
        for one in store.all_stored():
            eviction.remove(one.key)
        for path in (home / "resolutions").iterdir():
            path.unlink()
    check_that_all_is_well(home)


def test_eviction_and_builds_at_once_never_break_an_environment(home: Path) -> None:
    ended = threading.Event()

    def evict() -> None:
        while not ended.is_set():
            eviction.evict(limit_bytes=0)
            content.drop_unused()

    thread = threading.Thread(target=evict)
    thread.start()
    try:
        for _ in range(5):
            with get() as environment:
                assert (environment.folder / "pyvenv.cfg").is_file()
    finally:
        ended.set()
        thread.join()
    check_that_all_is_well(home)
