"""Every value of `[tool.repro]`, and of the flags, has its type and its bounds."""

import pytest

from reproducers.engine.errors import MetadataError
from reproducers.engine.values import (
    read_count,
    read_expression,
    read_memory,
    read_symptom,
    read_text,
    read_timeout,
    read_version,
)
from reproducers.engine.verdicts import Symptom


def test_a_symptom_is_read_by_its_name() -> None:
    assert read_symptom("killed-worker") == Symptom.KILLED_WORKER


def test_an_unknown_symptom_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(MetadataError, match="`symptom` is 'sad', which is no symptom") as caught:
        read_symptom("sad")
    assert caught.value.remedy == (
        "Known are: crash, exception, hang, killed-worker, memory, slow, warning, wrong-result."
    )


def test_an_expression_is_kept_as_it_was_written() -> None:
    assert read_expression(r"lookup gave \w+", "match") == r"lookup gave \w+"


@pytest.mark.parametrize("doubtful", ["[[a]", "a--b||[a&&b]"])
def test_an_expression_that_python_warns_about_is_still_one(doubtful: str) -> None:
    assert read_expression(doubtful, "match") == doubtful


@pytest.mark.parametrize("broken", ["(", "a{99999999999999}", "(?P<x>a)(?P<x>b)", "*"])
def test_a_broken_expression_is_refused(broken: str) -> None:
    with pytest.raises(MetadataError, match="`accept` is no regular expression"):
        read_expression(broken, "accept")


def test_an_expression_has_a_length() -> None:
    with pytest.raises(MetadataError, match="`match` is longer than 500 characters"):
        read_expression("a" * 501, "match")


def test_text_has_to_be_text_that_prints() -> None:
    assert read_text("fine", "env.TZ", characters=10) == "fine"
    with pytest.raises(MetadataError, match="has to be text, not 7"):
        read_text(7, "env.TZ", characters=10)
    with pytest.raises(MetadataError, match="cannot be printed"):
        read_text("a\x1b[2J", "env.TZ", characters=10)


@pytest.mark.parametrize(
    ("key", "lowest", "highest"),
    [("workers", 1, 64), ("threads", 1, 64), ("gpus", 0, 16), ("tries", 1, 100)],
)
def test_a_count_is_believed_within_its_bounds_only(key: str, lowest: int, highest: int) -> None:
    assert [read_count(lowest, key), read_count(highest, key)] == [lowest, highest]
    for beyond in (lowest - 1, highest + 1):
        with pytest.raises(MetadataError, match=f"`{key}` has to be from {lowest} to {highest}"):
            read_count(beyond, key)
    with pytest.raises(MetadataError, match="'many' is not a whole number"):
        read_count("many", key)


def test_memory_is_believed_within_its_bounds_only() -> None:
    assert read_memory("4GiB") == 4 * 1024**3
    for beyond in ("1MiB", "1TiB", 0, -5):
        with pytest.raises(MetadataError, match="`memory` has to be from 256 MiB to 256 GiB"):
            read_memory(beyond)
    with pytest.raises(MetadataError, match="`memory` cannot be: 'lots' is not a size"):
        read_memory("lots")


def test_a_timeout_is_believed_within_its_bounds_only() -> None:
    assert read_timeout("90s") == 90.0
    for beyond in ("0s", "7h", -1):
        with pytest.raises(MetadataError, match="`timeout` has to be from 1 second to 6 hours"):
            read_timeout(beyond)
    with pytest.raises(MetadataError, match="`timeout` cannot be: 'soon' is not a time"):
        read_timeout("soon")


def test_a_version_is_read_in_its_normal_form() -> None:
    assert read_version("v2024.01.1") == "2024.1.1"
    with pytest.raises(MetadataError, match="`reported` is not a version: 'latest'"):
        read_version("latest")
