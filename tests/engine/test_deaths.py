"""How processes of a cluster died, and what that makes of a KilledWorker, as tables."""

from typing import Any

import pytest

from reproducers.engine.deaths import (
    DEATHS,
    Death,
    crash_among,
    death_words,
    read_deaths,
    worker_death,
)


def died(exitcode: int, role: str = "worker", **facts: Any) -> Death:
    number = -exitcode if exitcode < 0 else None
    status = exitcode if exitcode >= 0 else None
    return Death(pid=15, role=role, exit_status=status, signal=number, **facts)


@pytest.mark.parametrize(
    ("line", "death"),
    [
        (b'{"pid": 15, "exitcode": -11, "role": "worker"}', died(-11)),
        (b'{"pid": 15, "exitcode": 3, "expected": true}', died(3, "process", is_expected=True)),
        (b'{"pid": 15, "exitcode": -999}', died(0, "process")),
    ],
)
def test_a_death_is_read(line: bytes, death: Death) -> None:
    assert read_deaths([line], roles={}) == (death,)


def test_a_process_has_the_role_that_it_was_seen_in() -> None:
    found = read_deaths([b'{"pid": 15, "exitcode": -9}'], roles={15: "scheduler"})
    assert found == (died(-9, "scheduler"),)


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b'{"pid": 1}', b'{"exitcode": true}', b'{"exitcode": "9"}']
)
def test_what_tells_of_no_death_is_passed_over(line: bytes) -> None:
    assert read_deaths([line], roles={}) == ()


def test_only_so_many_deaths_are_read() -> None:
    assert len(read_deaths([b'{"exitcode": 1}'] * 1000, roles={})) == DEATHS


FATAL = "Fatal Python error: Segmentation fault\n"
BUDGET = "Worker tcp://x (pid=5) exceeded 95% memory budget. Restarting..."


@pytest.mark.parametrize(
    ("output", "deaths", "kind"),
    [
        pytest.param("", [died(-11)], "SIGSEGV", id="a signal"),
        pytest.param("", [died(-50)], "signal 50", id="a signal without a name"),
        pytest.param(BUDGET, [died(-15)], "nanny-memory", id="its nanny's doing"),
        pytest.param("", [died(3)], "exit", id="it ended itself"),
        pytest.param("", [died(3), died(-11)], "SIGSEGV", id="a signal says more than an exit"),
        pytest.param("", [died(0, is_expected=True)], "closed", id="it was told to"),
        pytest.param("", [died(-9, is_expected=True)], "closed", id="it was told to, and killed"),
        pytest.param("", [died(-11, "scheduler")], None, id="a scheduler is no worker"),
        pytest.param(FATAL, [], "SIGSEGV", id="its last words"),
        pytest.param("was killed by signal 11", [], "SIGSEGV", id="its nanny's words"),
        pytest.param("exited with status 1", [], "exit", id="its nanny's words on an exit"),
        pytest.param("", [], None, id="nobody knows"),
    ],
)
def test_how_a_worker_died(output: str, deaths: list[Death], kind: str | None) -> None:
    assert worker_death(output, deaths) == kind


@pytest.mark.parametrize(
    ("output", "deaths", "crash"),
    [
        pytest.param("", [died(1), died(-11)], died(-11), id="a signal"),
        pytest.param("", [died(-9)], died(-9), id="killed by somebody"),
        pytest.param("", [died(-15)], None, id="ended as asked"),
        pytest.param("", [died(-11, is_expected=True)], None, id="while it was being closed"),
        pytest.param("", [died(-11, "process")], None, id="no process of a cluster"),
        pytest.param(BUDGET, [died(-9)], None, id="killed by its nanny for its memory"),
        pytest.param(
            "Worker process still alive after 3.2 seconds, killing",
            [died(-9)],
            None,
            id="killed by its nanny for its slowness",
        ),
        pytest.param("", [], None, id="nobody died"),
    ],
)
def test_what_is_a_crash(output: str, deaths: list[Death], crash: Death | None) -> None:
    assert crash_among(deaths, output) == crash


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("SIGSEGV", "workers were killed by SIGSEGV"),
        ("nanny-memory", "nannies ended workers that were over their memory"),
    ],
)
def test_a_kind_of_death_has_words(kind: str, words: str) -> None:
    assert death_words(kind) == words
