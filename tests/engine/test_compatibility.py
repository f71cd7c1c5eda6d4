"""The tables of what fits what."""

import pytest

from reproducers.engine.compatibility import (
    DUMP_EXCLUDE,
    LOG_LENGTHS,
    SINCE,
    Fact,
    admits,
    dask_expr_of,
    fitting_pythons,
    has,
    is_edge_of_query_planning,
    replacements,
)


@pytest.mark.parametrize(
    ("dask", "pythons"),
    [
        ("2021.1.0", ("3.10", "3.9", "3.8")),
        ("2022.11.0", ("3.10", "3.9", "3.8")),
        ("2022.12.0", ("3.10", "3.9", "3.8")),
        ("2022.12.1", ("3.11", "3.10", "3.9", "3.8")),
        ("2023.5.0", ("3.11", "3.10", "3.9", "3.8")),
        ("2023.5.1", ("3.11", "3.10", "3.9")),
        ("2023.10.0", ("3.11", "3.10", "3.12", "3.9")),
        ("2024.8.0", ("3.11", "3.10", "3.12", "3.9")),
        ("2024.8.1", ("3.11", "3.10", "3.12")),
        ("2024.12.0", ("3.11", "3.10", "3.12", "3.13")),
        ("2026.8.0", ("3.11", "3.10", "3.12", "3.13", "3.14")),
    ],
)
def test_each_release_has_its_pythons_the_preferred_first(
    dask: str, pythons: tuple[str, ...]
) -> None:
    assert fitting_pythons(dask) == pythons


def test_the_scripts_own_wish_narrows_them() -> None:
    assert fitting_pythons("2026.8.0", ">=3.12,<3.14") == ("3.12", "3.13")
    assert fitting_pythons("2022.11.0", ">=3.11") == ()


def test_a_minor_version_is_admitted_by_any_of_its_releases() -> None:
    assert admits(">=3.11.4", "3.11")
    assert admits("<3.11.4", "3.11")
    assert not admits(">=3.12", "3.11")
    assert admits(None, "3.11")


def test_dask_expr_is_pinned_while_it_was_a_package_of_its_own() -> None:
    assert [
        dask_expr_of(dask) for dask in ("2024.2.1", "2024.3.0", "2024.9.0", "2024.12.1", "2025.1.0")
    ] == [None, "1.0.2", "1.1.14", "1.1.21", None]


def test_old_clusters_get_a_tornado_that_has_a_wheel() -> None:
    assert replacements("2022.11.1", "3.10") == ("tornado==6.2",)
    assert replacements("2022.11.1", "3.9") == ()
    assert replacements("2022.12.0", "3.10") == ()


@pytest.mark.parametrize(
    ("fact", "last_without", "first_with"),
    [
        (Fact.LOW_LEVEL_LOG_LENGTH, "2023.9.2", "2023.9.3"),
        (Fact.KILLED_WORKER_COUNTS_TRIES, "2023.9.2", "2023.9.3"),
        (Fact.NO_WORKERS_TIMEOUT, "2023.12.1", "2024.1.0"),
        (Fact.QUERY_PLANNING, "2024.2.1", "2024.3.0"),
        (Fact.WORKER_RESTART_MEMORY, "2024.4.1", "2024.4.2"),
        (Fact.SCHEDULER_TRANSITION_FAILED, "2024.7.0", "2024.7.1"),
        (Fact.DUMP_HOLDS_RUN_SPECS, "2024.10.0", "2024.11.0"),
        (Fact.MERGED_DASK_EXPR, "2024.12.1", "2025.1.0"),
        (Fact.LIGHT_WORKERS, "2025.3.1", "2025.4.0"),
    ],
)
def test_each_fact_begins_with_a_release(fact: Fact, last_without: str, first_with: str) -> None:
    assert (has(fact, last_without), has(fact, first_with)) == (False, True)


def test_every_fact_has_its_release() -> None:
    assert set(SINCE) == set(Fact)


def test_dataframes_changed_twice() -> None:
    assert is_edge_of_query_planning("2024.2.1", "2024.3.0")
    assert is_edge_of_query_planning("2024.12.1", "2025.1.0")
    assert not is_edge_of_query_planning("2024.3.0", "2024.12.1")
    assert not is_edge_of_query_planning("2025.1.0", "2026.8.0")


def test_what_is_set_whatever_the_release() -> None:
    assert DUMP_EXCLUDE == ("run_spec",)
    assert [name.rpartition(".")[2] for name in LOG_LENGTHS] == [
        "low-level-log-length",
        "transition-log-length",
        "events-log-length",
    ]
