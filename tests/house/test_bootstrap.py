"""The set-up before there is an environment: says what is missing, and installs what it may."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from config import bootstrap, places


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH: a machine that has what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def link(folder: Path, *names: str) -> None:
    for name in names:
        found = shutil.which(name, path=os.defpath)
        assert found is not None
        (folder / name).symlink_to(found)


def make(*arguments: str, folder: Path = places.CHECKOUT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/usr/bin/make", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_without_python_is_told_which_one_is_needed(
    bin_folder: Path, tmp_path: Path
) -> None:
    program(bin_folder, "python3", "exit 1")  # too old
    shutil.copy(places.CHECKOUT / "Makefile", tmp_path)
    done = make("setup", folder=tmp_path)
    assert done.returncode != 0
    assert done.stderr.startswith("Headwater needs Python 3.11 or newer: sudo apt-get install")


def test_make_alone_lists_the_verbs() -> None:
    listed = make().stdout
    assert [line.split()[1] for line in listed.splitlines()][:4] == ["help", "run", "setup", "test"]


def test_without_apt_the_package_is_named(bin_folder: Path) -> None:
    with pytest.raises(bootstrap.SetupError, match="Install what Debian calls bubblewrap"):
        bootstrap.install_packages(["bubblewrap"], why="the sandbox")


def test_root_installs_what_is_missing(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(bin_folder, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    link(bin_folder, "env")
    bootstrap.install_packages(["bubblewrap", "chromium"], why="the tests")
    assert (tmp_path / "asked").read_text().splitlines() == [
        "update -qq",
        "install -y -qq --no-install-recommends bubblewrap chromium",
    ]


def test_what_apt_says_is_passed_on(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(bin_folder, "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    with pytest.raises(bootstrap.SetupError, match="could not install x:\n  E: Unable to locate"):
        bootstrap.install_packages(["x"], why="a test")


def test_with_sudo_it_is_asked(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(bin_folder, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    program(bin_folder, "sudo", 'shift; exec "$@"')
    link(bin_folder, "env", "true")
    bootstrap.install_packages(["bubblewrap"], why="the sandbox")
    assert (tmp_path / "asked").read_text().splitlines()[-1].endswith(" bubblewrap")


def test_without_rights_the_one_line_is_printed(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(bin_folder, "apt-get", "exit 100")
    program(bin_folder, "sudo", "exit 1")
    with pytest.raises(bootstrap.SetupError, match="sudo apt-get install bubblewrap"):
        bootstrap.install_packages(["bubblewrap"], why="the sandbox")


def test_a_missing_sandbox_does_not_keep_the_rest_from_starting(
    bin_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.sandbox()
    assert "Going on: until then trials end with that reason." in capsys.readouterr().err


def test_the_second_sandbox_is_installed_where_it_is_missing_and_may_be(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(bin_folder, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    link(bin_folder, "env")
    bootstrap.second_sandbox()
    assert (tmp_path / "asked").read_text().splitlines()[-1].endswith(" runsc")


def test_without_the_second_sandbox_its_tests_are_skipped(
    bin_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bootstrap.second_sandbox()
    assert "Going on: its tests are skipped." in capsys.readouterr().err


def test_a_second_sandbox_that_is_there_is_left_alone(
    bin_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(bin_folder, "runsc", "exit 0")
    bootstrap.second_sandbox()
    assert capsys.readouterr().err == ""


def test_an_environment_of_this_lock_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bin_folder: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    program(bin_folder, "python", "exit 1")
    (tmp_path / "stamp").write_text(bootstrap.fingerprint())
    before = sorted(tmp_path.rglob("*"))
    bootstrap.python_environment()
    assert sorted(tmp_path.rglob("*")) == before


def test_the_locked_uv_is_the_one_that_is_installed() -> None:
    assert (
        f'name = "uv"\nversion = "{bootstrap.locked_uv()}"'
        in (places.CHECKOUT / "uv.lock").read_text()
    )
