import pytest

from reproducers.domain.reports import own_report, read_report, refusal_report, storable
from reproducers.engine.verdicts import Verdict
from tests.reproducers.factories import report_json

STORABLE = {
    "plain text": ("Grüße", "Grüße"),
    "a NUL": ("a\x00b", "a\ufffdb"),
    "half a surrogate": ("\ud800", "\ufffd"),
    "deep inside": ({"a\x00": [("b\x00",)]}, {"a\ufffd": [["b\ufffd"]]}),
    "infinity": ([float("inf"), float("nan"), 1.5], [None, None, 1.5]),
    "other values": ([1, True, None], [1, True, None]),
}


@pytest.mark.parametrize("case", STORABLE)
def test_postgresql_takes_what_is_storable(case: str) -> None:
    value, kept = STORABLE[case]

    assert storable(value) == kept


def test_a_report_is_read_as_it_was_written() -> None:
    assert read_report(report_json(Verdict.CLEAN, "It ran.")).reason == "It ran."


@pytest.mark.parametrize("content", [b"", b"[]", b'{"schema": 1}', b"[" * 100_000, b"\xff"])
def test_what_is_no_report_becomes_one_of_ours(content: bytes) -> None:
    report = read_report(content)

    assert report.verdict == Verdict.INFRASTRUCTURE
    assert report.reason.startswith("The runner's report could not be read: ")


REFUSALS = {
    "unknown-release": Verdict.UNSATISFIABLE,
    "usage": Verdict.UNSATISFIABLE,
    "missing-python": Verdict.INFRASTRUCTURE,
    "no-sandbox": Verdict.INFRASTRUCTURE,
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_unsatisfiable_where_the_wish_was_wrong_else_it_is_our_fault(
    code: str,
) -> None:
    report = refusal_report(code=code, message="It is not there.", remedy="Name another.")

    assert (report.verdict, report.reason) == (REFUSALS[code], "It is not there. Name another.")


def test_a_report_of_ours_blames_the_service_unless_told_otherwise() -> None:
    assert own_report("The disk is full.").verdict == Verdict.INFRASTRUCTURE
