"""Parsing a stranger's text has bounds, and an older Python's opinion is not the last word."""

import platform
from pathlib import Path

import pytest
from packaging.version import Version

from reproducers.engine import syntax
from reproducers.engine.errors import ScriptError
from reproducers.engine.interpreters import Interpreter
from reproducers.engine.syntax import Syntax, newer_interpreters, read_syntax


def test_imports_are_found_wherever_they_stand() -> None:
    text = "import dask.array as da\ndef f():\n    from sklearn import svm\n    from . import x\n"
    assert read_syntax(text, name="s.py") == Syntax(imports=("dask", "sklearn"))


def test_a_syntax_error_names_its_line() -> None:
    with pytest.raises(ScriptError, match=r"s\.py, line 2: '\(' was never closed") as caught:
        read_syntax("import dask\nprint(\n", name="s.py")
    assert caught.value.remedy.startswith("Correct the script")


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 100_000 + ")" * 100_000,
        "-" * 300_000 + "1",
        "a." * 300_000 + "a",
        "x = " + "[" * 90 + "]" * 90 + "\n" + "not " * 200_000 + "1",
    ],
    ids=["parentheses", "signs", "attributes", "negations"],
)
def test_a_text_that_exhausts_the_parser_is_refused(hostile: str) -> None:
    with pytest.raises(ScriptError, match=r"s\.py"):
        read_syntax(hostile, name="s.py")


def test_a_text_that_takes_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MEMORY_BYTES", 120 * 1024**2)
    with pytest.raises(ScriptError, match="nested too deeply or too large to be parsed"):
        read_syntax("x = [" + "1," * 500_000 + "]", name="s.py")


def test_a_text_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "WALL_SECONDS", 0.001)
    with pytest.raises(ScriptError, match="nested too deeply or too large to be parsed"):
        read_syntax("import dask\n", name="s.py")


def test_warnings_of_the_parser_are_no_errors() -> None:
    assert read_syntax("'\\d'\n1 is 1\n", name="s.py") == Syntax(imports=())


def standing_for_a_newer_one(folder: Path, minor: str, answer: str) -> Interpreter:
    """A program that answers as our parser would under that version of Python."""
    program = folder / f"python{minor}"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    return Interpreter(executable=program, version=f"{minor}.0", prefix=folder, stdlib=folder)


def test_a_newer_python_is_asked_before_a_text_is_called_wrong(tmp_path: Path) -> None:
    older = standing_for_a_newer_one(tmp_path, "3.98", '{"line": 1, "message": "no"}')
    newest = standing_for_a_newer_one(tmp_path, "3.99", '{"imports": ["dask"]}')
    assert read_syntax("from the future", name="s.py", newer=(older, newest)) == Syntax(
        imports=("dask",),
        requires_python=">=3.99",
        notes=("The script is written for a newer Python; read with 3.99.",),
    )


def test_what_no_python_can_read_is_wrong(tmp_path: Path) -> None:
    newest = standing_for_a_newer_one(tmp_path, "3.99", '{"line": 1, "message": "no"}')
    with pytest.raises(ScriptError, match=r"s\.py, line 1: invalid syntax"):
        read_syntax("from the future", name="s.py", newer=(newest,))


def test_only_newer_interpreters_are_asked_the_oldest_first() -> None:
    versions = [Version(interpreter.version) for interpreter in newer_interpreters()]
    assert versions == sorted(versions)
    assert all(version > Version(platform.python_version()) for version in versions)
