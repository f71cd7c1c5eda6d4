"""Locks wait for one another, may be cancelled, and end with their holder."""

import threading
from pathlib import Path

import pytest

from reproducers.engine.environments.locks import (
    Lease,
    exclusive,
    exclusive_if_free,
    remove_if_free,
    shared,
)
from reproducers.engine.environments.progress import Progress
from reproducers.engine.events import Cancellation, Event


def quiet(_event: Event) -> None:
    """Takes an event and does nothing with it."""


def never() -> bool:
    return False


def test_one_waits_for_the_other_and_says_what_for(tmp_path: Path) -> None:
    path, order, notes = tmp_path / "lock", list[str](), list[str]()

    def second() -> None:
        progress = Progress(lambda event: notes.append(event.note), never)
        with exclusive(path, progress, waiting_for="the first"):
            order.append("second")

    with exclusive(path, Progress(quiet, never), waiting_for="nobody"):
        thread = threading.Thread(target=second)
        thread.start()
        while not notes:
            thread.join(0.01)
        order.append("first")
    thread.join()
    assert (order, notes) == (["first", "second"], ["waiting for the first"])


def test_who_waits_can_be_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with (
        exclusive(path, Progress(quiet, never), waiting_for="nobody"),
        pytest.raises(Cancellation),
        exclusive(path, Progress(quiet, lambda: True), waiting_for="the first"),
    ):
        pytest.fail("two held the lock")  # pragma: no cover - the claim of this test


def test_a_lease_keeps_others_from_holding_it_alone_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = Lease.take(path), Lease.take(path)
    first.close()
    first.close()
    with exclusive_if_free(path) as alone:
        assert not alone
    second.close()
    with exclusive_if_free(path) as alone:
        assert alone


def test_a_lease_that_is_forgotten_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lease = Lease.take(path)
    del lease
    with exclusive_if_free(path) as alone:
        assert alone


def test_a_lock_is_never_taken_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        Lease.take(tmp_path / "lock")


def test_several_hold_a_lock_together_and_none_beside_one_alone(tmp_path: Path) -> None:
    path, progress = tmp_path / "lock", Progress(quiet, never)
    with (
        shared(path, progress, waiting_for="nobody"),
        shared(path, progress, waiting_for="nobody"),
        exclusive_if_free(path) as alone,
    ):
        assert not alone
        assert not remove_if_free(path)
    assert remove_if_free(path)
    assert not path.exists()


@pytest.mark.parametrize("wait", ["lease", "exclusive"])
def test_who_waited_for_a_lock_that_was_removed_gets_the_new_one(tmp_path: Path, wait: str) -> None:
    path = tmp_path / "lock"
    got = threading.Event()

    def waiting() -> None:
        if wait == "lease":
            Lease.take(path).close()
        else:
            with exclusive(path, Progress(quiet, never), waiting_for="the first"):
                pass
        got.set()

    thread = threading.Thread(target=waiting)
    with exclusive_if_free(path) as alone:
        assert alone
        thread.start()
        thread.join(0.2)  # time to begin to wait; without it the test shows less, and passes
        path.unlink()
    thread.join()
    assert got.is_set()
    assert path.is_file()


def test_a_lock_that_goes_between_opening_and_locking_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive_if_free(path) as alone:
        assert alone
        path.unlink()
        path.touch()
        with exclusive_if_free(path) as other:  # the one of that name is another file now
            assert other
