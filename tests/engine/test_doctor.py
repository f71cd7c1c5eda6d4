"""What `repro doctor` says of a machine."""

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from reproducers.engine import doctor, interpreters
from reproducers.engine.environments import uv
from reproducers.engine.errors import EnvironmentServiceError
from tests.engine.indexes import Index

Missing = EnvironmentServiceError("It does not answer.", remedy="Check it.")


def refuse(**ignored: object) -> None:
    raise Missing


@pytest.mark.sandbox
def test_each_check_says_what_was_found_and_each_lack_what_to_do(own_index: Index) -> None:
    own_index.add("dask", "2024.9.1")
    checks = doctor.examine()
    names = [check.name for check in checks]
    assert names[-6:] == ["uv", "pythons", "index", "disk", "gpus", "gvisor"]
    assert len(set(names)) == len(names)
    assert [check for check in checks if not check.found] == []
    assert [check for check in checks if not check.ok and not check.remedy] == []


def test_uv_is_found_with_its_version() -> None:
    check = doctor.uv_itself()
    assert check.ok
    assert check.found.startswith("uv ")


def test_a_missing_uv_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv, "program", refuse)
    check = doctor.uv_itself()
    assert (check.ok, check.found, check.remedy) == (False, "It does not answer.", "Check it.")


@pytest.mark.parametrize(
    ("found", "ok", "missing"),
    [
        (("3.8",), False, "3.10, 3.11, 3.12, 3.13"),
        (("3.11",), True, "3.10, 3.12, 3.13"),
        ((), False, "3.10, 3.11, 3.12, 3.13"),
    ],
)
def test_one_supported_python_is_enough_and_the_missing_ones_are_named(
    monkeypatch: pytest.MonkeyPatch, found: tuple[str, ...], ok: bool, missing: str
) -> None:
    monkeypatch.setattr(interpreters, "available", lambda: found)
    check = doctor.pythons()
    assert (check.ok, check.found) == (ok, ", ".join(found) or "none")
    assert check.remedy.startswith(f"For {missing}: ")


def test_all_pythons_need_no_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "available", lambda: ("3.10", "3.11", "3.12", "3.13"))
    assert doctor.pythons().remedy == ""


def test_an_index_that_answers_is_told_with_its_releases(own_index: Index) -> None:
    own_index.add("dask", "2024.9.1")
    check = doctor.releases_of_dask()
    assert (check.ok, check.found) == (True, "1 releases of Dask")


def test_an_index_that_does_not_answer_is_a_lack_even_if_it_once_did(own_index: Index) -> None:
    own_index.add("dask", "2024.9.1")
    doctor.releases_of_dask()
    own_index.answers["/simple/dask/"] = (503, "text/plain", b"")
    check = doctor.releases_of_dask()
    assert not check.ok
    assert "REPRO_INDEX_URL" in check.remedy


@pytest.mark.parametrize(("free", "ok"), [(6 * 1024**3, True), (1024**3, False)])
def test_five_gibibytes_have_to_be_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, ok: bool
) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 0, free))
    monkeypatch.setenv("REPRO_HOME", str(tmp_path / "not" / "there" / "yet"))
    check = doctor.disk()
    assert check.ok is ok
    assert check.found == f"{free // 1024**3} GiB free for {tmp_path}/not/there/yet"
    assert bool(check.remedy) is not ok


Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a program on a PATH of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(name: str, body: str) -> None:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(stat.S_IRWXU)

    return put


def test_a_program_that_does_not_answer_says_nothing(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ANSWER_SECONDS", 0.05)
    program("uv", "exec /bin/sleep 5")
    monkeypatch.setattr(uv, "program", lambda: tmp_path / "uv")
    assert doctor.uv_itself().found == f" at {tmp_path / 'uv'}"


def test_gvisor_is_told_of_and_not_needed(program: Program) -> None:
    assert (doctor.gvisor().ok, doctor.gvisor().found) == (
        *(True, "not installed, and not used by this version"),
    )
    program("runsc", "exit 0")
    assert doctor.gvisor().found.endswith("/runsc")
