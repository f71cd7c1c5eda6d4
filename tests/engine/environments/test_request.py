"""One release, one Python, one day: what uv is asked for."""

import dataclasses
import sys
from datetime import date
from typing import Any

import pytest

from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.request import Request, read_request
from reproducers.engine.errors import MissingPython, UnknownRelease, UsageError
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.verdicts import Verdict
from tests.engine.indexes import Index

TODAY = date(2026, 11, 21)
HERE = f"3.{sys.version_info.minor}"


@pytest.fixture(autouse=True)
def dask(own_index: Index) -> Index:
    """An index with a few releases."""
    for version, uploaded in {
        "2022.11.0": "2022-11-15T19:40:00Z",
        "2024.9.0": "2024-09-13T21:27:00Z",
        "2025.3.0": "2025-03-21T22:18:00Z",
        "2026.8.0": "2026-08-24T19:21:00Z",
    }.items():
        own_index.add("dask", version, uploaded=uploaded)
    own_index.add("dask", "2026.1.0", uploaded="2026-01-16T11:44:00Z")
    return own_index


def read(*requirements: str, today: date = TODAY, **wishes: Any) -> Request:
    spec = EnvironmentSpec(requirements=requirements, python=HERE)
    return read_request(dataclasses.replace(spec, **wishes), today=today)


def test_dask_and_distributed_are_pinned_together() -> None:
    request = read("dask[complete]", "pandas>=2", dask="2025.3.0")
    assert request.requirements == (
        "dask==2025.3.0",
        "dask[complete]",
        "distributed==2025.3.0",
        "pandas>=2",
    )
    assert (request.constraints, request.overrides) == ((), ())
    assert request.as_of == date(2025, 3, 28)


def test_dask_expr_of_the_time_is_held_to_where_anything_asks_for_it() -> None:
    assert read("dask[complete]", dask="2024.9.0").constraints == ("dask-expr==1.1.14",)


def test_a_release_that_is_asked_for_wins_over_the_scripts_own_pins() -> None:
    request = read("Dask[array]==2025.3.0", "distributed<2025", "dask-expr==1.0", dask="2024.9.0")
    assert request.requirements == (
        "Dask[array]",
        "dask-expr",
        "dask==2024.9.0",
        "distributed",
        "distributed==2024.9.0",
    )
    assert request.constraints == ("dask-expr==1.1.14",)


def test_the_scripts_own_pins_hold_where_no_release_is_asked_for() -> None:
    request = read("dask==2024.9.0", "distributed==2024.9.0.1", "dask-expr==1.1.13")
    assert request.requirements == (
        "dask-expr==1.1.13",
        "dask==2024.9.0",
        "distributed==2024.9.0.1",
    )
    assert request.constraints == ()


def test_without_any_word_the_newest_release_is_taken() -> None:
    assert "dask==2026.8.0" in read("pandas").requirements


def test_the_newest_release_is_the_newest_that_fits() -> None:
    assert "dask==2025.3.0" in read("dask<2026").requirements
    assert "dask==2025.3.0" in read(as_of=date(2025, 10, 1)).requirements
    assert "dask==2026.8.0" in read(python=None, requires_python=f"=={HERE}.*").requirements


def test_a_release_that_plans_leave_out_is_taken_only_when_it_is_named() -> None:
    assert "dask==2025.3.0" in read("dask<2026.8").requirements
    assert "dask==2026.1.0" in read("dask==2026.1.0").requirements


@pytest.mark.parametrize(
    ("requirement", "as_of"),
    [("dask<2022", None), ("dask>=2026", date(2025, 1, 1)), ("dask<2024", None)],
    ids=["version", "day", "python"],
)
def test_a_wish_that_no_release_fulfils_is_a_verdict(requirement: str, as_of: date | None) -> None:
    with pytest.raises(EnvironmentRefused, match="No release of Dask is dask") as caught:
        read(requirement, as_of=as_of)
    assert caught.value.verdict == Verdict.UNSATISFIABLE


def test_a_release_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UnknownRelease, match=r"There is no Dask 2025\.3\.9"):
        read(dask="2025.3.9")
    with pytest.raises(UnknownRelease, match=r"There is no Dask 2025\.3\.9"):
        read("dask[array]==2025.3.9")


def test_a_wildcard_is_no_pin() -> None:
    assert "dask==2025.3.0" in read("dask==2025.*").requirements


def test_a_python_that_is_not_here_is_an_error() -> None:
    with pytest.raises(MissingPython):
        read("dask", python=None, dask="2022.11.0", requires_python=">=3.13")


def test_the_day_is_the_callers_else_the_releases_and_never_later_than_today(dask: Index) -> None:
    assert read(dask="2025.3.0", as_of=date(2025, 5, 1)).as_of == date(2025, 5, 1)
    assert read(dask="2025.3.0", floating=True).as_of == TODAY
    assert read(dask="2026.8.0", today=date(2026, 8, 26)).as_of == date(2026, 8, 26)
    dask.add("pandas", "2.3.0", uploaded="2025-06-05T10:00:00Z")
    assert read("pandas==2.3.0", dask="2025.3.0").as_of == date(2025, 6, 5)


def test_old_releases_get_a_tornado_that_has_a_wheel() -> None:
    assert read(dask="2022.11.0").overrides == ("tornado==6.2",)


def test_a_request_is_named_by_all_it_asks_for() -> None:
    first = read("dask", "pandas", dask="2025.3.0")
    assert first.digest == read("pandas", "dask", dask="2025.3.0").digest
    others = [
        read("dask", "pandas", dask="2026.8.0"),
        read("dask", dask="2025.3.0"),
        read("dask", "pandas", dask="2025.3.0", as_of=date(2025, 5, 1)),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 4


def test_the_main_branch_needs_a_nightly_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_NIGHTLY_INDEX", raising=False)
    with pytest.raises(UsageError, match="needs an index of nightly wheels"):
        read(dask="main")
    monkeypatch.setenv("REPRO_NIGHTLY_INDEX", "https://nightly.example/simple")
    request = read("dask[array]<2026", "pandas", dask="main")
    assert request.nightly_index == "https://nightly.example/simple"
    assert request.requirements == (
        "dask>=2026.8.0.dev0",
        "dask[array]",
        "distributed>=2026.8.0.dev0",
        "pandas",
    )
    assert request.as_of == TODAY
