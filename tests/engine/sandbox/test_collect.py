"""What is copied out of a dead sandbox: folders and regular files, within bounds."""

import os
from pathlib import Path

import pytest

from reproducers.engine.sandbox.collect import DEPTH, collect
from reproducers.engine.sandbox.plan import Collection


@pytest.fixture
def wanted(tmp_path: Path) -> Collection:
    for name in ("left", "kept"):
        (tmp_path / name).mkdir()
    return Collection(
        stage=str(tmp_path / "left"), folder=str(tmp_path / "kept"), bytes=1000, files=10
    )


@pytest.fixture
def left(wanted: Collection) -> Path:
    return Path(wanted["stage"])


@pytest.fixture
def kept(wanted: Collection) -> Path:
    return Path(wanted["folder"])


def test_files_and_folders_are_copied(wanted: Collection, left: Path, kept: Path) -> None:
    (left / "deep" / "er").mkdir(parents=True)
    (left / "deep" / "er" / "file").write_bytes(b"content")
    assert collect(wanted) == 0
    assert (kept / "deep" / "er" / "file").read_bytes() == b"content"


def test_copies_are_for_their_owner_only(wanted: Collection, left: Path, kept: Path) -> None:
    (left / "file").touch(mode=0o777)
    collect(wanted)
    assert (kept / "file").stat().st_mode & 0o7777 == 0o600


def test_links_and_special_files_are_left_out(wanted: Collection, left: Path, kept: Path) -> None:
    (left / "link").symlink_to("/etc/passwd")
    (left / "folder").symlink_to("/etc")
    os.mkfifo(left / "pipe")
    assert collect(wanted) == 3
    assert list(kept.iterdir()) == []


def test_a_second_name_of_a_file_is_a_file_of_its_own(
    wanted: Collection, left: Path, kept: Path
) -> None:
    (left / "one").write_bytes(b"content")
    (left / "two").hardlink_to(left / "one")
    assert collect(wanted) == 0
    assert [path.stat().st_nlink for path in kept.iterdir()] == [1, 1]


def test_bytes_are_bounded_by_what_files_claim(wanted: Collection, left: Path, kept: Path) -> None:
    (left / "a").write_bytes(bytes(600))
    with (left / "b").open("wb") as sparse:
        sparse.truncate(10**12)
    (left / "c").write_bytes(bytes(600))
    (left / "d").write_bytes(bytes(400))
    assert collect(wanted) == 2
    assert sorted(path.name for path in kept.iterdir()) == ["a", "d"]


def test_the_number_of_entries_is_bounded(wanted: Collection, left: Path, kept: Path) -> None:
    for number in range(12):
        (left / f"{number:02}").touch()
    assert collect(wanted) == 2
    assert len(list(kept.iterdir())) == 10


def test_the_depth_is_bounded(wanted: Collection, left: Path, kept: Path) -> None:
    wanted["files"] = 100
    left.joinpath(*("d" * (DEPTH + 3))).mkdir(parents=True)
    assert collect(wanted) == 1
    assert kept.joinpath(*("d" * DEPTH)).is_dir()
    assert not kept.joinpath(*("d" * (DEPTH + 1))).exists()


def test_any_name_that_a_filesystem_takes_is_taken(
    wanted: Collection, left: Path, kept: Path
) -> None:
    names = {b"\xff\xfe", b"new\nline", b"-rf", b" ", "täst".encode()}
    for name in names:
        Path(os.fsdecode(bytes(left) + b"/" + name)).touch()
    assert collect(wanted) == 0
    assert {bytes(path.relative_to(kept)) for path in kept.iterdir()} == names


def test_links_are_followed_where_that_is_switched_off(
    wanted: Collection, left: Path, kept: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("1")
    (left / "link").symlink_to(tmp_path / "secret")
    assert collect({**wanted, "follows_links": True}) == 0
    assert (kept / "link").read_text() == "1"
