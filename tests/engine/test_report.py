"""A report read back is what was written, and nothing that is sent as one can do harm."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.report import (
    REPORT_BYTES,
    Artifact,
    EnvironmentFacts,
    ExceptionFacts,
    Phases,
    Report,
    Try,
    parse_report,
)
from reproducers.engine.verdicts import Symptom, Verdict

FULL = Report(
    verdict=Verdict.REPRODUCED,
    reason="It raised TypeError.",
    symptom=Symptom.EXCEPTION,
    kind="signal",
    exception=ExceptionFacts(type="TypeError", message="no", traceback="Traceback"),
    fingerprint="fp1:abc",
    script_fingerprint="sc1:abc",
    owner="dask/dask",
    owner_from="frames",
    hits=1,
    runs=2,
    rate=0.5,
    label="often",
    environment=EnvironmentFacts(
        python="3.11.7",
        dask="2026.7.1",
        distributed="2026.7.1",
        as_of="2026-08-01",
        lock="abc",
        packages={"dask": "2026.7.1"},
    ),
    isolation="bubblewrap",
    limits="cgroup-v2",
    tries=(
        Try(verdict=Verdict.REPRODUCED, seconds=1.5, peak_memory_bytes=10),
        Try(verdict=Verdict.CLEAN, seconds=2.0, peak_memory_bytes=None),
    ),
    seconds=Phases(environment=1.0, start=0.5, script=3.5),
    artifacts=(Artifact(name="stdout.txt", bytes=3, sha256="0" * 64),),
    output="hello",
    notes=("The script names no dependencies.",),
)


def written(**changes: Any) -> bytes:
    return json.dumps({**FULL.as_dict(), **changes}).encode()


@pytest.mark.parametrize("report", [FULL, Report(verdict=Verdict.CLEAN, reason="It ended.")])
def test_a_report_read_back_is_the_report(report: Report) -> None:
    assert parse_report(report.to_json().encode()) == report


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b'{"schema": 1}',
        b'{"schema": 2, "verdict": "clean"}',
        b'{"schema": 1, "verdict": "splendid"}',
        b'{"schema": 1, "verdict": ["clean"]}',
        b"[" * 200_000,
        b"9" * 10_000,
    ],
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_report(content)


def test_a_report_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(ValueError, match="more than"):
        parse_report(written(output="x" * REPORT_BYTES))


def test_what_cannot_be_decoded_is_replaced() -> None:
    content = written(reason="REASON").replace(b"REASON", b"caf\xe9")
    assert parse_report(content).reason == "caf\ufffd"


def test_half_a_surrogate_is_replaced() -> None:
    assert parse_report(written(reason="a\ud800b")).reason == "a?b"


def test_the_rate_is_counted_and_not_believed() -> None:
    report = parse_report(written(hits=50, runs=3, rate=0.1))
    assert (report.hits, report.runs, report.rate) == (3, 3, 1.0)


@pytest.mark.parametrize(
    ("peak", "read"), [(-5, 0), (2**80, 2**53), ("many", 0), (True, 0), (None, None)]
)
def test_counts_are_whole_numbers_within_bounds(peak: object, read: int | None) -> None:
    tries = [{"verdict": "clean", "seconds": 1.0, "peak_memory_bytes": peak}]
    assert parse_report(written(tries=tries)).tries[0].peak_memory_bytes == read


@pytest.mark.parametrize(
    ("seconds", "read"),
    [(float("nan"), 0.0), (float("inf"), 2.0**53), (-1, 0.0), ("1", 0.0), (10**400, 2.0**53)],
)
def test_seconds_are_finite(seconds: object, read: float) -> None:
    assert parse_report(written(seconds={"script": seconds})).seconds.script == read


def test_lists_and_texts_are_cut() -> None:
    report = parse_report(written(notes=["x" * 9999] * 99, output="y" * 100_000))
    assert (len(report.notes), len(report.notes[0]), len(report.output)) == (50, 500, 65536)


@pytest.mark.parametrize("tries", [None, "tries", [None, 3, {"verdict": "splendid"}]])
def test_tries_that_are_none_are_left_out(tries: object) -> None:
    assert parse_report(written(tries=tries)).tries == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(FULL.as_dict())), JSON))
def test_whatever_stands_in_a_report_it_can_be_written_again(facts: dict[str, Any]) -> None:
    content = json.dumps({**facts, "schema": 1, "verdict": "clean"}).encode()
    report = parse_report(content)
    assert parse_report(report.to_json().encode()) == report


@given(st.binary(max_size=200))
def test_any_bytes_are_a_report_or_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_report(content)


def test_a_comparison_that_a_stranger_wrote_is_bounded() -> None:
    difference = {"place": "p" * 999, "ours": 3, "theirs": ["x"]}
    told = {
        "dask": "9" * 999,
        "verdict": "clean",
        "reason": "r" * 9999,
        "runs": 10**9,
        "measure": "m" * 99,
        "ours": "many",
        "theirs": -1,
        "ratio": None,
        "noise": 1e300,
        "differences": [difference] * 99,
    }
    against = parse_report(written(against=told)).against
    assert against is not None
    assert (len(str(against.dask)), len(against.reason), against.runs) == (40, 500, 100)
    assert (against.measure, against.ours, against.theirs) == ("m" * 20, 0.0, 0.0)
    assert (against.ratio, against.noise) == (None, float(2**53))
    assert len(against.differences) == 5
    assert (len(against.differences[0].place), against.differences[0].ours) == (80, "")


def test_a_comparison_without_a_verdict_is_none() -> None:
    assert parse_report(written(against={"dask": "2024.1.0"})).against is None
