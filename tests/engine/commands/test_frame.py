"""One way in and one way out: exit statuses, and errors for people and for programs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import click
import pytest

from reproducers.cli import COMMANDS, repro
from reproducers.engine.commands import frame
from reproducers.engine.commands.interruption import Interruption
from reproducers.engine.commands.suggestions import remedy_of
from reproducers.engine.errors import EnvironmentServiceError, IsolationError, MetadataError
from reproducers.engine.events import Cancellation


def group(act: Callable[[], int | None]) -> click.Group:
    """A program whose one command does `act`."""

    @click.command()
    @click.option("--json", is_flag=True)
    def do(json: bool) -> int | None:
        return act()

    made = click.Group()
    made.add_command(do)
    return made


def failing(error: BaseException) -> click.Group:
    def act() -> int | None:
        raise error

    return group(act)


@pytest.mark.parametrize(("answer", "status"), [(0, 0), (1, 1), (None, 0)])
def test_a_command_says_its_exit_status(answer: int | None, status: int) -> None:
    assert frame.carry_out(group(lambda: answer), ["do"]) == status


ERRORS = [
    (MetadataError("No.", remedy="Do."), 2, "metadata"),
    (EnvironmentServiceError("No.", remedy="Do."), 3, "environment-service"),
    (IsolationError("No.", remedy="Do."), 4, "no-sandbox"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (click.Abort(), 130, "interrupted"),
    (Cancellation(), 130, "interrupted"),
    (click.UsageError("No."), 2, "usage"),
    (RuntimeError("No."), 70, "internal"),
    (MemoryError(), 70, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), ERRORS)
def test_an_error_is_one_json_object_for_programs(
    error: BaseException, status: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.carry_out(failing(error), ["do", "--json"]) == status
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["error"]["code"]) == (1, code)
    assert sorted(said["error"]) == ["code", "message", "remedy"]


def test_an_error_is_two_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    error = MetadataError("It is \x1b[31mwrong.", remedy="Write it [otherwise].")
    frame.carry_out(failing(error), ["do"])
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "repro: It is \ufffd[31mwrong.\n       Write it [otherwise].\n",
    )


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["run", "--nope"], "`repro run --help` lists what there is."),
        (["run", "x.py", "--symptom", "sad"], "`repro run --help` lists what there is."),
        (["nope"], "`repro --help` lists what there is."),
        (["run"], "`repro run --help` lists what there is."),
        (
            ["run", "x.py", "--symptom", "hnag"],
            "Did you mean --symptom hang? `repro run --help` lists what there is.",
        ),
        (
            ["run", "x.py", "--symtom", "hang"],
            "Did you mean --symptom? `repro run --help` lists what there is.",
        ),
        (["rum", "x.py"], "Did you mean run? `repro --help` lists what there is."),
        (["run", "x.py", "--as-of", "today"], "`repro run --help` lists what there is."),
    ],
)
def test_a_wrong_command_line_says_where_help_is(
    arguments: list[str], remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.carry_out(repro, [*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["remedy"] == remedy


def test_an_error_without_a_command_line_points_to_all_commands() -> None:
    assert remedy_of(click.ClickException("No.")) == "`repro --help` lists what there is."


def test_numbers_that_json_does_not_know_are_a_mistake_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telling = group(lambda: frame.print_json({"seconds": float("nan")}))
    assert frame.carry_out(telling, ["do", "--json"]) == 70
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "internal"


@pytest.mark.parametrize(("code", "status"), [(3, 3), (None, 1), ("gone", 1)])
def test_who_reads_no_more_is_told_no_more(
    code: Any, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.carry_out(failing(SystemExit(code)), ["do"]) == status
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_leaves_early_is_no_mistake_of_ours() -> None:
    program = f"{sys.executable} -m reproducers.cli run --help"
    done = subprocess.run(
        ["/bin/sh", "-c", f"{{ sleep 0.1; {program}; }} | true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")


def test_all_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.carry_out(repro, ["--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2].split("\n")
    assert [line.split()[0] for line in listed if line.strip()] == list(COMMANDS)


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.carry_out(repro, ["run", "--help"]) == 0
    assert "--symptom KIND" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_insists(number: int) -> None:
    with Interruption() as interruption:
        assert not interruption()
        os.kill(os.getpid(), number)
        assert interruption()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)


def test_who_does_not_look_is_interrupted_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reproducers.engine.commands.interruption.PATIENCE_SECONDS", 0.1)
    with Interruption():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(5)


def test_afterwards_signals_are_as_before() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with Interruption():
        pass
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == before
