"""From a Job to its Report, with real processes that have no walls around them."""

import dataclasses
import hashlib
import time
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.environments import Environment, EnvironmentRefused
from reproducers.engine.events import Cancellation, Event
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.report import Label, Report, parse_report
from reproducers.engine.reporting import label_of, overall
from reproducers.engine.run import run_job
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.unsandboxed import FACTS, OwnPython, expecting, job, run

pytestmark = pytest.mark.usefixtures("home")

FAILS = "def f():\n    raise ValueError('no 7')\nf()"
SLEEPS = "import time\ntime.sleep(60)"
FLAKY = """
import pathlib
counter = pathlib.Path({path!r})
count = int(counter.read_text()) if counter.exists() else 0
counter.write_text(str(count + 1))
assert count != 1, "every second time"
"""


LOCKED = "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"


def test_a_script_that_ends_well_is_clean(tmp_path: Path) -> None:
    report = run("print('hello')", tmp_path)
    assert (report.verdict, report.hits, report.runs, report.rate) == (Verdict.CLEAN, 0, 1, 0.0)
    assert report.output == "hello"
    assert (report.symptom, report.fingerprint, report.owner) == (None, None, "unknown")


def test_an_exception_comes_with_everything_that_is_known_of_it(tmp_path: Path) -> None:
    report = run(FAILS, tmp_path)
    assert (report.verdict, report.symptom) == (Verdict.REPRODUCED, Symptom.EXCEPTION)
    assert report.reason == "It raised ValueError: no 7."
    assert report.exception is not None
    assert (report.exception.type, report.exception.message) == ("ValueError", "no 7")
    assert report.exception.traceback.endswith("ValueError: no 7\n")
    assert (report.owner, report.owner_from) == ("script", "frames")
    assert str(report.fingerprint).startswith("fp1:")
    assert str(report.script_fingerprint).startswith("sc1:")
    assert report.environment == FACTS


def test_a_report_says_how_it_was_made(tmp_path: Path) -> None:
    report = run("pass", tmp_path)
    assert (report.isolation, report.limits is not None) == ("none", True)
    assert report.notes[:2] == (
        "It is the Python of the tests.",
        "It ran without a sandbox, with all rights of its caller.",
    )
    assert [one.verdict for one in report.tries] == [Verdict.CLEAN]
    seconds = report.seconds
    assert 0 < seconds.start < seconds.start + seconds.script < 20


def test_a_report_can_be_sent_and_read(tmp_path: Path) -> None:
    report = run(FAILS, tmp_path)
    assert parse_report(report.to_json().encode()) == report


@pytest.mark.parametrize(
    ("script", "verdict", "symptom", "kind"),
    [
        ("assert 1 == 2, 'three'", Verdict.REPRODUCED, Symptom.WRONG_RESULT, None),
        ("import ctypes\nctypes.string_at(0)", Verdict.REPRODUCED, Symptom.CRASH, "SIGSEGV"),
        ("import os\nos._exit(3)", Verdict.REPRODUCED, Symptom.CRASH, "exit"),
        ("import nowhere_to_be_found", Verdict.BAD_ENVIRONMENT, None, None),
        ("import sys\nsys.exit(0)", Verdict.CLEAN, None, None),
        ("import sys\nsys.exit('bad')", Verdict.REPRODUCED, Symptom.EXCEPTION, None),
    ],
)
def test_what_a_script_shows_first_is_its_symptom(
    tmp_path: Path, script: str, verdict: Verdict, symptom: Symptom | None, kind: str | None
) -> None:
    report = run(script, tmp_path)
    assert (report.verdict, report.symptom, report.kind) == (verdict, symptom, kind)


def test_a_crash_is_told_by_the_stack_it_left(tmp_path: Path) -> None:
    report = run("import ctypes\ndef f():\n    ctypes.string_at(0)\nf()", tmp_path)
    assert report.owner == "script"
    assert report.exception is None


def test_a_script_that_sleeps_for_ever_is_stopped_and_says_nothing(tmp_path: Path) -> None:
    report = run(SLEEPS, tmp_path, policy={"timeout_seconds": 1.0})
    assert report.verdict is Verdict.LIMIT
    assert report.reason == (
        "It was stopped after 1 second, and nothing shows that it hangs: "
        "that takes 30 seconds without progress."
    )


@pytest.mark.parametrize("kind", [Symptom.HANG, None])
def test_a_hang_is_told_by_where_the_script_stood(tmp_path: Path, kind: Symptom | None) -> None:
    policy = {"timeout_seconds": 5.0, "hang_floor_seconds": 2.0}
    report = run(LOCKED, tmp_path, policy=policy, expected=expecting(kind=kind))
    assert (report.verdict, report.symptom, report.kind, report.owner) == (
        Verdict.REPRODUCED,
        Symptom.HANG,
        "client-stuck",
        "script",
    )


@pytest.mark.parametrize(
    ("expected", "script", "verdict"),
    [
        ({"match": "^ValueError: no \\d$"}, FAILS, Verdict.REPRODUCED),
        ({"match": "KeyError"}, FAILS, Verdict.DIFFERENT),
        ({"match": "def f"}, FAILS, Verdict.DIFFERENT),
        ({"match": "careful"}, "print('be careful')", Verdict.REPRODUCED),
        ({"match": "careful"}, "print('hello')", Verdict.CLEAN),
        ({"accept": "no \\d"}, FAILS, Verdict.CLEAN),
        ({"match": "(a+)+$"}, "print('a' * 40 + 'b')", Verdict.LIMIT),
        (
            {"kind": Symptom.WARNING, "match": "will go"},
            "import warnings\nwarnings.warn('x will go', DeprecationWarning)",
            Verdict.REPRODUCED,
        ),
        (
            {"kind": Symptom.WARNING},
            "import warnings\nwarnings.warn('x will go', FutureWarning)",
            Verdict.REPRODUCED,
        ),
        ({"kind": Symptom.WARNING}, "pass", Verdict.CLEAN),
    ],
    ids=str,
)
def test_the_reporters_own_words_decide(
    tmp_path: Path, expected: dict[str, Any], script: str, verdict: Verdict
) -> None:
    assert run(script, tmp_path, expected=expecting(**expected)).verdict is verdict


def test_a_source_line_in_a_traceback_is_not_what_the_script_says(tmp_path: Path) -> None:
    script = "def careful():\n    1 / 0\ncareful()"
    assert run(script, tmp_path, expected=expecting(match="careful")).verdict is Verdict.DIFFERENT


FORGER = """
import json, os
print('{"schema": 1, "verdict": "reproduced"}')
folder = os.environ["REPRO_OBSERVER_FOLDER"]
with open(folder + "/exception.json", "w") as file:
    json.dump({"chain": [{"type": "KilledWorker", "module": "distributed", "message": "x"}]}, file)
"""


def test_a_forged_exception_beside_a_clean_exit_is_nothing(tmp_path: Path) -> None:
    report = run(FORGER, tmp_path)
    assert (report.verdict, report.exception, report.owner) == (Verdict.CLEAN, None, "unknown")


def test_what_lies_in_the_way_of_its_files_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"chain": [{"type": "Stolen", "module": "x", "message": "y"}]}')
    script = f"""
import os
folder = os.environ["REPRO_OBSERVER_FOLDER"]
os.symlink({str(secret)!r}, folder + "/exception.json")
os._exit(1)
"""
    report = run(script, tmp_path)
    assert (report.exception, report.symptom) == (None, Symptom.CRASH)


def test_why_there_is_no_performance_report_is_a_note(tmp_path: Path) -> None:
    script = """
import os
with open(os.environ["REPRO_OBSERVER_FOLDER"] + "/performance-report.txt", "w") as file:
    file.write("ImportError: no bokeh of that kind" + "." * 1000)
"""
    report = run(script, tmp_path)
    assert report.notes[-1].startswith(
        "Dask's performance report could not be made: ImportError: no bokeh of that kind"
    )
    assert len(report.notes[-1]) < 400


def test_several_tries_are_counted(tmp_path: Path) -> None:
    script = FLAKY.format(path=str(tmp_path / "count"))
    report = run(script, tmp_path, tries=3)
    assert (report.verdict, report.hits, report.runs, report.label) == (
        Verdict.REPRODUCED,
        1,
        3,
        "flaky",
    )
    assert [one.verdict for one in report.tries] == [
        Verdict.CLEAN,
        Verdict.REPRODUCED,
        Verdict.CLEAN,
    ]


@pytest.mark.parametrize(
    ("verdicts", "speaks"),
    [
        ("clean clean", 0),
        ("clean reproduced limit", 1),
        ("clean limit different", 1),
        ("different reproduced", 1),
    ],
)
def test_over_several_tries_one_speaks_for_all(verdicts: str, speaks: int) -> None:
    assert overall([Verdict(verdict) for verdict in verdicts.split()]) == speaks


@pytest.mark.parametrize(
    ("hits", "runs", "label"),
    [
        (0, 20, None),
        (1, 1, None),
        (5, 5, "always"),
        (3, 5, "often"),
        (2, 4, "often"),
        (2, 20, "flaky"),
        (1, 20, "rare"),
    ],
)
def test_how_often_it_shows_has_a_word(hits: int, runs: int, label: Label | None) -> None:
    assert label_of(hits, runs) == label


def test_files_are_kept_with_their_sums(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    report = run_job(
        job("import sys\nprint('out')\nprint('err', file=sys.stderr)\n1 / 0"),
        emit=lambda event: None,
        cancelled=lambda: False,
        keep=kept.__setitem__,
        obtain=OwnPython(tmp_path),
    )
    assert sorted(kept) == ["exception.json", "stderr.txt", "stdout.txt"]
    assert kept["stdout.txt"] == b"out\n"
    assert {one.name: (one.bytes, one.sha256) for one in report.artifacts} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in kept.items()
    }


def test_files_of_several_tries_have_names_of_their_own(tmp_path: Path) -> None:
    kept: dict[str, bytes] = {}
    run_job(
        job("print('out')", tries=2),
        emit=lambda event: None,
        cancelled=lambda: False,
        keep=kept.__setitem__,
        obtain=OwnPython(tmp_path),
    )
    assert sorted(kept) == ["try-1-stdout.txt", "try-2-stdout.txt"]


def test_the_phases_are_told_in_their_order(tmp_path: Path) -> None:
    events: list[Event] = []
    run_job(
        job("import time\ntime.sleep(0.6)", tries=2),
        emit=events.append,
        cancelled=lambda: False,
        obtain=OwnPython(tmp_path),
    )
    phases = list(dict.fromkeys(event.phase for event in events))
    assert phases == ["environment", "start", "script", "collect"]
    assert {event.note for event in events} == {"ready", "try 1 of 2", "try 2 of 2"}


def test_a_cancelled_run_is_over_within_two_seconds(tmp_path: Path) -> None:
    cancelled_at: list[float] = []

    def cancelled() -> bool:
        cancelled_at.append(time.monotonic())
        return True

    with pytest.raises(Cancellation):
        run_job(
            job(SLEEPS), emit=lambda event: None, cancelled=cancelled, obtain=OwnPython(tmp_path)
        )
    assert time.monotonic() - cancelled_at[0] < 2
    assert list((tmp_path / "home" / "tries").glob("*/")) == []


def refusing(spec: EnvironmentSpec, *, emit: Any, cancelled: Any, isolation: Any) -> Environment:
    raise EnvironmentRefused(Verdict.UNSATISFIABLE, "Nothing fits.", "because pandas>99")


def test_an_environment_that_cannot_be_had_is_a_verdict() -> None:
    report = run_job(job("pass"), emit=lambda event: None, cancelled=lambda: False, obtain=refusing)
    assert report == Report(
        verdict=Verdict.UNSATISFIABLE,
        reason="Nothing fits.",
        output="because pandas>99",
        isolation="none",
        seconds=report.seconds,
    )


class BrokenPython(OwnPython):
    """An interpreter that ends before it comes to anything."""

    def __call__(self, spec: EnvironmentSpec, **rest: Any) -> Environment:
        environment = super().__call__(spec, **rest)
        return dataclasses.replace(environment, python="/bin/false")


def test_a_python_that_does_not_come_to_the_script_is_a_bad_environment(tmp_path: Path) -> None:
    report = run_job(
        job("pass"),
        emit=lambda event: None,
        cancelled=lambda: False,
        obtain=BrokenPython(tmp_path),
    )
    assert (report.verdict, report.reason) == (
        Verdict.BAD_ENVIRONMENT,
        "The environment's Python ended before it came to the script.",
    )


def test_dask_settings_and_variables_reach_the_script(tmp_path: Path) -> None:
    script = """
import base64, json, os
config = json.loads(base64.urlsafe_b64decode(os.environ["DASK_INTERNAL_INHERIT_CONFIG"]))
print(config["distributed"]["worker"], config["distributed"]["logging"]["distributed.utils"])
print(os.environ["OMP_NUM_THREADS"], os.environ["PYTHONWARNINGS"][:6])
"""
    config = {"distributed": {"worker": {"resources": {"GPU": 2}}}}
    report = run(script, tmp_path, config=config, env={"OMP_NUM_THREADS": "1"})
    assert report.output == "{'resources': {'GPU': 2}} warning\n1 ignore"


@pytest.mark.parametrize("config", [{"logging": {"a": "info"}}, {"distributed": {"logging": {}}}])
def test_a_scripts_own_logging_is_left_alone(tmp_path: Path, config: dict[str, Any]) -> None:
    script = """
import base64, json, os
print(json.loads(base64.urlsafe_b64decode(os.environ["DASK_INTERNAL_INHERIT_CONFIG"])))
"""
    assert run(script, tmp_path, config=config).output == str(config)


def test_what_the_script_wishes_of_warnings_is_kept(tmp_path: Path) -> None:
    script = "import os\nprint(os.environ['PYTHONWARNINGS'].split(':')[0])"
    report = run(
        script, tmp_path, env={"PYTHONWARNINGS": "error"}, expected=expecting(match="nothing")
    )
    assert report.output == "default,error,ignore"


def test_data_lies_beside_the_script_and_cannot_be_changed(tmp_path: Path) -> None:
    script = "import os\nprint(open('data.csv').read(), oct(os.stat('data.csv').st_mode)[-3:])"
    assert run(script, tmp_path, files={"data.csv": "YSxi"}).output == "a,b 444"


@pytest.mark.parametrize(
    ("name", "used"),
    [("my script.py", "my script.py"), ("../x.py", "script.py"), ("data.csv", "script.py")],
)
def test_a_script_keeps_its_name_where_that_is_a_plain_one(
    tmp_path: Path, name: str, used: str
) -> None:
    files = {"data.csv": "YSxi"}
    report = run(
        "import os\nprint(os.path.basename(__file__))", tmp_path, script_name=name, files=files
    )
    assert report.output == used


HOARDS = """
import time
hoard = bytearray(b"x") * 350 * 2**20
time.sleep(1)
print(len(hoard))
"""


@pytest.mark.parametrize(("largest", "verdict"), [(2**30, Verdict.CLEAN), (2**28, Verdict.LIMIT)])
def test_what_our_own_limit_ended_is_run_again_with_more_memory(
    tmp_path: Path, largest: int, verdict: Verdict
) -> None:
    policy = {"memory_bytes": 2**28, "largest_memory_bytes": largest}
    report = run(HOARDS, tmp_path, policy=policy)
    assert report.verdict is verdict
    assert any(note.startswith("It used all of its 256 MiB of memory") for note in report.notes)
