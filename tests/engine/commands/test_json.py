"""`repro run --json` prints exactly one object with the keys that the specification promises."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reproducers.cli import repro
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.environments import Environment, EnvironmentRefused
from reproducers.engine.errors import EnvironmentServiceError, IsolationError
from reproducers.engine.events import Cancellation
from reproducers.engine.run import run_job
from reproducers.engine.verdicts import Verdict
from tests.engine.unsandboxed import OwnPython

RAISES = "print('hello')\nraise KeyError('x')\n"
ENDS = "print('hello')\n"

Table = Mapping[str, Any]
Is = Callable[[Any], bool]


def kind(*types: type) -> Is:
    """Of exactly one of these types: True is no number here."""
    return lambda value: type(value) in types


def one_of(*words: str | None) -> Is:
    return lambda value: value in words


def each(shape: Mapping[str, Is]) -> Is:
    return lambda value: isinstance(value, list) and all(has(one, shape) for one in value)


def maybe(shape: Mapping[str, Is]) -> Is:
    return lambda value: value is None or has(value, shape)


def has(value: Any, shape: Mapping[str, Is]) -> bool:
    return isinstance(value, dict) and all(
        key in value and fits(value[key]) for key, fits in shape.items()
    )


NULL, NUMBER = type(None), (int, float)
VERDICT = one_of(
    "reproduced", "different", "clean", "bad-environment", "unsatisfiable", "limit"
)  # fmt: skip
SYMPTOM = one_of(
    "exception", "wrong-result", "hang", "killed-worker", "memory", "crash", "slow", "warning", None
)  # fmt: skip
TRY = {
    "verdict": VERDICT,
    "seconds": kind(*NUMBER),
    "peak_memory_bytes": kind(int, NULL),
}
RUN: Mapping[str, Is] = {
    "schema": kind(int),
    "verdict": VERDICT,
    "symptom": SYMPTOM,
    "kind": kind(str, NULL),
    "exception": maybe({"type": kind(str), "message": kind(str)}),
    "fingerprint": kind(str, NULL),
    "owner": kind(str),
    "owner_from": one_of("frames", "dependency-axis", None),
    "hits": kind(int),
    "runs": kind(int),
    "rate": kind(float, NULL),
    "label": one_of("always", "often", "flaky", "rare", None),
    "environment": maybe(
        {name: kind(str) for name in ("python", "dask", "distributed", "as_of", "lock")}
    ),
    "isolation": kind(str),
    "limits": one_of("cgroup-v2", "cgroup-v1", "weak", None),
    "tries": each(TRY),
    "seconds": lambda value: has(
        value, {name: kind(*NUMBER) for name in ("environment", "start", "script")}
    ),
    "artifacts": each({"name": kind(str), "bytes": kind(int), "sha256": kind(str)}),
}


def wrong_keys(facts: Table) -> list[str]:
    """The promised keys that are missing or of another type."""
    return [key for key, fits in RUN.items() if key not in facts or not fits(facts[key])]


class Refusing:
    """Fails to give an environment, as the real one may."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __call__(self, *_arguments: object, **_options: object) -> Environment:
        raise self._error


CANNOT = EnvironmentRefused(Verdict.UNSATISFIABLE, "Nothing fits.", "uv said so")

VERDICTS: list[tuple[str, str, list[str], dict[str, Any]]] = [
    ("it fails", RAISES, [], {"verdict": "reproduced", "symptom": "exception", "rate": 1.0}),
    ("it fails twice", RAISES, ["--tries", "2"], {"hits": 2, "runs": 2, "label": "always"}),
    ("it ends well", ENDS, [], {"verdict": "clean", "symptom": None, "exception": None}),
    (
        "it fails otherwise",
        RAISES,
        ["--match", "nothing of it"],
        {"verdict": "different", "hits": 0, "rate": 0.0},
    ),
    (
        "it takes too long",
        "import time\ntime.sleep(60)\n",
        ["--timeout", "1"],
        {"verdict": "limit", "symptom": None, "fingerprint": None},
    ),
    (
        "it lacks a package",
        "import nothing_of_this_name\n",
        ["--with", "dask"],
        {"verdict": "bad-environment"},
    ),
]


@pytest.fixture
def script(tmp_path: Path, home: Path) -> Callable[[str], list[str]]:
    """A command line that runs this source without walls."""

    def written(source: str) -> list[str]:
        (tmp_path / "bug.py").write_text(f"# import dask\n{source}")
        return ["run", str(tmp_path / "bug.py"), "--isolation", "none", "--json"]

    return written


def answer(
    arguments: list[str], obtain: Any, capsys: pytest.CaptureFixture[str]
) -> tuple[int, Table]:
    """The exit status and the one object on standard output."""
    status = carry_out(repro, arguments, engine=partial(run_job, obtain=obtain))
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    facts: Table = json.loads(out)
    return status, facts


@pytest.mark.parametrize(
    ("sentence", "source", "flags", "facts"), VERDICTS, ids=[row[0] for row in VERDICTS]
)
def test_a_verdict_has_every_promised_key(
    sentence: str,
    source: str,
    flags: list[str],
    facts: dict[str, Any],
    script: Callable[[str], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, told = answer([*script(source), *flags], OwnPython(tmp_path), capsys)

    assert (status, wrong_keys(told)) == (0, [])
    assert {key: told[key] for key in facts} == facts
    assert len(told["tries"]) == told["runs"]
    assert told["environment"]["dask"] == "2026.8.0"


def test_where_no_environment_can_be_had_the_keys_are_the_same(
    script: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = answer(script(ENDS), Refusing(CANNOT), capsys)

    assert (status, wrong_keys(told)) == (0, [])
    assert (told["verdict"], told["environment"], told["tries"], told["rate"]) == (
        "unsatisfiable",
        None,
        [],
        None,
    )


def test_kept_files_are_those_of_the_answer(
    script: Callable[[str], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [*script(RAISES), "--out", str(tmp_path / "out"), "--fail-on", "reproduced"]
    status, told = answer(arguments, OwnPython(tmp_path), capsys)

    assert status == 1
    sizes = {one["name"]: one["bytes"] for one in told["artifacts"]}
    kept = {path.name: path.stat().st_size for path in (tmp_path / "out").iterdir()}
    assert sizes == {name: size for name, size in kept.items() if name != "report.json"}
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == told


ERRORS: list[tuple[BaseException, int, str]] = [
    (EnvironmentServiceError("No.", remedy="Do."), 3, "environment-service"),
    (IsolationError("No.", remedy="Do."), 4, "no-sandbox"),
    (Cancellation(), 130, "interrupted"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (RuntimeError("No."), 70, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), ERRORS)
def test_without_a_verdict_there_is_one_error(
    error: BaseException,
    status: int,
    code: str,
    script: Callable[[str], list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended, told = answer(script(ENDS), Refusing(error), capsys)

    assert ended == status
    assert_is_error(told, code)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_that_was_made_in_vain_is_gone_again(
    is_there: bool,
    script: Callable[[str], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    if is_there:
        out.mkdir()
    answer([*script(ENDS), "--out", str(out)], Refusing(Cancellation()), capsys)
    assert out.exists() is is_there


def test_wrong_usage_is_one_error(capsys: pytest.CaptureFixture[str]) -> None:
    status, told = answer(["run", "--json"], None, capsys)

    assert status == 2
    assert_is_error(told, "usage")


def assert_is_error(told: Table, code: str) -> None:
    assert sorted(told) == ["error", "schema"]
    assert sorted(told["error"]) == ["code", "message", "remedy"]
    assert told["error"]["code"] == code
    assert all(type(value) is str and value for value in told["error"].values())


INTERRUPTED = """\
import sys
from functools import partial
from pathlib import Path
from reproducers.cli import repro
from reproducers.engine.commands.frame import carry_out
from reproducers.engine.run import run_job
from tests.engine.unsandboxed import OwnPython

engine = partial(run_job, obtain=OwnPython(Path(sys.argv[1]).parent))
sys.exit(carry_out(repro, ["run", *sys.argv[1:], "--isolation", "none", "--json"], engine=engine))
"""


def test_ctrl_c_is_one_error_and_leaves_nothing(tmp_path: Path, home: Path) -> None:
    (tmp_path / "bug.py").write_text(
        "import os, time\nprint('# dask')\n"
        f"os.write(os.open({str(tmp_path / 'pid')!r}, os.O_CREAT | os.O_WRONLY),"
        " str(os.getpid()).encode())\ntime.sleep(300)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path / "bug.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        script = int(wait_for(tmp_path / "pid"))
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert out.count(b"\n") == 1
    assert_is_error(json.loads(out), "interrupted")
    assert [path for path in (home / "tries").iterdir() if path.is_dir()] == []
    with pytest.raises(ProcessLookupError):
        os.kill(script, 0)


def wait_for(path: Path) -> str:
    """What another process writes there, polled for a minute."""
    for _ in range(1200):
        if path.exists() and (text := path.read_text()):
            return text
        signal.sigtimedwait([], 0.05)
    raise AssertionError(f"{path.name} never came")
