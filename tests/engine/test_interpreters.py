"""Interpreters are found where people have them, and never through a shim."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from reproducers.engine.errors import MissingPython, UsageError
from reproducers.engine.interpreters import Interpreter, available, described, find, installed

HERE = f"3.{sys.version_info.minor}"
SHIM = '#!/bin/sh\ntouch {mark}\nexec python3 "$@"\n'


def of_this_process() -> Path:
    """A program that says who it is when it is started isolated."""
    return (
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    )


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any interpreter: the folder that is its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:relative/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for variable in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def test_the_interpreter_of_this_process_is_found_on_the_path(bare: Path) -> None:
    (bare / of_this_process().name).symlink_to(of_this_process())
    [found] = installed(HERE)
    assert found.executable == of_this_process().resolve()
    assert found.minor == HERE
    assert (found.stdlib / "os.py").is_file()


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("PYENV_ROOT", f"versions/{HERE}.1/bin"),
        ("UV_PYTHON_INSTALL_DIR", f"cpython-{HERE}.1-linux-x86_64-gnu/bin"),
    ],
)
def test_those_of_pyenv_and_uv_are_found_by_full_path(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, place: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "managed"))
    folder = tmp_path / "managed" / place
    folder.mkdir(parents=True)
    (folder / of_this_process().name).symlink_to(of_this_process())
    assert [found.executable for found in installed(HERE)] == [of_this_process().resolve()]
    assert available() == (HERE,)


def test_a_shim_is_neither_taken_nor_started(bare: Path, tmp_path: Path) -> None:
    shim = bare / "python3.11"
    shim.write_text(SHIM.format(mark=tmp_path / "started"))
    shim.chmod(0o755)
    assert installed("3.11") == ()
    assert not (tmp_path / "started").exists()


def test_what_cannot_be_started_or_is_no_python_is_left_out(bare: Path) -> None:
    broken = bare / "python3.10"
    broken.write_bytes(b"\x7fELF and no more")
    broken.chmod(0o755)
    shutil.copy("/bin/true", bare / "python3.12")
    (bare / "python3.13").symlink_to("nowhere")
    (bare / "python3.8").symlink_to(of_this_process())
    assert available() == ()


@pytest.mark.parametrize(
    ("implementation", "version"), [("pypy", "3.10.14"), ("cpython", "3.15.0a1")]
)
def test_other_implementations_and_pre_releases_are_left_out(
    implementation: str, version: str
) -> None:
    facts = {"implementation": implementation, "version": version}
    assert described(Path("/python"), json.dumps(facts).encode()) is None


def test_a_library_that_is_not_there_is_not_named(tmp_path: Path) -> None:
    facts = {
        "implementation": "cpython",
        "version": "3.11.2",
        "prefix": "/usr",
        "stdlib": "/usr/lib/python3.11",
        "library": "libpython3.11.so.1.0",
        "library_folder": str(tmp_path),
    }
    plain = Interpreter(
        executable=Path("/usr/bin/python3.11"),
        version="3.11.2",
        prefix=Path("/usr"),
        stdlib=Path("/usr/lib/python3.11"),
    )
    assert described(plain.executable, json.dumps(facts).encode()) == plain
    (tmp_path / "libpython3.11.so.1.0").touch()
    found = described(plain.executable, json.dumps(facts).encode())
    assert found is not None
    assert found.library == tmp_path / "libpython3.11.so.1.0"


def test_a_missing_python_is_named_with_the_remedy(bare: Path) -> None:
    with pytest.raises(MissingPython, match=r"Python 3\.12 is not on this machine") as caught:
        find("3.12")
    assert "uv python install 3.12" in caught.value.remedy
    assert available() == ()


def test_the_youngest_of_a_minor_version_is_taken() -> None:
    older, younger, other = (
        Interpreter(executable=Path(f"/{version}"), version=version, prefix=Path(), stdlib=Path())
        for version in ("3.11.9", "3.11.10", "3.12.1")
    )
    assert find("3.11", among=(older, younger, other)) == younger


@pytest.mark.parametrize("nonsense", ["3", "3.7", "2.7", "3.11.2", "python3.11", "; rm"])
def test_what_is_no_minor_version_is_refused(nonsense: str) -> None:
    with pytest.raises(UsageError, match="is no version of Python that can be used here"):
        find(nonsense)
