"""What an environment consists of is written down, and every difference is found."""

import os
from pathlib import Path

import pytest

from reproducers.engine.environments import manifest
from reproducers.engine.environments.manifest import Difference, StrangeFile, difference, take


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two files, one of them a program, and a link."""
    folder = tmp_path / "tree"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "a.py").write_text("a = 1\n")
    (folder / "program").write_text("#!/bin/sh\n")
    (folder / "program").chmod(0o755)
    (folder / "python").symlink_to("/nowhere/python")
    return folder


def test_it_names_files_and_links_and_follows_none(tree: Path) -> None:
    taken = take(tree)
    assert sorted(taken.files) == ["lib/a.py", "program"]
    assert (taken.files["lib/a.py"].bytes, taken.files["program"].executable) == (6, True)
    assert taken.links == {"python": "/nowhere/python"}


def test_it_is_read_as_it_was_written(tree: Path, tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tree) + b"/odd-\xff")).touch()
    taken = take(tree)
    taken.write(tmp_path)
    assert manifest.read(tmp_path) == taken


@pytest.mark.parametrize("content", [None, b"", b"\x1f\x8b", b"no"])
def test_one_that_is_missing_or_cut_off_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / manifest.NAME).write_bytes(content)
    assert manifest.read(tmp_path) is None


def test_what_is_neither_file_nor_folder_nor_link_is_strange(tree: Path) -> None:
    os.mkfifo(tree / "lib" / "pipe")
    with pytest.raises(StrangeFile, match=r"^lib/pipe$"):
        take(tree)


def test_differences_are_told_by_kind(tree: Path) -> None:
    before = take(tree)
    assert not difference(before, take(tree))
    (tree / "lib" / "a.py").write_text("a = 2\n")
    (tree / "program").unlink()
    (tree / "lib" / "new.pth").write_text("import evil\n")
    (tree / "python").unlink()
    (tree / "python").symlink_to("/elsewhere")
    assert difference(before, take(tree)) == Difference(
        changed=("lib/a.py", "python"), added=("lib/new.pth",), missing=("program",)
    )


def test_a_program_that_is_none_any_more_has_changed(tree: Path) -> None:
    before = take(tree)
    (tree / "program").chmod(0o644)
    assert difference(before, take(tree)) == Difference(changed=("program",))


def test_a_file_that_became_a_link_has_changed(tree: Path) -> None:
    before = take(tree)
    (tree / "program").unlink()
    (tree / "program").symlink_to("lib/a.py")
    assert difference(before, take(tree)) == Difference(changed=("program",))
