"""Folders that are given to another user and taken back, where mounts cannot map owners."""

import os
from pathlib import Path

import pytest

from reproducers.engine.sandbox.ownership import give, take_back

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

OTHER = 1_994_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    (made / "deep").mkdir(parents=True)
    (made / "deep" / "file").touch()
    (tmp_path / "outside").touch()
    (made / "link").symlink_to(tmp_path / "outside")
    return made


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def test_everything_in_it_is_given_and_nothing_outside(folder: Path) -> None:
    give(str(folder), OTHER)
    assert owners(folder) == {OTHER}
    assert (folder.parent / "outside").stat().st_uid == 0


def test_everything_is_taken_back(folder: Path) -> None:
    give(str(folder), OTHER)
    take_back(str(folder))
    assert owners(folder) == {0}


def test_what_would_run_as_us_does_not(folder: Path) -> None:
    trap = folder / "deep" / "file"
    give(str(folder), OTHER)
    trap.chmod(0o2755)
    (folder / "deep").chmod(0o6755)
    trap.chmod(0o6644)  # which no kernel takes away by itself
    take_back(str(folder))
    assert [p.stat().st_mode & 0o7777 for p in (trap, folder / "deep")] == [0o644, 0o755]
