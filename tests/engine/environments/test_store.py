"""What is finished is found under its key, and what is half made never counts."""

import os
from pathlib import Path

import pytest

from reproducers.engine.environments import store
from reproducers.engine.environments.workplace import building
from reproducers.engine.errors import EnvironmentServiceError
from tests.engine.environments.made import keys, make


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Every test has a home of its own."""


def test_what_is_finished_is_found_under_its_key(home: Path) -> None:
    make("aa")
    found = store.stored("aa")
    assert found is not None
    assert (found.key, found.folder, found.facts["lock"]) == ("aa", home / "environments/aa", "aa")
    assert found.bytes >= 100 * 1024 > found.own_bytes > 0
    assert (store.tree_of("aa") / "package.py").is_file()
    assert list((home / "building").iterdir()) == []


def test_what_is_not_finished_is_not_found(home: Path) -> None:
    with building("aa") as work:
        (work / "tree").mkdir()
    assert store.stored("aa") is None
    assert store.hold("aa") is None
    assert list((home / "building").iterdir()) == []


@pytest.mark.parametrize("facts", ["", "{}", "[]"])
def test_what_was_cut_off_when_the_machine_went_down_is_not_found(facts: str) -> None:
    make("aa")
    (store.folder_of("aa") / "facts.json").write_text(facts)
    assert store.stored("aa") is None
    assert keys() == []


def test_what_is_held_counts_as_used_and_as_held() -> None:
    make("aa", used_at=1000)
    make("bb", used_at=2000)
    lease = store.hold("aa")
    assert lease is not None
    assert (keys(), store.is_held("aa"), store.is_held("bb")) == (["bb", "aa"], True, False)
    lease.close()
    assert not store.is_held("aa")


def test_an_environment_cannot_be_finished_twice() -> None:
    make("aa")
    with pytest.raises(EnvironmentServiceError, match="The environment cannot be stored"):
        make("aa")


def test_a_refusal_is_believed_for_a_day(home: Path) -> None:
    assert store.refusal("aa") is None
    store.refuse("aa", {"reason": "no"})
    assert store.refusal("aa") == {"reason": "no"}
    [path] = (home / "refusals").iterdir()
    os.utime(path, (0, 0))
    assert store.refusal("aa") is None
