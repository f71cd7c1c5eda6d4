"""Places for sandboxes: never shared, never lost, and each with a user that nobody else is."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import slots, state
from reproducers.engine.sandbox.slots import UNUSED, Pool, Slot, first_user, reserve

WHOLE_HOST = "         0          0 4294967295\n"
CONTAINER = "         0     100000      65536\n"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives sandboxes other users")


# Not the machine's own, nor those of another test process: what they run is killed.
OTHER_USERS = 1_890_000_000 + 2 * os.getpid()


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool(locks=tmp_path, first_user=OTHER_USERS, count=2)


def test_two_sandboxes_never_share_a_user(pool: Pool) -> None:
    with reserve(pool) as one, reserve(pool) as other:
        assert one == Slot(number=0, uid=OTHER_USERS)
        assert other == Slot(number=1, uid=OTHER_USERS + 1)


def test_a_slot_is_free_again_afterwards(pool: Pool) -> None:
    numbers = []
    for _ in range(2):
        with reserve(pool) as slot:
            numbers.append(slot.number)
    assert numbers == [0, 0]


def test_when_all_are_taken_one_has_to_wait(pool: Pool) -> None:
    with (
        reserve(pool),
        reserve(pool),
        pytest.raises(IsolationError, match="All 2 places for sandboxes are taken"),
        reserve(pool),
    ):
        pass


@AS_ROOT
def test_what_a_killed_host_left_in_a_slot_is_killed(pool: Pool) -> None:
    left = subprocess.Popen(["/bin/sleep", "60"], user=OTHER_USERS)
    buried = threading.Thread(target=left.wait)
    buried.start()
    with reserve(pool) as slot:
        assert slot.uid == OTHER_USERS
    buried.join()
    assert left.returncode == -9


@AS_ROOT
def test_what_a_killed_host_left_in_any_slot_is_killed(pool: Pool) -> None:
    left = subprocess.Popen(["/bin/sleep", "60"], user=OTHER_USERS + 1)
    buried = threading.Thread(target=left.wait)
    buried.start()
    with reserve(pool) as slot:
        assert slot.uid == OTHER_USERS
        buried.join(5)
    assert left.returncode == -9


@AS_ROOT
def test_who_holds_a_slot_is_left_alone(pool: Pool) -> None:
    with reserve(pool) as slot, subprocess.Popen(["/bin/sleep", "60"], user=slot.uid) as running:
        with reserve(pool) as other:
            assert other.number == 1
        assert running.poll() is None
        running.kill()


@AS_ROOT
def test_a_slot_that_cannot_be_emptied_is_passed_over(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "EMPTYING_SECONDS", 0.01)
    zombie = subprocess.Popen(["/bin/sleep", "60"], user=OTHER_USERS)  # until it is waited for
    with zombie, reserve(pool) as slot:
        assert slot.number == 1


def test_the_machine_has_one_pool_for_all_processes_of_a_user() -> None:
    assert slots.machines_pool() == slots.machines_pool()


def test_a_user_tells_its_slot(pool: Pool) -> None:
    assert pool.slot_of(OTHER_USERS + 1) == Slot(number=1, uid=OTHER_USERS + 1)
    assert pool.slot_of(OTHER_USERS + 2) is None
    assert pool.slot_of(0) is None
    assert Pool(locks=pool.locks, first_user=None).slot_of(0) is None


def test_who_is_not_root_stays_who_he_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    monkeypatch.setattr(state, "runtime", lambda: tmp_path)
    assert slots.machines_pool().first_user is None
    assert Pool(locks=tmp_path, first_user=None).slot(3) == Slot(number=3, uid=None)


def test_users_are_taken_from_where_nobody_gives_out_any() -> None:
    assert first_user(WHOLE_HOST, 0) == UNUSED.start
    assert all(first_user(WHOLE_HOST, salt) in UNUSED for salt in (1, 10**5, 2**32 - 1))


def test_another_machines_folder_means_other_users() -> None:
    assert len({first_user(WHOLE_HOST, salt) // slots.COUNT for salt in range(100)}) == 100


def test_in_a_container_they_are_its_last_ones() -> None:
    first = first_user(CONTAINER, 7)
    assert first > 60_000
    assert first + slots.COUNT < 65_534


def test_the_second_line_of_a_map_counts_too() -> None:
    assert first_user("0 1000 1\n1 100000 65536\n", 7) > 60_000


def test_a_container_with_too_few_users_is_told_so() -> None:
    with pytest.raises(IsolationError, match="too few users") as caught:
        first_user("0 1000 1\n", 7)
    assert "Map 65536 users" in caught.value.remedy


def test_slots_of_pools_that_lie_elsewhere_have_other_names(tmp_path: Path) -> None:
    here, there = (Pool(locks=tmp_path, first_user=None, place=place) for place in (1, 2))
    assert here.slot(3).name == "00000001-3"
    assert there.slot(3).name != here.slot(3).name
