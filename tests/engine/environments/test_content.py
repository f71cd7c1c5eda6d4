"""Files are shared where that saves room, and stay alone where they have to."""

import errno
import os
from pathlib import Path

import pytest

from reproducers.engine.environments import content
from reproducers.engine.environments.content import File, Sharing


@pytest.fixture
def folder(home: Path) -> Path:
    """A folder on the disk of the home."""
    home.mkdir()
    return home


def file(folder: Path, name: str, text: str = "text", mode: int = 0o644) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def shared(path: Path) -> File:
    return Sharing(spare=path.with_name("spare"), is_on=True)(path)


def test_equal_files_become_one(folder: Path) -> None:
    one, two, other = file(folder, "1"), file(folder, "2"), file(folder, "3", "other")
    assert shared(one) == shared(two) != shared(other)
    assert one.samefile(two)
    assert two.read_text() == "text"
    assert (one.stat().st_nlink, other.stat().st_nlink) == (3, 2)


def test_sharing_twice_changes_nothing(folder: Path) -> None:
    one = file(folder, "1")
    shared(one)
    shared(one)
    assert one.stat().st_nlink == 2
    assert not (folder / "spare").exists()


def test_programs_are_not_shared_with_what_only_reads_alike(folder: Path) -> None:
    program, text = file(folder, "1", mode=0o755), file(folder, "2")
    assert shared(program).executable
    shared(text)
    assert not program.samefile(text)


def test_odd_permissions_become_plain_ones(folder: Path) -> None:
    odd, program = file(folder, "1", mode=0o606), file(folder, "2", mode=0o4711)
    shared(odd)
    shared(program)
    assert (odd.stat().st_mode & 0o7777, program.stat().st_mode & 0o7777) == (0o644, 0o755)


def test_what_is_empty_is_not_shared(folder: Path) -> None:
    empty = file(folder, "1", "")
    assert shared(empty).bytes == 0
    assert empty.stat().st_nlink == 1


def test_without_sharing_a_file_is_only_described(folder: Path) -> None:
    one = file(folder, "1")
    assert Sharing(spare=folder / "spare", is_on=False)(one) == content.describe(one)
    assert one.stat().st_nlink == 1


def test_a_link_is_never_described(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/hostname")
    with pytest.raises(OSError, match="symbolic links"):
        content.describe(folder / "link")


@pytest.mark.parametrize("number", [errno.EMLINK, errno.EPERM])
def test_where_there_can_be_no_more_links_a_file_stays_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    one, two = file(folder, "1"), file(folder, "2")
    described = shared(one)

    def refused(*paths: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "link", refused)
    assert not content.share(two, described, spare=folder / "spare")
    assert not content.put(described, folder / "3")
    assert (two.read_text(), two.stat().st_nlink) == ("text", 1)


def test_a_disk_that_fails_is_no_reason_to_stay_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = file(folder, "1")
    described = shared(one)

    def full(*paths: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="full"):
        content.share(file(folder, "2"), described, spare=folder / "spare")
    with pytest.raises(OSError, match="full"):
        content.put(described, folder / "3")


def test_what_is_kept_can_be_put_elsewhere_until_it_is_gone(folder: Path) -> None:
    one = file(folder, "1")
    described = shared(one)
    assert content.put(described, folder / "2")
    assert (folder / "2").samefile(one)
    content.discard([described, described])
    assert not content.put(described, folder / "3")


def test_a_copy_that_was_cut_off_is_replaced(folder: Path) -> None:
    one = file(folder, "1")
    described = shared(one)
    one.write_text("")  # in place, as after a power cut
    two = file(folder, "2")
    assert content.share(two, described, spare=folder / "spare")
    assert not one.samefile(two)
    assert content.put(described, folder / "3")
    assert (folder / "3").read_text() == "text"


def test_only_what_nothing_links_to_is_dropped(folder: Path) -> None:
    used, unused = file(folder, "1"), file(folder, "2", "other")
    facts = [shared(used), shared(unused)]
    assert content.total_bytes() == 8192
    unused.unlink()
    assert content.drop_unused(facts[:1]) == 0
    assert content.drop_unused(facts) == 4096
    used.unlink()
    assert content.drop_unused() == 4096
    assert content.drop_unused(facts) == content.total_bytes() == 0
