"""`repro doctor` tells what was tried, a line each, or as JSON."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from reproducers.cli import repro
from reproducers.engine.checks import Check
from reproducers.engine.commands.doctor import lines_of, told, verdict
from reproducers.engine.commands.frame import carry_out

UV = Check(name="uv", ok=True, found="0.9")
INDEX = Check(name="index", ok=False, found="no answer", remedy="Check it.")


def kept(isolation: str, *, ok: bool = True) -> list[Check]:
    return [
        Check(name=isolation, ok=True, found="1.0"),
        Check(name=f"{isolation}/network", ok=ok, found="out of reach"),
    ]


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        (UV, [("  \u2713 uv               0.9", "green")]),
        (
            INDEX,
            [
                ("  \u2717 index            no answer", "bold red"),
                ("                     Check it.", ""),
            ],
        ),
        (kept("gvisor")[1], [("  \u2713 network          out of reach", "green")]),
    ],
)
def test_a_check_is_a_line_and_a_remedy(check: Check, lines: list[tuple[str, str]]) -> None:
    assert list(lines_of(check)) == lines


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        (
            [*kept("bubblewrap"), UV],
            "Scripts of others can be run here, in bubblewrap: all 3 checks hold.",
        ),
        (
            [*kept("bubblewrap"), *kept("gvisor"), INDEX],
            "Scripts of others can be run here, in bubblewrap or gvisor; 1 of 5 checks fail.",
        ),
        (
            [*kept("bubblewrap", ok=False), *kept("gvisor")],
            "Scripts of others can be run here, in gvisor; 1 of 4 checks fail.",
        ),
        (
            [*kept("bubblewrap", ok=False), Check(name="gvisor", ok=True, found="not needed"), UV],
            "Run no scripts of others here: no sandbox holds what it has to.",
        ),
    ],
)
def test_what_it_comes_to_is_said_first(checks: list[Check], said: str) -> None:
    assert verdict(checks)[0] == said
    assert next(told(checks))[0] == said


def test_checks_stand_below_what_they_belong_to() -> None:
    headings = [text for text, style in told([*kept("bubblewrap"), UV, INDEX]) if style == "bold"]
    assert headings == ["bubblewrap", "this machine"]


def doctor(*arguments: str) -> str:
    """In a process of its own: it asks the index, which this one may not reach."""
    command = [sys.executable, "-m", "reproducers.cli", "doctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.sandbox
@pytest.mark.index
@pytest.mark.soak
def test_this_machine_is_examined_for_programs() -> None:
    said = json.loads(doctor("--json"))
    assert set(said) == {"schema", "checks"}
    assert said["schema"] == 1
    assert {tuple(check) for check in said["checks"]} == {("name", "ok", "found", "remedy")}
    by_name = {check["name"]: check["ok"] for check in said["checks"]}
    assert by_name["bubblewrap/starts"] is True


def test_what_was_found_is_printed_plainly_where_it_is_piped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tried: list[str] = []

    def machine(tell: Callable[[str], None]) -> list[Check]:
        tell("uv")
        tried.append("uv")
        return [*kept("bubblewrap"), UV]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reproducers.engine.doctor.examine", machine)
        assert carry_out(repro, ["doctor"]) == 0
        said = capsys.readouterr()
        assert said.out.splitlines() == [
            "Scripts of others can be run here, in bubblewrap: all 3 checks hold.",
            "",
            "bubblewrap",
            "  \u2713 bubblewrap       1.0",
            "  \u2713 network          out of reach",
            "",
            "this machine",
            "  \u2713 uv               0.9",
        ]
        assert said.err == ""
        assert carry_out(repro, ["doctor", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["checks"][2]["name"] == "uv"
    assert tried == ["uv", "uv"]
