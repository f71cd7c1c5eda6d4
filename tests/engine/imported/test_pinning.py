"""What the one index has of a customer's environment, and for which Python."""

import pytest

from reproducers.engine.imported import pinning
from reproducers.engine.imported.pinning import Pinned, Without, pin
from reproducers.engine.imported.surroundings import Package, Surroundings
from tests.engine.indexes import Index


@pytest.fixture(autouse=True)
def packages(own_index: Index) -> Index:
    for name, version, tag in (
        ("dask", "2024.3.0", "py3-none-any"),
        ("distributed", "2024.3.0", "py3-none-any"),
        ("pandas", "2.2.1", "cp310-cp310-manylinux_2_17_x86_64"),
        ("pandas", "2.2.2", "cp310-cp310-manylinux_2_17_x86_64"),
        ("numpy", "1.26.4", "cp310-cp310-manylinux_2_17_x86_64"),
        ("numpy", "1.26.4", "cp311-cp311-manylinux_2_17_x86_64"),
        ("pywin32", "306", "cp310-cp310-win_amd64"),
        ("torch", "2.1.0", "py3-none-any"),
        ("cudf-cu12", "24.12.1", "py3-none-any"),
        ("ucxx-cu12", "0.41.0", "py3-none-any"),
    ):
        own_index.add(name, version, tag=tag)
    return own_index


def surroundings(*packages: Package, python: str | None = None) -> Surroundings:
    return Surroundings(format="test", python=python, packages=packages)


def of(name: str, version: str | None = None, **more: str) -> Package:
    return Package(name=name, version=version, **more)


def pinned(*packages: Package, python: str | None = "3.10") -> Pinned:
    return pin(surroundings(*packages, python=python), done=lambda done, total: None)


def test_what_has_a_wheel_is_pinned_and_the_rest_is_named() -> None:
    assert pinned(
        of("acme", "1.0"),
        of("dask", "2024.3.0"),
        of("distributed", "2024.3.0"),
        of("numpy", "1.0"),
        of("pandas", "2.2.1"),
        of("pip", "24.0"),
        of("pywin32", "306"),
        of("torch", "2.1.0", build="cu121"),
    ) == Pinned(
        python="3.10",
        is_python_known=True,
        dask="2024.3.0",
        gpus=False,
        requirements=("dask==2024.3.0", "distributed==2024.3.0", "pandas==2.2.1", "torch==2.1.0"),
        without_wheel=(
            Without(name="acme", version="1.0", why="the index has no wheel of it"),
            Without(name="numpy", version="1.0", why="the index has no wheel of 1.0"),
            Without(
                name="pywin32",
                version="306",
                why="no wheel of it is for Python 3.10 on this kind of machine",
            ),
        ),
        without_build=("torch 2.1.0+cu121",),
    )


def test_a_package_without_a_version_keeps_what_is_said_of_it() -> None:
    assert pinned(of("pandas", specifier=">=2"), of("numpy")).requirements == ("pandas>=2", "numpy")


def test_a_python_that_nobody_told_is_the_one_that_most_wheels_fit() -> None:
    found = pinned(of("dask", "2024.3.0"), of("pandas", "2.2.1"), python=None)
    assert (found.python, found.is_python_known) == ("3.10", False)
    assert pinned(of("dask", "2024.3.0"), of("numpy", "1.26.4"), python=None).python == "3.11"
    assert pinned(of("numpy", "1.26.4"), python=None).python == "3.11"


def test_dask_and_distributed_of_two_releases_name_none() -> None:
    assert pinned(of("dask", "2024.3.0"), of("distributed", "2024.4.0")).dask == "2024.3.0"
    found = pinned(of("dask", "2024.3.0"), of("distributed", specifier=">=2024"))
    assert found.dask is None


def test_libraries_of_rapids_go_with_the_release_and_ask_for_a_gpu() -> None:
    found = pinned(of("cudf-cu12", "24.12.0"), of("ucxx-cu12", "0.41.0"))
    assert (found.gpus, found.requirements) == (True, ("cudf-cu12", "ucxx-cu12"))
    assert pinned(of("cudf-cu12", "24.10.0")).without_wheel[0].why == (
        "the index has no wheel of 24.10.0"
    )


def test_a_script_names_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinning, "DEPENDENCIES", 1)
    found = pinned(of("dask", "2024.3.0"), of("numpy", "1.26.4"))
    assert (len(found.requirements), found.without_wheel[0].why) == (
        1,
        "a script names at most 1 packages",
    )


def test_names_go_to_the_one_index_alone(packages: Index) -> None:
    pinned(of("acme", "1.0"))
    assert packages.asked == ["/simple/acme/"]
