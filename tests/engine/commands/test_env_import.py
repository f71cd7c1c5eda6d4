"""`repro env import FILE`: what is printed, to be read and to be copied."""

import json
from pathlib import Path

import pytest

from reproducers.cli import repro
from reproducers.engine import interpreters
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.metadata import read_metadata
from tests.engine.indexes import Index

VERSIONS = {
    "client": {"packages": {"python": "3.10.12.final.0", "dask": "2024.3.0", "numpy": "1.26.4"}},
    "scheduler": {"packages": {"python": "3.10.12.final.0", "dask": "2024.2.1"}},
}
EXPORT = """dependencies:
  - python=3.10.13
  - dask=2024.3.0
  - acme=1.0
  - openssl=3.2
  - torch=2.1.0+cu121
  - cudf=24.12.0
  - pip:
    - here @ file:///croot/here
"""


@pytest.fixture(autouse=True)
def packages(own_index: Index) -> None:
    for name, version in (
        ("dask", "2024.3.0"),
        ("numpy", "1.26.4"),
        ("torch", "2.1.0"),
        ("cudf-cu12", "24.12.0"),
    ):
        own_index.add(name, version)


def imported(tmp_path: Path, text: str, *options: str) -> int:
    file = tmp_path / "file"
    file.write_text(text)
    return carry_out(repro, ["env", "import", str(file), *options])


def test_the_block_is_one_that_scripts_may_begin_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "block"
    assert imported(tmp_path, json.dumps(VERSIONS), "--json", "--output", str(output)) == 0
    facts = json.loads(capsys.readouterr().out)
    assert output.read_text() == facts["block"]
    read = read_metadata(facts["block"])
    assert read is not None
    assert (read.requires_python, read.dependencies, read.table.reported) == (
        "==3.10.*",
        ("dask==2024.3.0", "numpy==1.26.4"),
        "2024.3.0",
    )
    assert {key: facts[key] for key in ("schema", "format", "python", "dask", "command")} == {
        "schema": 1,
        "format": "client.get_versions()",
        "python": "3.10",
        "dask": "2024.3.0",
        "command": "repro run SCRIPT --python 3.10 --dask 2024.3.0",
    }
    assert facts["differences"][0] == {
        "name": "dask",
        "client": "2024.3.0",
        "scheduler": "2024.2.1",
        "workers": {},
    }


def test_people_read_what_cannot_be_had_and_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreters, "installed", lambda minor: ())
    assert imported(tmp_path, EXPORT) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[:7] == [
        "conda export: 3 packages for Python 3.10",
        "Python 3.10 is not on this machine: `uv python install 3.10`",
        "without a wheel: acme 1.0: the index has no wheel of it",
        "taken without the build after the +: torch 2.1.0+cu121",
        "left out, no package of Python's: openssl",
        "left out, from a file, which does not tell its version: here",
        "`pip list --format=freeze` names the versions of what was installed from files",
    ]
    assert printed.endswith("repro run SCRIPT --python 3.10 --dask 2024.3.0 --gpus 1\n")
    monkeypatch.setattr(interpreters, "installed", lambda minor: ("here",))
    assert imported(tmp_path, json.dumps(VERSIONS)) == 0
    assert "differs: dask: client 2024.3.0, scheduler 2024.2.1, workers none" in (
        capsys.readouterr().out
    )


def test_many_names_are_cut_short_and_an_unknown_python_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"-e git+https://example.com/x#egg=own{number}" for number in range(14)]
    assert imported(tmp_path, "\n".join(["numpy==1.26.4", "acme", *lines])) == 0
    printed = capsys.readouterr().out
    assert "the one that most of them have a wheel for" in printed
    assert "without a wheel: acme: the index has no wheel of it" in printed
    assert "own11 and 2 more" in printed
    assert "reported" not in printed


def test_a_file_that_is_there_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    assert imported(tmp_path, "dask==2024.3.0", "--output", str(there)) == 2
    assert there.read_text() == "mine"
    assert imported(tmp_path, "dask==2024.3.0", "--output", str(there / "below")) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_what_cannot_be_read_is_an_error_of_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, "nothing of the kind", "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"
