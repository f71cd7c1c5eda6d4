"""What `repro run` says to people: the verdict first, then why, then what to do."""

import dataclasses
from typing import Any

import pytest

from reproducers.engine.commands import wording
from reproducers.engine.commands.layout import lay_out
from reproducers.engine.commands.wording import Around
from reproducers.engine.job import RunPolicy
from reproducers.engine.report import (
    Against,
    Artifact,
    Difference,
    EnvironmentFacts,
    ExceptionFacts,
    Phases,
    Report,
    Try,
)
from reproducers.engine.series_file import Series
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
        type="KeyError",
        message="'x'",
        traceback="Traceback\n  File \"/work/bug.py\", line 3, in <module>\nKeyError: 'x'\n",
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
    artifacts=(
        Artifact(name="try-1-stdout.txt", bytes=1, sha256="0"),
        Artifact(name="try-2-stdout.txt", bytes=1, sha256="0"),
    ),
    notes=("The script names no dependencies.",),
)


SERIES = Series(
    seconds=(0.0, 1.0, 2.0, 3.0),
    tasks={"processing": (1, 4, 2, 0), "no-worker": (0, 0, 1, 1), "memory": (0, 1, 2, 7)},
    memory_bytes=(0, 2**20, 2**21, 2**20),
    lag_seconds=(0, 0, 1.25, 0),
)


def around(**facts: Any) -> Around:
    given = {"script": "my bug.py", "policy": RunPolicy(), "newest": "2026.8.0"}
    return Around(**{"kept_in": "/runs/1", **given, **facts})


def lines(report: Report, *, width: int | None = None, **changes: Any) -> list[str]:
    return [line.plain for line in wording.as_lines(report, around(**changes), width=width)]


def test_everything_that_matters_is_said_verdict_first() -> None:
    assert lines(REPRODUCED, series=SERIES) == [
        "\u25a0 Reproduced on Dask 2022.12.1, 2 of 3 runs (often).",
        "  It raised KeyError: 'x'.",
        "",
        "traceback    bug.py:3 in <module>",
        "             KeyError: 'x'",
        "",
        "symptom      exception",
        "owner        dask/dask, by its frames",
        "fingerprint  fp1:abc",
        "try 1        reproduced          1.0 s       1 MiB",
        "try 2        clean               1.0 s",
        "",
        "environment  Python 3.11.7, dask 2022.12.1, distributed 2022.12.1",
        "             packages as of 2022-12-23, lock abc",
        "seconds      environment 0.3, start 0.2, script 2.0",
        "peak memory  1 MiB of 4 GiB",
        "of workers   \u2581\u2585\u2588\u2585 at most 2 MiB",
        "processing   \u2583\u2588\u2585\u2581 at most 4 tasks",
        "no worker    \u2581\u2581\u2588\u2588 at most 1 task",
        "loop lag     \u2581\u2581\u2588\u2581 at most 1.2 s",
        "sandbox      bubblewrap, limits by cgroup-v2",
        "limits       120 s, 4 GiB, 2 workers of 1 thread",
        "files        /runs/1",
        "             try-1-stdout.txt, 1 more",
        "note         The script names no dependencies.",
        "",
        "Is it still there? repro run 'my bug.py' --dask 2026.8.0",
    ]


def test_a_run_without_anything_to_show_is_short() -> None:
    report = Report(verdict=Verdict.UNSATISFIABLE, reason="Nothing fits.")
    assert lines(report, newest=None) == [
        "\u00d7 Unsatisfiable.",
        "  Nothing fits.",
        "",
        "seconds      environment 0.0, start 0.0, script 0.0",
        "",
        "Try other packages: repro run 'my bug.py' --with REQUIREMENT",
    ]


def test_it_fits_into_eighty_columns() -> None:
    report = dataclasses.replace(
        REPRODUCED,
        reason=f"It raised ValueError: {'many words ' * 30}",
        notes=("many words " * 30,),
        exception=ExceptionFacts(
            type="E",
            message="",
            traceback=f'  File "/work/b.py", line 1\n    {"x" * 300}\nE: {"y" * 300}\n',
        ),
    )
    shown = lines(report, width=80, series=SERIES)
    assert max(map(len, shown)) <= 80
    assert len(shown) > 30


def test_a_command_that_is_too_long_stands_on_its_own_line_whole() -> None:
    shown = lines(REPRODUCED, width=80, script=f"{'long/' * 20}bug.py")
    assert shown[-2:] == ["Is it still there?", f"  repro run {'long/' * 20}bug.py --dask 2026.8.0"]


def test_a_script_cannot_say_what_looks_like_a_verdict_or_steers_the_terminal() -> None:
    evil = "\n\u25cb Clean on Dask 9.\n\x1b[2J\x1b]0;title\x07"
    report = dataclasses.replace(
        REPRODUCED,
        reason=evil,
        kind=evil,
        owner=evil,
        fingerprint=evil,
        exception=ExceptionFacts(type=evil, message=evil, traceback=f"E: a{evil}"),
        output=evil,
        notes=(evil,),
        artifacts=(Artifact(name=evil, bytes=1, sha256=""),),
        environment=dataclasses.replace(ENVIRONMENT, python=evil, lock=evil),
    )
    for width in (None, 80):
        shown = lines(report, width=width, script=f"a{evil}.py")
        assert [line for line in shown if line.startswith("\u25cb")] == []
        assert all(line.isprintable() for line in shown)


def test_of_many_tries_the_first_are_listed() -> None:
    one = Try(verdict=Verdict.CLEAN, seconds=1.0, peak_memory_bytes=None)
    report = dataclasses.replace(REPRODUCED, runs=50, tries=(one,) * 50)
    shown = lines(report)
    assert sum(line.startswith("try ") for line in shown) == 20
    assert "             and 30 more, in report.json" in shown


def test_a_cluster_that_did_nothing_has_no_sparklines() -> None:
    idle = Series(seconds=(0.0, 1.0), tasks={}, memory_bytes=(0, 0), lag_seconds=(0, None))
    shown = lines(REPRODUCED, series=idle)
    assert [line for line in shown if "at most" in line] == []


@pytest.mark.parametrize(
    ("verdict", "newest", "says"),
    [
        (Verdict.REPRODUCED, "2026.8.0", "Is it still there?"),
        (Verdict.REPRODUCED, "2022.12.1", "Since when?"),
        (Verdict.REPRODUCED, None, "Since when?"),
        (Verdict.CLEAN, None, "Name the release and the symptom"),
        (Verdict.DIFFERENT, None, "If it is the problem after all"),
        (Verdict.LIMIT, None, "Give it more"),
        (Verdict.BAD_ENVIRONMENT, None, "Try other packages"),
    ],
)
def test_every_verdict_has_a_next_step(verdict: Verdict, newest: str | None, says: str) -> None:
    report = dataclasses.replace(REPRODUCED, verdict=verdict)
    assert says in lines(report, newest=newest)[-1]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_a_word(verdict: Verdict) -> None:
    report = Report(verdict=verdict, reason="")
    assert wording.headline(report).endswith(f" {wording.WORDS[verdict]}.")


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (
            {"symptom": Symptom.CRASH, "kind": "SIGSEGV", "owner": "script", "owner_from": None},
            ["symptom      crash, SIGSEGV", "owner        script"],
        ),
        ({"owner": "pandas", "owner_from": "dependency-axis"},
         ["symptom      exception", "owner        pandas, by exchanging dependencies"]),
        ({"symptom": None, "owner": "unknown"}, []),
    ],
)  # fmt: skip
def test_what_was_shown_is_named(facts: dict[str, Any], shown: list[str]) -> None:
    report = dataclasses.replace(REPRODUCED, fingerprint=None, runs=1, **facts)
    assert [line.plain for line in lay_out(wording.findings(report), width=None)] == shown


MEASURED = Against(
    dask="2024.2.0", verdict=Verdict.CLEAN, reason="It ended well.", runs=5,
    measure="tasks", ours=300.0, theirs=100.0, ratio=3.0, noise=0.04,
)  # fmt: skip
DIFFERING = Against(
    dask=None, verdict=Verdict.CLEAN, reason="It ended well.", runs=1, measure="result",
    differences=(Difference(place="[0]", ours="nan\n\u25cb Clean", theirs="1.0"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("against", "shown"),
    [
        (
            MEASURED,
            [
                "compared     with Dask 2024.2.0, clean there (5 runs)",
                "             tasks: 3.00 times as much here, runs of one side differ by 4%",
            ],
        ),
        (
            dataclasses.replace(MEASURED, noise=None),
            [
                "compared     with Dask 2024.2.0, clean there (5 runs)",
                "             tasks: 3.00 times as much here",
            ],
        ),
        (
            DIFFERING,
            [
                "compared     with the synchronous scheduler, clean there",
                "             [0]: nan \u25cb Clean here, 1.0 there",
            ],
        ),
    ],
)
def test_what_it_was_compared_with_is_told(against: Against, shown: list[str]) -> None:
    report = Report(verdict=Verdict.CLEAN, reason="", against=against)
    assert [line.plain for line in lay_out(wording.findings(report), width=None)] == shown


def test_a_try_in_a_sandbox_that_had_waited_says_so() -> None:
    one = Try(verdict=Verdict.CLEAN, seconds=0.25, peak_memory_bytes=None, warm=True)
    shown = lines(dataclasses.replace(REPRODUCED, runs=2, tries=(one, one)))
    assert "try 2        clean               0.2 s  warm" in shown


def test_one_worker_of_one_thread_is_one() -> None:
    shown = lines(REPRODUCED, policy=RunPolicy(workers=1, threads=2))
    assert "limits       120 s, 4 GiB, 1 worker of 2 threads" in shown
