"""The disk is bounded by what is least used; what is held, or being built, is left alone."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from reproducers.engine.environments import content, eviction, room, store
from reproducers.engine.environments.locks import exclusive
from reproducers.engine.environments.manifest import NAME
from reproducers.engine.environments.progress import Progress
from reproducers.engine.environments.workplace import building
from reproducers.engine.errors import EnvironmentServiceError
from tests.engine.environments.made import KIBIBYTE, keys, make

LARGE = b"shared" * 50 * KIBIBYTE


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Every test has a home of its own."""


def alone() -> Progress:
    return Progress(lambda event: None, lambda: False)


def test_the_least_recently_used_goes_first() -> None:
    make("aa", used_at=3000)
    make("bb", used_at=1000)
    make("cc", used_at=2000)
    third = eviction.total_bytes() // 3
    assert keys() == ["bb", "cc", "aa"]
    assert eviction.evict(limit_bytes=2 * third).keys == ("bb",)
    assert eviction.evict(limit_bytes=0) == eviction.Evicted(keys=("cc", "aa"), bytes=0)
    assert eviction.evict(limit_bytes=0) == eviction.Evicted(keys=(), bytes=0)


def test_files_that_environments_share_count_once_and_stay_while_one_has_them() -> None:
    make("aa", {"large.so": LARGE, "aa.py": b"a"}, used_at=1000)
    make("bb", {"large.so": LARGE, "bb.py": b"b"}, used_at=2000)
    assert len(LARGE) < eviction.total_bytes() < 2 * len(LARGE)
    assert eviction.evict(limit_bytes=eviction.total_bytes()).keys == ()
    evicted = eviction.evict(limit_bytes=eviction.total_bytes() - 1)
    assert (evicted.keys, evicted.bytes) == (("aa",), eviction.total_bytes())
    assert (store.tree_of("bb") / "large.so").read_bytes() == LARGE
    assert eviction.remove("bb")
    assert (content.total_bytes(), eviction.total_bytes()) == (0, 0)


def test_what_no_environment_has_goes_before_any_environment(tmp_path: Path) -> None:
    make("aa")
    before = eviction.total_bytes()
    (tmp_path / "left").write_bytes(LARGE)
    content.Sharing(spare=tmp_path / "spare", is_on=True)(tmp_path / "left")
    (tmp_path / "left").unlink()
    assert eviction.evict(limit_bytes=before).keys == ()
    assert eviction.evict(limit_bytes=before - 1).keys == ("aa",)


def test_what_was_just_built_is_spared() -> None:
    make("aa", used_at=1000)
    make("bb", used_at=2000)
    assert eviction.evict(limit_bytes=0, sparing=("aa",)).keys == ("bb",)
    assert keys() == ["aa"]


def test_what_fits_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    make("aa")
    assert eviction.evict().keys == ()
    monkeypatch.setenv("REPRO_SIZE", "1 KiB")
    assert eviction.evict().keys == ("aa",)


def test_what_is_held_is_never_removed() -> None:
    make("aa", used_at=1000)
    make("bb", used_at=2000)
    lease = store.hold("aa")
    assert lease is not None
    assert eviction.evict(limit_bytes=0).keys == ("bb",)
    lease.close()
    assert eviction.remove("aa")
    assert eviction.remove("aa") is None


def test_what_a_killed_builder_left_is_swept_away_by_the_next(home: Path) -> None:
    left = home / "building" / "aa-1234"
    (left / "tree").mkdir(parents=True)
    make("bb")
    assert not left.exists()


def test_what_a_builder_of_the_same_left_goes_first(home: Path) -> None:
    left = home / "building" / "aa-1234"
    left.mkdir(parents=True)
    with (
        exclusive(store.build_lock("aa"), alone(), waiting_for="nobody"),
        building("aa") as work,
    ):
        assert [path.name for path in (home / "building").iterdir()] == [work.name]


def test_what_a_living_builder_works_on_is_left_alone() -> None:
    with (
        exclusive(store.build_lock("aa"), alone(), waiting_for="nobody"),
        building("aa") as work,
    ):
        make("bb")
        assert work.is_dir()


def test_a_full_disk_costs_what_is_least_used_and_is_then_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make("aa")
    monkeypatch.setattr(room, "FREE_BYTES", shutil.disk_usage("/").total * 2)
    with pytest.raises(EnvironmentServiceError, match="is almost full") as caught:
        make("bb")
    assert "repro env prune" in caught.value.remedy
    assert keys() == []


def test_a_disk_that_gets_full_ends_what_fills_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert room.watched(lambda seconds: True)(1.0)
    monkeypatch.setattr(room, "LEAST_BYTES", shutil.disk_usage("/").total * 2)
    with pytest.raises(EnvironmentServiceError, match="is almost full"):
        room.watched(lambda seconds: True)(1.0)


def test_a_disk_that_is_full_in_the_middle_is_told_with_the_remedy(home: Path) -> None:
    with pytest.raises(EnvironmentServiceError, match="is almost full"), building("aa"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(OSError, match="broken"), building("aa"):
        raise OSError(errno.EIO, "broken")
    assert list((home / "building").iterdir()) == []


def test_tidying_removes_what_nothing_needs_and_nothing_else(home: Path) -> None:
    make("aa")
    make("bb")
    (store.folder_of("bb") / "facts.json").write_text("")
    (home / "building" / "cc-1234").mkdir()
    for folder in ("compiled", "refusals"):
        for age, name in ((0, "old"), (None, "new")):
            path = home / folder / name
            path.parent.mkdir(exist_ok=True)
            path.touch()
            if age is not None:
                os.utime(path, (age, age))
    lease = store.hold("aa")
    (home / "locks" / "unit-0.build").touch()
    assert eviction.tidy() > 100 * KIBIBYTE
    assert keys() == ["aa"]
    assert [path.name for path in (home / "environments").iterdir()] == ["aa"]
    assert list((home / "building").iterdir()) == []
    assert [path.name for path in (home / "compiled").iterdir()] == ["new"]
    assert [path.name for path in (home / "refusals").iterdir()] == ["new"]
    assert [path.name for path in (home / "locks").iterdir()] == ["aa.lease"]
    assert lease is not None
    lease.close()


def test_an_environment_without_a_manifest_can_be_removed_too() -> None:
    make("aa")
    (store.folder_of("aa") / NAME).unlink()
    assert eviction.remove("aa")
    assert eviction.tidy() >= 100 * KIBIBYTE
    assert eviction.total_bytes() == 0
