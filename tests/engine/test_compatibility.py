"""The tables of what fits what."""

import pytest

from reproducers.engine.compatibility import (
    admits,
    dask_expr_of,
    fitting_pythons,
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
