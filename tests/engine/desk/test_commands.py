"""`repro login`, `submit` and `status`, as people type them."""

import json
from pathlib import Path
from typing import Any

import pytest

from reproducers.cli import repro
from reproducers.engine.commands import status as status_command
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.desk.login import Login, keep_login, kept_login
from tests.engine.desk.conftest import Scripted

TRIAL = {
    "id": 1,
    "dask": "2025.5.1",
    "python": "3.11",
    "state": "ended",
    "verdict": "reproduced",
    "reason": "TypeError was raised.",
}


def ticket(*trials: dict[str, Any], state: str = "ended", **more: Any) -> dict[str, Any]:
    experiments = [{"id": 1, "state": state, "trials": list(trials)}] if trials else []
    return {
        "id": 412,
        "title": "Gather hangs",
        "state": "new",
        "url": "https://desk.example.org/tickets/412/",
        "missing": [],
        "experiments": experiments,
    } | more


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "gather.py"
    path.write_text("import dask\n")
    return path


def run(*arguments: str) -> int:
    return carry_out(repro, arguments)


def test_login_keeps_the_token(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    server.will_answer(201, {"secret": "hw_1"})
    assert run("login", server.url, "--email", "a@b.example", "--password", "p") == 0
    assert kept_login() == Login(server.url, "hw_1")
    assert "Signed in to" in capsys.readouterr().out
    assert json.loads(server.asked[0][3])["password"] == "p"


def test_login_as_json_does_not_print_the_token(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    server.will_answer(201, {"secret": "hw_1"})
    run("login", server.url, "--email", "a@b.example", "--password", "p", "--json")
    said = capsys.readouterr().out
    assert json.loads(said)["url"] == server.url
    assert "hw_1" not in said


def test_submit_sends_the_script_and_says_the_ticket(
    server: Scripted, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_login(Login(server.url, "hw_1"))
    server.will_answer(201, ticket())
    assert run("submit", str(script), "--title", "Gather hangs", "--dask", "2025.5.1") == 0
    assert "Ticket #412 is open: https://desk.example.org/tickets/412/" in capsys.readouterr().out
    sent = json.loads(server.asked[0][3])
    assert (sent["script"], sent["dask_release"]) == ("import dask\n", "2025.5.1")
    assert sent["script_name"] == "gather.py"


def test_submit_sends_the_data_that_the_script_reads(server: Scripted, script: Path) -> None:
    keep_login(Login(server.url, "hw_1"))
    server.will_answer(201, ticket())
    script.write_text('# /// script\n# [tool.repro]\n# files = ["sales.csv"]\n# ///\nimport dask\n')
    (script.parent / "sales.csv").write_text("shop,sum\n")
    run("submit", str(script), "--title", "Gather hangs")
    assert json.loads(server.asked[0][3])["files"] == {"sales.csv": "c2hvcCxzdW0K"}


def test_submit_as_json_is_as_promised(
    server: Scripted, script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_login(Login(server.url, "hw_1"))
    server.will_answer(201, ticket())
    run("submit", str(script), "--title", "Gather hangs", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "schema": 1,
        "ticket": 412,
        "url": "https://desk.example.org/tickets/412/",
    }


def test_a_script_that_cannot_be_read_is_said_before_anything_is_sent(
    server: Scripted, script: Path
) -> None:
    script.write_text("def broken(:\n")
    assert run("submit", str(script), "--title", "x") == 2
    assert server.asked == []


def test_without_a_login_it_ends_with_5(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("submit", str(script), "--title", "x", "--json") == 5
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], error["remedy"]) == ("server", "Run `repro login URL` first.")


def test_status_says_verdicts_newest_first(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_login(Login(server.url, "hw_1"))
    clean = TRIAL | {"dask": "2026.8.0", "verdict": "clean", "reason": ""}
    cannot = TRIAL | {"dask": "2026.1.0", "verdict": "unsatisfiable", "reason": "It pins."}
    server.will_answer(200, ticket(TRIAL, clean, cannot))
    assert run("status", "412") == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "■ 2025.5.1: reproduced. TypeError was raised.",
        "○ 2026.8.0: clean.",
        "\u00d7 2026.1.0: unsatisfiable. It pins.",
    ]


def test_status_as_json_is_as_promised(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_login(Login(server.url, "hw_1"))
    server.will_answer(200, ticket(TRIAL))
    run("status", "412", "--json")
    facts = json.loads(capsys.readouterr().out)
    verdict = {key: value for key, value in TRIAL.items() if key != "id"}
    assert facts == {"schema": 1, "ticket": 412, "state": "new", "verdicts": [verdict]}


def test_status_waits_until_the_runs_have_ended(
    server: Scripted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_command, "SECONDS", 0)
    keep_login(Login(server.url, "hw_1"))
    waiting = TRIAL | {"state": "queued", "verdict": "", "reason": ""}
    server.will_answer(200, ticket(waiting, state="running"))
    server.will_answer(200, ticket(TRIAL))
    assert run("status", "412", "--wait") == 0
    assert "■ 2025.5.1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (ticket(), "No run has been asked for yet."),
        (ticket(missing=["There is no script."]), "There is no script."),
        (
            ticket(TRIAL | {"state": "queued", "verdict": "", "reason": ""}),
            "· 2025.5.1: queued.",
        ),
    ],
)
def test_status_says_what_is_missing(
    server: Scripted, capsys: pytest.CaptureFixture[str], facts: dict[str, Any], line: str
) -> None:
    keep_login(Login(server.url, "hw_1"))
    server.will_answer(200, facts)
    run("status", "412")
    assert capsys.readouterr().out.splitlines()[-1] == line


def test_what_a_server_says_cannot_move_the_terminal(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_login(Login(server.url, "hw_1"))
    server.will_answer(200, ticket(title="\x1b[2Jgone"))
    run("status", "412")
    assert "\x1b" not in capsys.readouterr().out
