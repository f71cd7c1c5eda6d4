"""Which format a file has, and what is none of them."""

from pathlib import Path

import pytest

from reproducers.engine.errors import ScriptError, UsageError
from reproducers.engine.imported import reading
from reproducers.engine.imported.reading import read_file, read_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_are_read_in_the_encodings_that_shells_write(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "freeze.txt"
    file.write_text("dask==2024.3.0\r\n", encoding=encoding)
    assert [package.name for package in read_file(file).packages] == ["dask"]


def test_a_file_has_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "FILE_BYTES", 10)
    file = tmp_path / "freeze.txt"
    file.write_text("dask==2024.3.0\n")
    with pytest.raises(ScriptError, match="larger than 10 B"):
        read_file(file)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "names no package"),
        ("To whom it may concern\n\nit does not work", "names no package"),
        ("{'client': {'packages': {}}}", "begins like JSON and is none"),
        ("[" * 100_000, "begins like JSON and is none"),
        ('{"something": "else"}', "none that is known"),
        ('{"client": 7}', "names no package"),
        ('{"dependencies": 7}', "names no package"),
        ("\x00\x01\x02", "names no package"),
    ],
)
def test_what_is_none_of_them_is_told_so(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        read_text(text)
    assert "client.get_versions()" in caught.value.remedy
