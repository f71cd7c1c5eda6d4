"""What `repro run` says to people: the verdict first, then why, then what to do."""

import dataclasses
from typing import Any

import pytest

from reproducers.engine.commands import wording
from reproducers.engine.report import (
    Artifact,
    EnvironmentFacts,
    ExceptionFacts,
    Phases,
    Report,
    Try,
)
from reproducers.engine.verdicts import Symptom, Verdict

ENVIRONMENT = EnvironmentFacts(
    python="3.11.7",
    dask="2022.12.1",
    distributed="2022.12.1",
    as_of="2022-12-23",
    lock="abc",
)
REPRODUCED = Report(
    verdict=Verdict.REPRODUCED,
    reason="It raised KeyError: 'x'.",
    symptom=Symptom.EXCEPTION,
    exception=ExceptionFacts(
        type="KeyError", message="'x'", traceback="Traceback\nKeyError: 'x'\n"
    ),
    fingerprint="fp1:abc",
    owner="dask/dask",
    owner_from="frames",
    hits=2,
    runs=3,
    rate=2 / 3,
    label="often",
    environment=ENVIRONMENT,
    limits="cgroup-v2",
    tries=(
        Try(verdict=Verdict.REPRODUCED, seconds=1.0, peak_memory_bytes=2**20),
        Try(verdict=Verdict.CLEAN, seconds=1.0, peak_memory_bytes=None),
    ),
    seconds=Phases(environment=0.31, start=0.25, script=2.0),
    artifacts=(Artifact(name="stdout.txt", bytes=1, sha256="0"),),
    notes=("The script names no dependencies.",),
)


def lines(report: Report, **changes: Any) -> list[str]:
    given: dict[str, Any] = {"script": "my bug.py", "kept_in": "/runs/1", "newest": "2026.8.0"}
    return list(wording.as_lines(report, **{**given, **changes}))


def test_everything_that_matters_is_said_verdict_first() -> None:
    assert lines(REPRODUCED) == [
        "\u25a0 reproduced",
        "It raised KeyError: 'x'.",
        "exception \u00b7 2 of 3 runs, often \u00b7 owner dask/dask \u00b7 fp1:abc",
        "",
        "Traceback",
        "KeyError: 'x'",
        "",
        (
            "dask 2022.12.1 \u00b7 distributed 2022.12.1 \u00b7 Python 3.11.7"
            " \u00b7 packages as of 2022-12-23"
        ),
        "environment 0.3 s \u00b7 start 0.2 s \u00b7 script 2.0 s \u00b7 peak memory 1 MiB",
        "isolation bubblewrap \u00b7 limits cgroup-v2",
        "files /runs/1",
        "note The script names no dependencies.",
        "",
        "Is it still there? repro run 'my bug.py' --dask 2026.8.0",
    ]


def test_a_run_without_anything_to_show_is_short() -> None:
    report = Report(verdict=Verdict.UNSATISFIABLE, reason="Nothing fits.")
    assert lines(report, newest=None) == [
        "\u25b3 unsatisfiable",
        "Nothing fits.",
        "",
        "environment 0.0 s \u00b7 start 0.0 s \u00b7 script 0.0 s",
        "",
        "Try other packages: repro run 'my bug.py' --with REQUIREMENT, or --as-of DATE",
    ]


def test_without_an_exception_the_end_of_the_output_is_shown() -> None:
    output = "\n".join(f"line {number}" for number in range(50))
    report = Report(verdict=Verdict.CLEAN, reason="", output=output)
    evidence = wording.evidence(report).splitlines()
    assert (len(evidence), evidence[0], evidence[-1]) == (21, "[...]", "line 49")


def test_what_a_script_prints_cannot_steer_the_terminal() -> None:
    report = Report(verdict=Verdict.CLEAN, reason="a\x1b[2Jb", output="x\x1b]0;title\x07\r\ty")
    assert wording.evidence(report) == "x\ufffd]0;title\ufffd\ufffd\ty"
    assert "a\ufffd[2Jb" in lines(report)


@pytest.mark.parametrize(
    ("verdict", "newest", "says"),
    [
        (Verdict.REPRODUCED, "2026.8.0", "Is it still there?"),
        (Verdict.REPRODUCED, "2022.12.1", "Since when?"),
        (Verdict.REPRODUCED, None, "Since when?"),
        (Verdict.CLEAN, None, "Name the release and the symptom"),
        (Verdict.DIFFERENT, None, "Look at what was shown"),
        (Verdict.LIMIT, None, "Give it more"),
        (Verdict.BAD_ENVIRONMENT, None, "Try other packages"),
    ],
)
def test_every_verdict_has_a_next_step(verdict: Verdict, newest: str | None, says: str) -> None:
    report = dataclasses.replace(REPRODUCED, verdict=verdict)
    assert says in lines(report, newest=newest)[-1]


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"kind": "SIGSEGV", "symptom": Symptom.CRASH, "runs": 1}, "crash (SIGSEGV)"),
        ({"symptom": None, "runs": 1}, ""),
        ({"symptom": None, "runs": 3, "hits": 0, "label": None}, "0 of 3 runs"),
    ],
)
def test_what_was_shown_is_named(facts: dict[str, Any], shown: str) -> None:
    report = dataclasses.replace(REPRODUCED, owner="unknown", fingerprint=None, **facts)
    assert wording.shown(report) == shown
