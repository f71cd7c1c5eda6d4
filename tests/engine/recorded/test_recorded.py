"""Tracebacks as Dask's releases really raised them: one bug has one name, or is near to it.

`tracebacks.json` was written by running each script with `repro run --dask V --out FOLDER`; of the
frames the place below the installed packages is kept, and of the script only that it is its own.
"""

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.distance import SAME, distance, with_alias
from reproducers.engine.fingerprint import Fingerprint, fingerprint
from reproducers.engine.owner import owner
from reproducers.engine.symptoms import Observation
from reproducers.engine.verdicts import Symptom
from tests.engine.observed import raised

RECORDED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "tracebacks.json").read_text())
BUGS = sorted({one["bug"] for one in RECORDED})

# Where a release raises another error at another place, no rule could tell that it is one bug.
CHANGED = {
    ("bool-list-newaxis", "2025.1.0"),
    ("unpicklable-argument", "2022.12.1"),
}
# Where it is near, and not the same: pandas' own frames, another type, another sentence.
NAMES = {
    "astype-on-a-cluster": 2,
    "bool-list-newaxis": 2,
    "not-deterministic": 3,
    "unpicklable-argument": 3,
}


def seen(one: dict[str, Any]) -> Observation:
    return raised(one["type"], one["message"], *one["frames"], module=one["module"])


def print_of(one: dict[str, Any]) -> Fingerprint:
    return fingerprint(seen(one), Symptom(one["symptom"]), kind=one["kind"])


def of(bug: str) -> Iterator[dict[str, Any]]:
    return (one for one in RECORDED if one["bug"] == bug)


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_has_one_name_over_the_releases(bug: str) -> None:
    names = {print_of(one).name for one in of(bug)}
    assert len(names) == NAMES.get(bug, 1)


def test_different_bugs_have_different_names() -> None:
    names = {bug: {print_of(one).name for one in of(bug)} for bug in BUGS}
    assert sum(map(len, names.values())) == len(set().union(*names.values()))


@pytest.mark.parametrize("bug", BUGS)
def test_what_changes_with_the_release_is_an_alias(bug: str) -> None:
    prints = [print_of(one) for one in of(bug) if (bug, one["dask"]) not in CHANGED]
    known: tuple[Fingerprint, ...] = (prints[0],)
    for found in prints:
        known = with_alias(found, known)
    assert set(known) == set(prints)


def test_no_other_bug_is_near() -> None:
    near = [
        (one["bug"], other["bug"])
        for one, other in combinations(RECORDED, 2)
        if one["bug"] != other["bug"] and distance(print_of(one), print_of(other)) <= SAME
    ]
    assert near == []


@pytest.mark.parametrize("one", RECORDED, ids=lambda one: f"{one['bug']} on {one['dask']}")
def test_the_owner_is_the_same_over_the_releases(one: dict[str, Any]) -> None:
    expected = {found["owner"] for found in of(one["bug"])}
    assert {owner(seen(one), Symptom(one["symptom"]))} == expected
