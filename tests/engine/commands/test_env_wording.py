"""What `repro env` says, of results that were made up."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reproducers.engine.commands import env_wording as wording
from reproducers.engine.environments.all_releases import Outcome, Result
from reproducers.engine.environments.manifest import Difference
from reproducers.engine.environments.store import Stored
from reproducers.engine.environments.verification import Finding, Repair
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.report import EnvironmentFacts
from reproducers.engine.verdicts import Verdict

GIB = 1024**3
SUM = "All environments take 1 GiB of 20 GiB, files that they share counted once."
FACTS = EnvironmentFacts(
    python="3.11.7",
    dask="2024.3.0",
    distributed="2024.3.0",
    as_of="2024-03-19",
    lock="abc",
    packages={"dask": "2024.3.0"},
)
BUILT = Result(
    dask="2024.3.0", seconds=12.3, key="k1", facts=FACTS, was_built=True, notes=("msgpack is late",)
)
THERE = Result(dask="2024.3.1", seconds=0.1, key="k2", facts=FACTS)
REFUSED = Result(dask="2026.1.0", seconds=2, verdict=Verdict.UNSATISFIABLE, reason="It\x1b[2J pins")
FAILED = Result(dask="2025.1.0", seconds=3, error=EnvironmentServiceError("No disk.", remedy="Go."))


def outcome(*results: Result, left_out: tuple[str, ...] = (), because: str = "") -> Outcome:
    return Outcome(
        results=results,
        left_out=left_out,
        stopped_because=because,
        bytes=3 * GIB,
        limit_bytes=20 * GIB,
        seconds=840.0,
    )


def stored(**facts: Any) -> Stored:
    return Stored(
        key="k1",
        folder=Path(),
        bytes=GIB // 2,
        own_bytes=0,
        used_at=datetime(2026, 1, 2, 3, 4, 50, tzinfo=UTC).timestamp(),
        facts={
            "packages": {"dask": "2024.3.0"},
            "python": "3.11.7",
            "as_of": "2024-03-19",
            "requirements": ["dask==2024.3.0"],
            **facts,
        },
    )


def test_all_releases_are_summed_up_and_what_cannot_work_is_listed() -> None:
    assert list(wording.built_lines(outcome(BUILT, THERE, FAILED, REFUSED), of_all=True)) == [
        "2 of 4 releases have an environment, 1 of them built now, in 14 min.",
        "Cannot work:",
        "  2026.1.0    unsatisfiable: It\ufffd[2J pins",
        "Failed, try again:",
        "  2025.1.0    failed: No disk.",
        "All environments take 3 GiB of 20 GiB, files that they share counted once.",
    ]


def test_what_was_not_begun_is_told_with_the_reason_and_the_remedy() -> None:
    lines = list(
        wording.built_lines(
            outcome(BUILT, left_out=("2022.11.0", "2022.11.1"), because="it is full"), of_all=True
        )
    )
    assert lines[1:4] == [
        "Not begun, since it is full:",
        "  2022.11.0, 2022.11.1",
        "  With --size or REPRO_SIZE they may take more; run it again to go on.",
    ]


def test_one_environment_is_told_with_its_key_and_notes() -> None:
    assert list(wording.built_lines(outcome(BUILT), of_all=False))[:3] == [
        "dask 2024.3.0: built in 12 s: Python 3.11.7, packages as of 2024-03-19",
        "key  k1",
        "note msgpack is late",
    ]
    refused = list(wording.built_lines(outcome(REFUSED), of_all=False))
    assert refused[0] == "No such environment: unsatisfiable: It\ufffd[2J pins"


def test_a_result_is_one_line() -> None:
    assert wording.result_line(THERE) == (
        "2024.3.0    there already: Python 3.11.7, packages as of 2024-03-19"
    )


def test_for_programs_each_kind_of_result_has_its_list() -> None:
    said = wording.built(outcome(BUILT, FAILED, REFUSED, left_out=("2022.11.0",)))
    assert said == {
        "schema": 1,
        "environments": [
            {
                "key": "k1",
                "python": "3.11.7",
                "dask": "2024.3.0",
                "distributed": "2024.3.0",
                "as_of": "2024-03-19",
                "lock": "abc",
                "built": True,
                "seconds": 12.3,
                "notes": ["msgpack is late"],
            }
        ],
        "refused": [{"dask": "2026.1.0", "verdict": "unsatisfiable", "reason": "It\x1b[2J pins"}],
        "failed": [
            {
                "dask": "2025.1.0",
                "code": "environment-service",
                "message": "No disk.",
                "remedy": "Go.",
            }
        ],
        "left_out": ["2022.11.0"],
        "bytes": 3 * GIB,
        "limit_bytes": 20 * GIB,
        "seconds": 840.0,
    }


def test_the_list_is_a_table_with_a_sum() -> None:
    rows = [
        wording.listed(stored(), in_use=True),
        wording.listed(stored(packages={}), in_use=False),
    ]
    assert list(wording.list_lines(rows, total_bytes=GIB, limit_bytes=20 * GIB)) == [
        "key  dask      python  as of       alone    last used",
        "k1   2024.3.0  3.11.7  2024-03-19  512 MiB  2026-01-02 03:04  in use",
        "k1   none      3.11.7  2024-03-19  512 MiB  2026-01-02 03:04",
        f"2 environments. {SUM}",
    ]
    [only] = wording.list_lines([], total_bytes=0, limit_bytes=GIB)
    assert only.startswith("0 environments. ")
    [*_, last] = wording.list_lines(rows[:1], total_bytes=0, limit_bytes=GIB)
    assert last.startswith("1 environment. ")


def test_a_broken_environment_is_told_with_some_of_its_files() -> None:
    finding = Finding(
        one=stored(),
        reason="Its files are not as they were built: 7 changed.",
        difference=Difference(changed=tuple(f"f{n}.py" for n in range(7)), added=("\x1b.pth",)),
    )
    repaired = Repair(is_done=True, told="It was removed and built again.")
    assert list(wording.found_lines(finding, repaired)) == [
        "k1  dask 2024.3.0: Its files are not as they were built: 7 changed.",
        *(f"  changed f{n}.py" for n in range(5)),
        "  and 2 more",
        "  added \ufffd.pth",
        "  It was removed and built again.",
    ]
    assert len(list(wording.found_lines(finding, None))) == 8
    said = wording.found(finding, repaired)
    assert (said["ok"], said["repaired"]) == (False, "It was removed and built again.")


def test_a_sound_environment_has_nothing_to_say_to_programs() -> None:
    assert wording.found(Finding(one=stored()), None) == {
        "key": "k1",
        "dask": "2024.3.0",
        "ok": True,
        "reason": None,
        "changed": [],
        "added": [],
        "missing": [],
        "repaired": None,
    }


def test_the_last_word_names_the_remedy_where_one_is_broken() -> None:
    assert wording.verified(3, 0) == "3 looked at, none is broken."
    assert wording.verified(3, 1) == (
        "3 looked at, 1 broken. --repair removes them and builds them again."
    )


def test_seconds_become_minutes() -> None:
    assert (wording._minutes(119.4), wording._minutes(121)) == ("119 s", "2 min")
