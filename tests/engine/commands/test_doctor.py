"""`repro doctor` tells what was tried, a line each, or as JSON."""

import json
import subprocess
import sys

import pytest

from reproducers.cli import repro
from reproducers.engine.checks import Check
from reproducers.engine.commands.doctor import told
from reproducers.engine.commands.frame import carry_out


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        (Check(name="uv", ok=True, found="0.9"), [("\u2713 uv               0.9", "green")]),
        (
            Check(name="index", ok=False, found="no answer", remedy="Check it."),
            [
                ("\u2717 index            no answer", "bold red"),
                ("                   Check it.", ""),
            ],
        ),
    ],
)
def test_a_check_is_a_line_and_a_remedy(check: Check, lines: list[tuple[str, str]]) -> None:
    assert list(told(check)) == lines


def doctor(*arguments: str) -> str:
    """In a process of its own: it asks the index, which this one may not reach."""
    command = [sys.executable, "-m", "reproducers.cli", "doctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.sandbox
@pytest.mark.index
def test_this_machine_is_examined_for_programs_and_for_people() -> None:
    said = json.loads(doctor("--json"))
    assert said["schema"] == 1
    assert {"name", "ok", "found", "remedy"} == set(said["checks"][0])
    by_name = {check["name"]: check["ok"] for check in said["checks"]}
    assert by_name["sandbox"] is True
    assert "\u2713 sandbox" in doctor()


def test_what_was_found_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    machine = [Check(name="uv", ok=True, found="0.9")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reproducers.engine.doctor.examine", lambda: machine)
        assert carry_out(repro, ["doctor"]) == 0
        assert capsys.readouterr().out == "\u2713 uv               0.9\n"
        assert carry_out(repro, ["doctor", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["checks"][0]["name"] == "uv"
