"""How much memory there is for what only waits."""

from pathlib import Path

import pytest

from reproducers.engine.warm import room
from reproducers.engine.warm.room import Memory, has_room, is_short, memory, needed

MEBIBYTE = 1024**2
MEMINFO = "MemTotal: 8192 kB\nMemFree: 10 kB\nMemAvailable: 4096 kB\nHugePages:\n"


@pytest.fixture
def meminfo(tmp_path: Path) -> Path:
    path = tmp_path / "meminfo"
    path.write_text(MEMINFO)
    return path


def test_the_machine_says_what_is_available(meminfo: Path, tmp_path: Path) -> None:
    found = memory(meminfo=meminfo, cgroup=tmp_path)
    assert found == Memory(total=8 * MEBIBYTE, available=4 * MEBIBYTE)


def bounded(folder: Path, limit: str, used: str, bound: str | int) -> Path:
    for name, value in ((limit, bound), (used, MEBIBYTE)):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{value}\n")
    return folder


@pytest.mark.parametrize(("limit", "used"), room._BOUNDS)
def test_a_container_has_what_it_was_given(
    limit: str, used: str, meminfo: Path, tmp_path: Path
) -> None:
    narrow = bounded(tmp_path, limit, used, 3 * MEBIBYTE)
    assert memory(meminfo=meminfo, cgroup=narrow) == Memory(
        total=3 * MEBIBYTE, available=2 * MEBIBYTE
    )


@pytest.mark.parametrize("bound", ["max", 9_223_372_036_854_771_712])
def test_a_container_without_a_bound_has_the_machine(
    bound: str | int, meminfo: Path, tmp_path: Path
) -> None:
    wide = bounded(tmp_path, "memory.max", "memory.current", bound)
    assert memory(meminfo=meminfo, cgroup=wide).total == 8 * MEBIBYTE


def test_this_machine_has_memory() -> None:
    found = memory()
    assert 0 < found.available <= found.total


def test_a_cluster_that_waits_needs_a_place_for_each_process() -> None:
    alone = needed(workers=2, has_cluster=False)
    assert needed(workers=2, has_cluster=True) == alone + 3 * room.WORKER_BYTES


@pytest.mark.parametrize(
    ("available", "fits"), [(1000, True), (401, True), (400, True), (399, False), (0, False)]
)
def test_what_runs_may_take_all_of_its_memory_before_anything_waits(
    available: int, fits: bool
) -> None:
    now = Memory(total=1000, available=available)
    assert has_room(now, waiting_bytes=100, running_bytes=200) is fits


def test_memory_is_short_where_less_than_a_tenth_is_left() -> None:
    assert is_short(Memory(total=1000, available=99))
    assert not is_short(Memory(total=1000, available=100))
