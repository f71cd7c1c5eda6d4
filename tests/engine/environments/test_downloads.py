"""uv's cache is used side by side where that is sound, bounded, and emptied when nobody looks."""

import os
from pathlib import Path

import pytest

from reproducers.engine.environments import downloads, locks
from reproducers.engine.environments.progress import Progress


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Every test has a home of its own."""


def quiet() -> Progress:
    return Progress(lambda event: None, lambda: False)


def test_the_cache_is_thrown_away_when_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    (downloads.folder() / "wheel").write_bytes(b"x" * 10_000)
    assert not downloads.bound()
    assert (downloads.folder() / "wheel").is_file()
    monkeypatch.setattr(downloads, "LIMIT_BYTES", 100)
    assert downloads.bound()
    assert list(downloads.folder().iterdir()) == []


@pytest.mark.parametrize("is_shared", [True, False])
def test_nobody_empties_it_while_somebody_uses_it(
    monkeypatch: pytest.MonkeyPatch, is_shared: bool
) -> None:
    monkeypatch.setattr(downloads, "may_be_shared", lambda path: is_shared)
    (downloads.folder() / "wheel").write_bytes(b"x" * 10_000)
    with downloads.using(quiet()):
        assert not downloads.bound(limit_bytes=0)
        lock = next(Path(os.environ["REPRO_HOME"], "locks").iterdir())
        with locks.exclusive_if_free(lock) as alone:
            assert not alone
    assert downloads.bound(limit_bytes=0)


def test_two_use_it_at_once_where_files_keep_one_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "may_be_shared", lambda path: True)
    with downloads.using(quiet()), downloads.using(quiet()):
        assert not downloads.bound()


def test_without_root_all_sandboxes_are_one_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert downloads.may_be_shared(tmp_path)


@pytest.mark.sandbox
def test_as_root_it_is_tried_whether_mounts_can_map_owners(tmp_path: Path) -> None:
    assert not downloads.may_be_shared(Path("/proc"))
    assert isinstance(downloads.may_be_shared(tmp_path), bool)
