"""`repro run` from its flags to its files, without a sandbox: that is `test_journeys.py`."""

import json
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest

from reproducers.cli import repro
from reproducers.engine.commands import run as command
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.errors import MetadataError, UsageError
from reproducers.engine.job import Job
from reproducers.engine.kept_runs import Folder
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.script import read_script
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.unsandboxed import OwnPython

SCRIPT = b"""\
# /// script
# dependencies = ["dask[complete]"]
# [tool.repro]
# symptom = "hang"
# reported = "2024.3.0"
# tries = 4
# memory = "1GiB"
# ///
"""
NO_FLAGS: dict[str, Any] = {
    str(option.name): () if option.multiple else False if option.is_flag else None
    for option in command.run.params
    if isinstance(option, click.Option)
}


def job(source: bytes = SCRIPT, **flags: Any) -> Job:
    return command._job(read_script(source), Path(), {**NO_FLAGS, **flags})


def test_without_flags_the_script_decides() -> None:
    made = job()
    assert (made.environment.dask, made.expected.kind, made.tries) == (
        "2024.3.0",
        Symptom.HANG,
        4,
    )
    assert made.policy.memory_bytes == 2**30


def test_flags_win_over_the_script() -> None:
    made = job(
        dask="2026.8.0",
        python="3.12",
        as_of=datetime(2026, 9, 1, tzinfo=UTC),
        requirements=("pandas<3",),
        symptom="exception",
        match="no",
        accept="yes",
        workers="3",
        threads="2",
        memory="2 GiB",
        timeout="1.5 min",
        tries="7",
        isolation="none",
    )
    assert (made.environment.dask, made.environment.python, made.environment.as_of) == (
        "2026.8.0",
        "3.12",
        date(2026, 9, 1),
    )
    assert made.environment.requirements == ("dask[complete]", "pandas<3")
    assert (made.expected.kind, made.expected.match, made.expected.accept) == (
        Symptom.EXCEPTION,
        "no",
        "yes",
    )
    policy = made.policy
    assert (policy.workers, policy.threads, policy.memory_bytes, policy.timeout_seconds) == (
        3,
        2,
        2 * 2**30,
        90.0,
    )
    assert (made.tries, policy.isolation) == (7, "none")


@pytest.mark.parametrize(
    "flags",
    [{"workers": "many"}, {"memory": "1 KiB"}, {"timeout": "0"}, {"match": "("}, {"tries": "0"}],
    ids=str,
)
def test_a_flag_out_of_bounds_is_refused(flags: dict[str, Any]) -> None:
    with pytest.raises(MetadataError):
        job(**flags)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        (b"def f(:\n", "script", "bug.py, line 1: invalid syntax."),
        (b"x" * (1024**2 + 1), "script", "bug.py is larger than 1 MiB."),
        (b"# /// script\n# dependencies = [\n# ///\n", "metadata", "The metadata is no TOML"),
    ],
    ids=["syntax", "size", "metadata"],
)
def test_a_bad_script_is_a_clear_error(
    tmp_path: Path, source: bytes, code: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bug.py").write_bytes(source)
    assert carry_out(repro, ["run", str(tmp_path / "bug.py"), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == code
    assert message in error["message"]


REPORT = Report(verdict=Verdict.CLEAN, reason="It ended well.")


def said(tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str], *flags: str) -> list[str]:
    """What a run without walls prints where nobody looks at a terminal."""
    (tmp_path / "bug.py").write_text(f"# import dask\n{source}")
    arguments = ["run", str(tmp_path / "bug.py"), "--isolation", "none", *flags]
    engine = partial(run_job, obtain=OwnPython(tmp_path))
    assert carry_out(repro, arguments, engine=engine) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("home")
def test_a_result_is_plain_where_it_is_piped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(tmp_path, f"raise KeyError('{'long ' * 30}')\n", capsys)
    assert lines[0] == "\u25a0 Reproduced on Dask 2026.8.0."
    assert lines[1].startswith(f"  It raised KeyError: '{'long ' * 30}'")
    assert "traceback    bug.py:2 in <module>" in lines
    assert "environment  Python 3.11.7, dask 2026.8.0, distributed 2026.8.0" in lines
    assert all(line.isprintable() for line in lines)


@pytest.mark.usefixtures("home")
def test_a_run_that_is_stopped_says_where_it_stood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(
        tmp_path, "import time\n\ndef wait():\n    time.sleep(60)\n\nwait()\n", capsys,
        "--timeout", "2", "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert lines[0] == "\u00d7 Stopped at a limit on Dask 2026.8.0."
    assert lines[3:5] == ["it stood in  bug.py:7 in <module>", "             bug.py:5 in wait"]


def test_files_go_where_they_are_asked_for(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out")
    folder.keep("stdout.txt", b"hello")
    folder.keep("../escape.txt", b"no")
    folder.keep_report(REPORT)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "escape.txt",
        "report.json",
        "stdout.txt",
    ]


def test_a_folder_that_cannot_be_written_to_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written to"):
        Folder(tmp_path / "file" / "out").keep("a.txt", b"")


def test_a_named_folder_is_tried_before_the_script_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bug.py").write_bytes(b"import dask\n")
    (tmp_path / "file").write_text("")
    arguments = ["run", str(tmp_path / "bug.py"), "--out", str(tmp_path / "file" / "out")]

    assert carry_out(repro, [*arguments, "--json"]) == 2
    assert "cannot be written to" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_what_was_kept_can_be_read_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.keep("series.json", b"{}")
    assert (folder.content("series.json"), folder.content("other.json")) == (b"{}", b"")


def test_of_unnamed_folders_the_last_thirty_are_kept(home: Path) -> None:
    for number in range(40):
        (home / "runs" / f"20200101-{number:06d}").mkdir(parents=True)
    folder = Folder(None)
    folder.keep_report(REPORT)
    kept = sorted((home / "runs").iterdir())
    assert (len(kept), kept[-1]) == (30, folder.path)
