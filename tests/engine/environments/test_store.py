"""What is finished stays until it is the least used, and what is half made never counts."""

import os
import shutil
from pathlib import Path

import pytest

from reproducers.engine.environments import store
from reproducers.engine.environments.locks import exclusive
from reproducers.engine.environments.progress import Progress
from reproducers.engine.errors import EnvironmentServiceError


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Every test has a home of its own."""


def make(key: str, *, used_at: float = 1000.0, kibibytes: int = 100) -> None:
    """A finished environment of that size."""
    with store.building(key) as work:
        (work / "tree").mkdir()
        (work / "tree" / "package.py").write_bytes(b"x" * 1024 * kibibytes)
        store.finish(key, work, {"lock": key})
    os.utime(store.tree_of(key).parent / "used", (used_at, used_at))


def keys() -> list[str]:
    return [one.key for one in store.all_stored()]


def test_what_is_finished_is_found_under_its_key(home: Path) -> None:
    make("aa")
    found = store.stored("aa")
    assert found is not None
    assert (found.key, found.folder, found.facts["lock"]) == ("aa", home / "environments/aa", "aa")
    assert found.bytes >= 100 * 1024
    assert (store.tree_of("aa") / "package.py").is_file()
    assert list((home / "building").iterdir()) == []


def test_what_is_not_finished_is_not_found(home: Path) -> None:
    with store.building("aa") as work:
        (work / "tree").mkdir()
    assert store.stored("aa") is None
    assert store.hold("aa") is None
    assert list((home / "building").iterdir()) == []


def test_what_a_killed_builder_left_is_swept_away_by_the_next(home: Path) -> None:
    left = home / "building" / "aa-1234"
    (left / "tree").mkdir(parents=True)
    make("bb")
    assert not left.exists()


def test_what_a_living_builder_works_on_is_left_alone(home: Path) -> None:
    progress = Progress(lambda event: None, lambda: False)
    with (
        exclusive(store.build_lock("aa"), progress, waiting_for="nobody"),
        store.building("aa") as work,
    ):
        make("bb")
        assert work.is_dir()


def test_the_least_recently_used_goes_first() -> None:
    make("aa", used_at=3000)
    make("bb", used_at=1000)
    make("cc", used_at=2000)
    one = store.all_stored()[0].bytes
    assert keys() == ["bb", "cc", "aa"]
    assert store.evict(limit_bytes=2 * one) == ("bb",)
    assert store.evict(limit_bytes=0) == ("cc", "aa")
    assert store.evict(limit_bytes=0) == ()


def test_what_was_just_built_is_spared() -> None:
    make("aa", used_at=1000)
    make("bb", used_at=2000)
    assert store.evict(limit_bytes=0, sparing="aa") == ("bb",)
    assert keys() == ["aa"]


def test_what_fits_stays() -> None:
    make("aa")
    assert store.evict() == ()
    assert keys() == ["aa"]


def test_what_is_held_is_never_removed_and_counts_as_used() -> None:
    make("aa", used_at=1000)
    make("bb", used_at=2000)
    lease = store.hold("aa")
    assert lease is not None
    assert keys() == ["bb", "aa"]
    assert store.evict(limit_bytes=0) == ("bb",)
    lease.close()
    assert store.remove("aa")
    assert not store.remove("aa")


def test_an_environment_cannot_be_finished_twice() -> None:
    make("aa")
    with pytest.raises(EnvironmentServiceError, match="The environment cannot be stored"):
        make("aa")


def test_a_full_disk_costs_what_is_least_used_and_is_then_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make("aa")
    monkeypatch.setattr(store, "FREE_BYTES", shutil.disk_usage("/").total * 2)
    with pytest.raises(EnvironmentServiceError, match="is almost full"):
        make("bb")
    assert keys() == []


def test_a_refusal_is_believed_for_a_day(home: Path) -> None:
    assert store.refusal("aa") is None
    store.refuse("aa", {"reason": "no"})
    assert store.refusal("aa") == {"reason": "no"}
    [path] = (home / "refusals").iterdir()
    os.utime(path, (0, 0))
    assert store.refusal("aa") is None


def test_the_downloads_are_thrown_away_when_they_are_too_many() -> None:
    (store.downloads() / "wheel").write_bytes(b"x" * 10_000)
    store.bound_downloads()
    assert (store.downloads() / "wheel").is_file()
    store.bound_downloads(limit_bytes=100)
    assert list(store.downloads().iterdir()) == []


def test_links_are_not_followed_when_sizes_are_added_up(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "link").symlink_to("/usr")
    assert store.disk_bytes(tmp_path / "folder") < 10_000
