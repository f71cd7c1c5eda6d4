"""A folder of the host that a process could fill: measured while it runs, purged afterwards."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reproducers.engine.sandbox.leftovers import DEPTH, Allowance, purge


def is_used_up(folder: Path, *, allowed: int = 10_000, files: int = 5) -> bool:
    return Allowance(bytes_allowed=allowed, files_allowed=files).is_used_up_by(folder)


def test_a_folder_within_its_allowance_is_fine(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"content")
    assert not is_used_up(tmp_path, allowed=64_000)


def test_bytes_in_any_file_count(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(bytes(50_000))
    assert is_used_up(tmp_path)


def test_every_entry_counts(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / str(number)).symlink_to("/etc")
    assert is_used_up(tmp_path)


def test_a_file_without_content_takes_no_bytes(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(10**9)
    assert not is_used_up(tmp_path)


def test_a_depth_that_nobody_would_read_is_too_much(tmp_path: Path) -> None:
    tmp_path.joinpath(*("d" * (DEPTH + 1))).mkdir(parents=True)
    assert is_used_up(tmp_path, allowed=10**6, files=1000)


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Root could open anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(23_456)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.usefixtures("ordinary_user")
def test_what_is_closed_to_us_cannot_be_counted_and_is_too_much() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "closed").mkdir(mode=0)
        assert is_used_up(folder)


def test_what_goes_while_it_is_measured_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    (tmp_path / "gone").touch()

    class Vanishing(Allowance):
        def _count(self, folder: int, depth: int) -> bool:
            (tmp_path / "gone").unlink()
            return super()._count(folder, depth)

    assert not Vanishing(bytes_allowed=0, files_allowed=1).is_used_up_by(tmp_path)


def test_links_and_special_files_are_removed_and_what_they_point_at_is_not(
    tmp_path: Path,
) -> None:
    folder, elsewhere = tmp_path / "output", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (folder / "link").symlink_to(elsewhere)
    os.mkfifo(folder / "pipe")
    (folder / "file").touch()
    assert purge(folder) == 2
    assert [path.name for path in folder.iterdir()] == ["file"]
    assert (elsewhere / "file").exists()


def test_what_stays_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "file").touch(mode=0o777)
    (tmp_path / "closed").chmod(0)
    assert purge(tmp_path) == 0
    modes = [path.stat().st_mode & 0o7777 for path in (tmp_path / "closed", *tmp_path.glob("*/*"))]
    assert modes == [0o700, 0o600]


NAME = "d" * 200


def test_a_depth_that_no_path_can_say_is_removed(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir(NAME, dir_fd=descriptor)
        inner = os.open(NAME, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    assert purge(tmp_path) == 1
    assert tmp_path.joinpath(*[NAME] * DEPTH).is_dir()
    assert not tmp_path.joinpath(*[NAME] * (DEPTH + 1)).exists()
