"""Sizes, times and counts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reproducers.engine.quantities import (
    format_bytes,
    parse_bytes,
    parse_count,
    parse_seconds,
    shown,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("4GiB", 4 * 1024**3),
        ("4 gib", 4 * 1024**3),
        ("512 MB", 512 * 10**6),
        ("1.5g", 1_500_000_000),
        (".5Mi", 512 * 1024),
        ("100", 100),
        ("7 b", 7),
        ("2TiB", 2 * 1024**4),
        (1024, 1024),
        (10.6, 11),
    ],
)
def test_a_size_is_read_as_people_write_it(written: object, meant: int) -> None:
    assert parse_bytes(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("90s", 90.0), ("2 min", 120.0), ("1.5h", 5400.0), ("250 ms", 0.25), (45, 45.0), ("3", 3.0)],
)
def test_a_time_is_read_as_people_write_it(written: object, meant: float) -> None:
    assert parse_seconds(written) == meant


@pytest.mark.parametrize(
    "nonsense",
    ["", "GiB", "four", "-1s", "1e9", "4 Gibibytes", "4 4", "1.2.3", None, True, [], "٤GiB"],
)
def test_nonsense_is_no_size_and_no_time(nonsense: object) -> None:
    with pytest.raises(ValueError, match="is not a size such as 4GiB"):
        parse_bytes(nonsense)
    with pytest.raises(ValueError, match="is not a time such as 90s"):
        parse_seconds(nonsense)


@pytest.mark.parametrize("endless", [float("inf"), float("nan"), 10**400])
def test_what_is_not_finite_is_no_size(endless: object) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_bytes(endless)


def test_a_count_is_a_whole_number_or_text_of_one() -> None:
    assert [parse_count(value) for value in (4, "4", " -2 ", "+3")] == [4, 4, -2, 3]


@pytest.mark.parametrize("nonsense", [4.5, "4.5", True, None, "", "many", "9" * 16])
def test_anything_else_is_no_count(nonsense: object) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        parse_count(nonsense)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (4 * 1024**3, "4 GiB"),
        (5000 * 1024**4, "5000 TiB"),
    ],
)
def test_bytes_are_shown_in_the_largest_unit_that_fits(count: int, text: str) -> None:
    assert format_bytes(count) == text


@given(st.integers(0, 10**15))
def test_what_is_shown_reads_back_within_a_tenth_of_its_unit(count: int) -> None:
    assert abs(parse_bytes(format_bytes(count)) - count) <= max(count * 0.06, 1)


def test_a_long_value_is_cut_before_it_is_quoted() -> None:
    assert shown("x" * 1000) == "'" + "x" * 56 + "..."
    assert shown("a\nb") == r"'a\nb'"
