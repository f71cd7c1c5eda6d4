"""A reproducer is read from bytes of a stranger's, and from a ticket's text."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.errors import MetadataError, ScriptError
from reproducers.engine.metadata import RunTable
from reproducers.engine.script import (
    Script,
    first_python_block,
    read_files,
    read_script,
    read_script_file,
)

BLOCK = b"""\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]", "pyarrow"]
# [tool.repro]
# workers = 3
# ///
import dask
"""


def test_a_script_with_a_block_is_taken_at_its_word() -> None:
    assert read_script(BLOCK, name="bug.py") == Script(
        text=BLOCK.decode(),
        name="bug.py",
        requires_python=">=3.10",
        dependencies=("dask[complete]", "pyarrow"),
        table=RunTable(workers=3),
        has_block=True,
    )


def test_a_script_without_a_block_gets_dask_and_what_it_imports_and_says_so() -> None:
    assert read_script(b"import dask, xarray, json\n") == Script(
        text="import dask, xarray, json\n",
        dependencies=("dask[complete]", "xarray"),
        notes=("The script names no dependencies; taken are dask[complete], xarray.",),
    )


def test_a_block_without_dependencies_gets_them_too() -> None:
    found = read_script(b"# /// script\n# tool.repro.tries = 2\n# ///\nimport xarray\n")
    assert (found.dependencies, found.has_block) == (("dask[complete]", "xarray"), True)


def test_an_empty_list_of_dependencies_is_taken_at_its_word() -> None:
    found = read_script(b"# /// script\n# dependencies = []\n# ///\nimport xarray\n")
    assert (found.dependencies, found.notes) == ((), ())


def test_line_ends_and_marks_of_other_systems_do_not_matter() -> None:
    windows = b"\xef\xbb\xbf" + BLOCK.replace(b"\n", b"\r\n")
    assert read_script(windows, name="bug.py") == read_script(BLOCK, name="bug.py")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (b"x" * 5_000_000, "script.py is larger than 1 MiB"),
        (b"import dask\n\xff", "script.py is not UTF-8: byte 12 cannot be read"),
        (b"import dask\0", "script.py holds a NUL byte"),
        (b" \n", "script.py is empty"),
        (b"def f(:\n", "script.py, line 1: invalid syntax"),
        ("\ud800".encode("utf-16-le", "surrogatepass"), "script.py is not UTF-8"),
    ],
    ids=["size", "encoding", "nul", "empty", "syntax", "surrogate"],
)
def test_what_is_no_script_is_a_clear_error(source: bytes, complaint: str) -> None:
    with pytest.raises(ScriptError, match=complaint) as caught:
        read_script(source)
    assert caught.value.remedy


def test_invalid_toml_is_an_error_of_the_metadata() -> None:
    with pytest.raises(MetadataError, match="The metadata is no TOML"):
        read_script(b"# /// script\n# dependencies = [\n# ///\n")


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "bug.py"
    path.write_bytes(BLOCK)
    assert read_script_file(path) == read_script(BLOCK, name="bug.py")


def test_a_link_a_folder_a_pipe_and_nothing_at_all_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    for name, complaint in [
        ("link.py", "link.py cannot be read: Too many levels of symbolic links"),
        ("folder.py", "folder.py is no plain file"),
        ("pipe.py", "pipe.py is no plain file"),
        ("none.py", "none.py cannot be read: No such file"),
    ]:
        with pytest.raises(ScriptError, match=complaint):
            read_script_file(tmp_path / name)


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "huge.py"
    with path.open("wb") as file:
        file.truncate(1024**4)
    with pytest.raises(ScriptError, match=r"huge\.py is larger than 1 MiB"):
        read_script_file(path)


def test_data_beside_a_script_is_carried_as_base64(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xff")
    (tmp_path / "b.csv").write_bytes(b"")
    assert read_files(tmp_path, ["a.csv", "b.csv"]) == {
        "a.csv": base64.b64encode(b"a,b\n\xff").decode(),
        "b.csv": "",
    }


def test_all_data_together_is_bounded(tmp_path: Path) -> None:
    for name in ("a.bin", "b.bin"):
        (tmp_path / name).write_bytes(b"x" * 5 * 1024**2)
    with pytest.raises(ScriptError, match=r"b\.bin is larger than 3 MiB"):
        read_files(tmp_path, ["a.bin", "b.bin"])


@pytest.mark.parametrize(
    ("ticket", "found"),
    [
        ("Look:\n\n```python\nimport dask\n```\nand\n```python\n2\n```", "import dask\n"),
        ("~~~py\n1\n~~~", "1\n"),
        ("```{.python .numberLines}\n1\n```", "1\n"),
        ("```Python3\n1\n```", "1\n"),
        ("```\nTraceback\n```\n\n```\nimport dask\n```", "import dask\n"),
        ("````\nfrom distributed import Client\n````", "from distributed import Client\n"),
        (
            "```\n# /// script\n# dependencies = []\n# ///\n```",
            "# /// script\n# dependencies = []\n# ///\n",
        ),
        ("> ```python\n> quoted\n> ```", "quoted\n"),
        ("- item\n\n  ```python\n  listed\n  ```", "listed\n"),
        ("```python\nnever closed", "never closed"),
        ("```bash\npip install dask\n```", None),
        ("```\nno script\n```", None),
        ("    import dask\n", None),
        ("no code", None),
        ("", None),
    ],
)
def test_the_first_python_block_of_a_ticket_is_found(ticket: str, found: str | None) -> None:
    assert first_python_block(ticket) == found


@given(st.text(alphabet="`~\n >-py#/", max_size=100))
def test_no_ticket_is_too_odd_to_be_read(ticket: str) -> None:
    block = first_python_block(ticket)
    assert block is None or block.strip() in ticket or "\n" in block
