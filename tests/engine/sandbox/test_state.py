"""Where locks lie: in a place that nobody else can write to."""

import os
import stat
from pathlib import Path

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import state


def own(folder: Path) -> Path:
    return folder / f"headwater-{os.geteuid()}"


def test_a_folder_is_made_once_and_kept(tmp_path: Path) -> None:
    made = state.folder("slots", among=tmp_path)
    assert made == state.folder("slots", among=tmp_path) == own(tmp_path) / "slots"
    assert stat.S_IMODE(made.stat().st_mode) == 0o711


def test_a_link_that_somebody_put_there_is_refused(tmp_path: Path) -> None:
    own(tmp_path).symlink_to(tmp_path)
    with pytest.raises(IsolationError, match="somebody else can write there"):
        state.folder("slots", among=tmp_path)


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    own(tmp_path).mkdir()
    own(tmp_path).chmod(0o777)
    with pytest.raises(IsolationError, match="somebody else can write there") as caught:
        state.folder("slots", among=tmp_path)
    assert caught.value.remedy.startswith(f"Remove {own(tmp_path)}")


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(IsolationError, match="No such file or directory"):
        state.folder("slots", among=tmp_path / "missing")


def test_root_shares_a_place_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(state, "SYSTEM", tmp_path)
    assert state.runtime() == tmp_path
    monkeypatch.setattr(state, "SYSTEM", tmp_path / "missing")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert state.runtime() == tmp_path / "temporary"


def test_others_have_a_runtime_folder_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert state.runtime() == tmp_path
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert state.runtime() == tmp_path / "temporary"
