"""Searching for a stranger's expression ends, whatever the expression is."""

import time

import pytest

from reproducers.engine.search import SearchTookTooLong, is_found


@pytest.mark.parametrize(
    ("expression", "texts", "expected"),
    [
        ("axis", ["no", "missing axis"], True),
        ("^KeyError", ["line\nKeyError: x"], True),
        ("^axis", ["missing axis"], False),
        ("x", [], False),
        ("caf\u00e9 \U0001f600", ["un caf\u00e9 \U0001f600"], True),
        ("a\ud800", ["a\ud800"], True),
        ("end$", ["x" * 3_000_000 + "end"], True),
    ],
    ids=["in a text", "at a line", "not there", "no text", "beyond ASCII", "broken", "far back"],
)
def test_an_expression_is_found_or_not(expression: str, texts: list[str], expected: bool) -> None:
    assert is_found(expression, texts) is expected


@pytest.mark.parametrize(
    ("expression", "text"),
    [("(a+)+$", "a" * 40 + "b"), ("(", "a")],
    ids=["endless", "none at all"],
)
def test_an_expression_that_cannot_be_searched_for_is_stopped(expression: str, text: str) -> None:
    begin = time.monotonic()
    with pytest.raises(SearchTookTooLong):
        is_found(expression, [text], seconds=0.5)
    assert time.monotonic() - begin < 3
