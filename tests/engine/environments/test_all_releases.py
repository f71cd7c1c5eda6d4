"""All releases are built in one go: what cannot work is told, what fails does not stop the rest."""

import threading
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.environments import all_releases, eviction, store
from reproducers.engine.environments.all_releases import Outcome, Result, build_all, specs
from reproducers.engine.errors import UsageError
from reproducers.engine.events import Cancellation, Event
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.verdicts import Verdict
from tests.engine.environments.made import make
from tests.engine.environments.small_dask import DASK, HERE, add_release
from tests.engine.indexes import Index


def ignore(*what: object) -> None:
    """Takes anything and does nothing with it."""


def build(wanted: dict[str, EnvironmentSpec], **wishes: Any) -> Outcome:
    wishes = {"watch": ignore, "done": ignore, "cancelled": lambda: False, **wishes}
    return build_all(wanted, **wishes)


def of(*releases: str, python: str | None = HERE) -> dict[str, EnvironmentSpec]:
    return {release: EnvironmentSpec(dask=release, python=python) for release in releases}


def test_every_release_since_2022_11_is_wanted_yanked_ones_too(own_index: Index) -> None:
    for version in ("2022.10.2", "2022.11.0", "2024.11.0", "2024.9.0", "2026.1.0"):
        own_index.add("dask", version, yanked=version == "2024.11.0")
    wanted = specs(python="3.10")
    assert list(wanted) == ["2022.11.0", "2024.9.0", "2024.11.0", "2026.1.0"]
    assert wanted["2024.9.0"] == EnvironmentSpec(
        requirements=("dask[complete]",), dask="2024.9.0", python="3.10"
    )


def test_several_are_built_side_by_side_bounded_by_the_cores() -> None:
    assert 1 <= all_releases.at_once() <= all_releases.MOST_AT_ONCE


@pytest.mark.sandbox
def test_what_works_is_built_and_what_cannot_is_told_with_the_reason(own_index: Index) -> None:
    add_release(own_index, "2025.3.0")
    add_release(own_index, "2025.4.0")
    own_index.add("dask", "2026.1.0", files=DASK)
    own_index.add("distributed", "2026.1.0", requires=("dask==2025.4.0",))
    done: list[Result] = []
    events: list[tuple[str, Event]] = []
    outcome = build(
        of("2025.3.0", "2025.4.0", "2026.1.0"),
        watch=lambda dask, event: events.append((dask, event)),
        done=done.append,
    )
    assert [result.dask for result in outcome.results] == ["2025.3.0", "2025.4.0", "2026.1.0"]
    assert [result.was_built for result in outcome.results] == [True, True, False]
    refused = outcome.results[2]
    assert refused.verdict == Verdict.UNSATISFIABLE
    assert "distributed>=2026.1.0 depends on dask==2025.4.0" in refused.reason
    assert len(done) == 3
    assert {dask for dask, event in events if event.note == "checking"} == {"2025.3.0", "2025.4.0"}
    assert (outcome.left_out, outcome.bytes) == ((), eviction.total_bytes())

    again = build(of("2025.3.0", "2025.4.0"))
    assert [result.was_built for result in again.results] == [False, False]
    assert [result.key for result in again.results] == [one.key for one in outcome.results[:2]]


def test_a_python_that_is_not_here_concerns_one_release_only(
    own_index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_index.add("dask", "2025.3.0")
    for name in ("PATH", "HOME", "PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.setenv(name, "/nowhere")
    outcome = build({f"{n}": of("2025.3.0", python=None)["2025.3.0"] for n in range(4)})
    assert [result.error.code for result in outcome.results if result.error] == [
        "missing-python"
    ] * 4
    assert (outcome.left_out, outcome.stopped_because) == ((), "")


def test_a_python_that_there_is_not_is_a_mistake_of_the_caller(own_index: Index) -> None:
    own_index.add("dask", "2025.3.0")
    with pytest.raises(UsageError, match=r"'2\.7' is no version of Python"):
        build(of("2025.3.0", python="2.7"))


def test_an_index_that_stays_away_ends_it_after_three(
    own_index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_index.answers["/simple/dask/"] = (503, "text/plain", b"")
    outcome = build(of("2025.3.0", "2025.4.0", "2025.5.0", "2025.6.0"), slots=1)
    assert [result.dask for result in outcome.results] == ["2025.4.0", "2025.5.0", "2025.6.0"]
    assert outcome.left_out == ("2025.3.0",)
    assert outcome.stopped_because.startswith("3 in a row failed: The index does not answer")


def test_a_disk_that_fails_is_told_release_by_release(own_index: Index, home: Path) -> None:
    for version in ("2025.3.0", "2025.4.0"):
        add_release(own_index, version)
    (home / "locks").mkdir(parents=True)
    (home / "locks" / "downloads.build").symlink_to("elsewhere")
    outcome = build(of("2025.3.0", "2025.4.0"))
    assert [result.error.message for result in outcome.results if result.error] == [
        f"OSError: [Errno 40] Too many levels of symbolic links: '{home}/locks/downloads.build'"
    ] * 2


@pytest.mark.sandbox
def test_what_was_just_built_is_never_evicted_and_a_full_home_ends_it(own_index: Index) -> None:
    releases = ("2025.3.0", "2025.4.0", "2025.5.0")
    for version in releases:
        add_release(own_index, version)
    make("old")
    outcome = build(of(*releases), slots=1, limit_bytes=1000)
    assert [result.dask for result in outcome.results] == ["2025.5.0"]
    assert outcome.left_out == ("2025.3.0", "2025.4.0")
    assert outcome.stopped_because == "what is in use takes all the room there is"
    assert [one.key for one in store.all_stored()] == [outcome.results[0].key]


@pytest.mark.sandbox
def test_interrupted_it_keeps_what_is_built_and_goes_on_the_next_time(
    own_index: Index, home: Path
) -> None:
    releases = ("2025.3.0", "2025.4.0", "2025.5.0")
    for version in releases:
        add_release(own_index, version)
    asked = threading.Event()
    with pytest.raises(Cancellation):
        build(of(*releases), slots=1, done=lambda result: asked.set(), cancelled=asked.is_set)
    assert len(store.all_stored()) == 1
    assert list((home / "building").iterdir()) == []
    outcome = build(of(*releases))
    assert [result.was_built for result in outcome.results] == [True, True, False]
