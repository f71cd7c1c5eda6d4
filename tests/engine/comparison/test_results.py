"""Two results are equal, or it is said where they differ."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.comparison.results import differences, is_reordered, read_result
from reproducers.engine.report import Difference


def column(dtype: str, *values: Any) -> dict[str, Any]:
    return {"name": "n", "dtype": dtype, "values": list(values)}


def series(dtype: str, *values: Any) -> dict[str, Any]:
    index = column("int64", *range(len(values)))
    return {"type": "Series", "index": index, "values": column(dtype, *values)}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(PLAIN)
def test_a_result_equals_itself_after_a_journey(value: Any) -> None:
    read = read_result(json.dumps({"schema": 1, "value": {"type": "x", "value": value}}).encode())
    assert differences(read, read) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        pytest.param(series("float64", 0.1 + 0.2), series("float64", 0.3), [], id="rounding"),
        pytest.param(series("float64", "nan"), series("float64", "nan"), [], id="NaN is NaN"),
        pytest.param(
            series("float64", "nan"),
            series("float64", 0.0),
            [("result.values.values[0]", "nan", "0.0")],
            id="NaN is no number",
        ),
        pytest.param(
            series("int64", 1),
            series("float64", 1.0),
            [
                ("result.values.dtype", "int64", "float64"),
                ("result.values.values[0]", "1", "1.0"),
            ],
            id="another dtype",
        ),
        pytest.param(
            series("bool", True), series("bool", 1), [("result.values.values[0]", "True", "1")],
            id="true is not one",
        ),
        pytest.param(
            series("int64", 1),
            series("int64", 1, 2),
            [
                ("result.index.values[1]", "nothing", "1"),
                ("result.values.values[1]", "nothing", "2"),
            ],
            id="one value less",
        ),
        pytest.param(
            {"type": "list", "items": [{"type": "list", "items": []}]},
            {"type": "list", "items": [[]]},
            [("result.items[0]", "2 values", "0 values")],
            id="another shape",
        ),
        pytest.param(
            {"n": [1, 2, 3, 4, 5, 6]},
            {"n": [0, 0, 0, 0, 0, 0]},
            [(f"result.n[{place}]", str(place + 1), "0") for place in range(5)],
            id="only the first are told",
        ),
    ],
)  # fmt: skip
def test_differences_are_told_by_their_place(
    ours: Any, theirs: Any, found: list[tuple[str, str, str]]
) -> None:
    expected = [Difference(place=place, ours=own, theirs=other) for place, own, other in found]
    assert list(differences(ours, theirs)) == expected


def test_what_is_told_of_a_difference_is_short() -> None:
    (found,) = differences({"a" * 999: "x" * 999}, {"a" * 999: "y"})
    assert (len(found.place), len(found.ours), found.theirs) == (80, 80, "y")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (series("int64", 1, 2), series("int64", 2, 1), False),
        (
            {**series("int64", 1, 2), "index": column("int64", 1, 0)},
            {**series("int64", 2, 1), "index": column("int64", 0, 1)},
            True,
        ),
        ({"type": "list", "items": [1, 2]}, {"type": "list", "items": [2, 1]}, True),
        ({"type": "list", "items": [1, 2]}, {"type": "list", "items": [1, 2]}, False),
        ({"type": "array", "values": [1, 2]}, {"type": "array", "values": [2, 1]}, False),
    ],
)
def test_the_same_rows_in_another_order_are_told_as_such(
    ours: Any, theirs: Any, expected: bool
) -> None:
    assert is_reordered(ours, theirs) is expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"schema": 2, "value": {}}',
        b'{"schema": 1, "value": 3}',
        b'{"schema": 1, "value": {"a": ' + b"[" * 50 + b"]" * 50 + b"}}",
        b"[" * 100_000,
        b" " * (2 * 1024**2 + 1),
    ],
    ids=["nothing", "list", "schema", "number", "deep", "very deep", "large"],
)
def test_what_is_no_result_of_bearable_size_is_none(content: bytes) -> None:
    assert read_result(content) is None
