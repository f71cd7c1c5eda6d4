"""What `repro doctor` says of a machine."""

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from reproducers.engine import doctor, interpreters
from reproducers.engine.environments import uv
from reproducers.engine.errors import EnvironmentServiceError, IsolationError
from reproducers.engine.sandbox import gvisor, rungs
from tests.engine.indexes import Index

Missing = EnvironmentServiceError("It does not answer.", remedy="Check it.")


def refuse(**ignored: object) -> None:
    raise Missing


@pytest.mark.sandbox
def test_each_check_says_what_was_found_and_each_lack_what_to_do(own_index: Index) -> None:
    own_index.add("dask", "2024.9.1")
    told: list[str] = []
    checks = list(doctor.examine(told.append))
    names = [check.name for check in checks]
    assert names[-6:] == ["limits", "uv", "pythons", "index", "disk", "gpus"]
    assert {"bubblewrap", "gvisor"} <= set(names)
    assert told[-6:] == names[-6:]
    assert len(set(names)) == len(names)
    assert [check for check in checks if not check.found] == []
    assert [check for check in checks if not check.ok and not check.remedy] == []
    assert [check.name for check in checks if not check.ok and "/" in check.name] == []


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


@pytest.fixture
def without_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own runsc is not looked at."""
    monkeypatch.setattr(gvisor, "FOLDERS", ())


def test_gvisor_that_is_not_installed_is_no_lack(program: Program, without_system: None) -> None:
    (check,) = doctor.second_sandbox()
    assert (check.ok, check.found) == (True, doctor.NOT_NEEDED)
    assert "apt install runsc" in check.remedy


def test_gvisor_that_is_too_old_is_a_lack(program: Program, without_system: None) -> None:
    program("runsc", "echo runsc version release-20200101.0")
    (check,) = doctor.second_sandbox()
    assert not check.ok
    assert "too old" in check.found


@pytest.mark.sandbox
def test_gvisor_that_is_there_and_does_not_start_is_a_lack(
    program: Program, without_system: None
) -> None:
    program("runsc", "echo runsc version release-20260101.0; exit 1")
    checks = {check.name: check for check in doctor.second_sandbox()}
    assert checks["gvisor"].ok
    assert {name for name, check in checks.items() if check.ok} <= {
        *("gvisor", "gvisor/left-behind", "gvisor/process-limit"),
    }


def test_limits_without_a_place_to_try_them_are_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_free() -> None:
        raise IsolationError("All places are taken.", remedy="Wait.")

    monkeypatch.setattr(rungs, "tried", none_free)
    check = doctor.limits()
    assert (check.ok, check.found, check.remedy) == (False, "All places are taken.", "Wait.")


def test_a_home_that_cannot_be_written_to_is_a_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_HOME", "/proc/headwater")
    check = doctor.disk()
    assert not check.ok
    assert check.found.startswith("/proc/headwater cannot be written to: ")
    assert "REPRO_HOME" in check.remedy
