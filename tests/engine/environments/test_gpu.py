"""The environment of a script that needs GPUs: one release of RAPIDS, and the Dask it pinned."""

from datetime import date
from typing import Any

import pytest

from reproducers.engine import interpreters
from reproducers.engine.environments import gpu
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.request import Request, read_request
from reproducers.engine.errors import UnknownRelease
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.verdicts import Verdict
from tests.engine.indexes import Index

TODAY = date(2026, 11, 21)
DASK = {
    "2022.11.1": "2022-11-18",
    "2023.3.2": "2023-03-24",
    "2024.3.0": "2024-03-11",
    "2024.9.0": "2024-09-13",
    "2024.11.2": "2024-11-13",
    "2025.9.1": "2025-09-16",
    "2025.9.2": "2026-01-29",
    "2026.7.1": "2026-07-13",
    "2026.8.0": "2026-08-24",
}
DASK_CUDA = {
    "22.12.0": "2022-12-08",
    "23.6.0": "2023-06-08",
    "23.6.230607": "2023-06-07",
    "24.10.0": "2024-10-10",
    "24.12.0": "2024-12-12",
    "24.12.1": "2024-12-20",
    "25.12.0": "2025-12-11",
    "26.10.0": "2026-10-08",
    "26.10.0a12": "2026-09-01",
}


@pytest.fixture(autouse=True)
def rapids_index(own_index: Index) -> Index:
    """What PyPI has, in small."""
    for name, uploads in {"dask": DASK, "dask-cuda": DASK_CUDA}.items():
        for version, day in uploads.items():
            own_index.add(name, version, uploaded=f"{day}T12:00:00Z")
    for name, version in {
        "cudf-cu12": "24.12.0",
        "dask-cudf-cu12": "24.12.0",
        "ucxx-cu12": "0.41.0",
        "rapids-dask-dependency": "26.10.0",
    }.items():
        own_index.add(name, version, uploaded="2024-12-13T12:00:00Z")
    own_index.add(
        "rapids-dask-dependency",
        "25.12.1",
        uploaded="2026-01-29T12:00:00Z",
        requires=("dask==2025.9.2", "distributed==2025.9.2"),
    )
    return own_index


def read(*requirements: str, today: date = TODAY, **wishes: Any) -> Request:
    return read_request(
        EnvironmentSpec(requirements=requirements, gpus=True, **wishes), today=today
    )


def refusal(*requirements: str, **wishes: Any) -> str:
    with pytest.raises(EnvironmentRefused) as caught:
        read(*requirements, **wishes)
    assert caught.value.verdict == Verdict.UNSATISFIABLE
    return caught.value.reason


def test_without_a_word_it_is_the_newest_release_of_rapids_with_the_dask_that_it_pinned() -> None:
    request = read("dask[complete]")
    assert request.requirements == (
        "cupy-cuda12x[ctk]",
        "dask-cuda[cu12]==26.10.0",
        "dask==2026.7.1",
        "dask[complete]",
        "distributed==2026.7.1",
        *gpu.CUDA_LIBRARIES,
    )
    assert request.constraints == ("rapids-dask-dependency==26.10.*",)
    assert request.as_of == date(2026, 10, 15)
    assert request.notes[0] == (
        "The environment is RAPIDS 26.10's: dask 2026.7.1, dask-cuda 26.10.0, CuPy."
    )


def test_a_named_dask_names_the_release_of_rapids() -> None:
    request = read("dask", dask="2024.9.0")
    assert "dask-cuda[cu12]==24.10.0" in request.requirements
    assert request.constraints == ("dask-expr==1.1.14", "rapids-dask-dependency==24.10.*")


def test_a_pin_of_the_scripts_names_it_as_well() -> None:
    assert "dask-cuda[cu12]==24.10.0" in read("dask==2024.9.0").requirements
    assert "dask-cuda[cu12]==24.12.1" in read("dask<2024.12", "pandas").requirements


def test_a_dask_that_no_release_pinned_is_refused_with_the_nearest() -> None:
    assert refusal("dask", dask="2024.3.0") == (
        "No release of RAPIDS pins dask==2024.3.0, and dask-cuda works with the pinned one alone. "
        "Nearest are 2024.1.1 (RAPIDS 24.04) and 2024.5.1 (RAPIDS 24.06)."
    )
    assert refusal("dask", dask="2026.8.0").endswith("Nearest are 2026.7.1 (RAPIDS 26.10).")
    assert refusal("dask==2024.3.*").endswith("the pinned one alone.")


def test_a_day_before_the_first_release_has_none() -> None:
    assert refusal("dask==2024.9.0", as_of=date(2022, 1, 1)).endswith("the pinned one alone.")


def test_the_day_names_the_release_that_was_there() -> None:
    request = read("dask", as_of=date(2024, 10, 30))
    assert "dask==2024.9.0" in request.requirements
    assert request.as_of == date(2024, 10, 30)


def test_a_release_without_dask_cuda_is_refused() -> None:
    assert refusal("dask==2025.5.0") == "The index has no dask-cuda of RAPIDS 25.06."


def test_a_release_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UnknownRelease):
        read("dask", dask="main")


def test_the_patch_that_moved_the_pin_is_taken_with_its_day() -> None:
    request = read("dask", dask="2025.9.2")
    assert "rapids-dask-dependency==25.12.1" in request.requirements
    assert request.as_of == date(2026, 1, 29)


def test_rapids_own_distributed_takes_the_place_of_the_plain_one() -> None:
    request = read("dask[complete]", dask="2023.3.2")
    assert request.overrides == ("distributed==2023.3.2.1",)
    assert "dask-cuda[cu12]==23.6.0" in request.requirements


def test_the_packages_are_of_the_week_after_the_release_of_rapids() -> None:
    assert read("dask", dask="2024.11.2").as_of == date(2024, 12, 27)
    assert read("dask", dask="2022.11.1").as_of == gpu.CUDA_SINCE
    assert read("dask", today=date(2026, 10, 10)).as_of == date(2026, 10, 10)
    assert read("dask", floating=True).as_of == TODAY


def test_libraries_are_taken_by_their_names_on_the_index() -> None:
    request = read("dask", "cudf", "dask_cudf", "ucxx", "cupy>=13", dask="2024.11.2")
    assert {"cudf-cu12", "dask-cudf-cu12", "ucxx-cu12"} <= set(request.requirements)
    assert "cupy-cuda12x[ctk]>=13" in request.requirements
    assert request.constraints == (
        "cudf-cu12==24.12.*",
        "dask-cudf-cu12==24.12.*",
        "dask-expr==1.1.19",
        "rapids-dask-dependency==24.12.*",
    )
    assert "cudf is taken as cudf-cu12, its name on the index." in request.notes


def test_a_script_that_names_them_so_itself_is_told_nothing() -> None:
    request = read("dask", "cudf-cu12", "cupy-cuda11x", dask="2024.11.2")
    assert [note for note in request.notes if "is taken as" in note] == []
    assert "cupy-cuda12x[ctk]" not in request.requirements


def test_a_library_that_conda_alone_has_is_refused_by_its_name() -> None:
    assert refusal("cudf", dask="2024.9.0") == (
        "cudf of RAPIDS 24.10 has no wheel on the index: it comes from conda only."
    )


def test_it_is_said_where_no_library_could_be_had() -> None:
    said = "The index has no wheels of cudf for RAPIDS 24.10: it came from conda only."
    assert said in read("dask", dask="2024.9.0").notes
    assert [note for note in read("dask", dask="2024.11.2").notes if "no wheels" in note] == []


def test_without_a_gpu_a_library_of_rapids_is_refused() -> None:
    with pytest.raises(EnvironmentRefused, match="cuml is a library of RAPIDS"):
        read_request(EnvironmentSpec(requirements=("cuml",)), today=TODAY)
    gpu.refuse_without_gpus(["cuml-cu12", "pandas"])


@pytest.mark.parametrize(
    ("dask", "requires_python", "here", "python"),
    [
        ("2023.3.2", None, ["3.10", "3.11"], "3.10"),
        ("2023.3.2", ">=3.11", ["3.10", "3.11"], "3.11"),
        ("2023.3.2", None, ["3.11"], "3.11"),
        ("2024.9.0", None, ["3.10", "3.11"], "3.11"),
    ],
)
def test_old_releases_of_rapids_are_for_python_3_10_where_it_is_here(
    monkeypatch: pytest.MonkeyPatch,
    dask: str,
    requires_python: str | None,
    here: list[str],
    python: str,
) -> None:
    known = interpreters.installed("3.11")[:1]
    monkeypatch.setattr(interpreters, "installed", lambda minor: known if minor in here else ())
    found = gpu.for_gpus(
        EnvironmentSpec(dask=dask, requires_python=requires_python, gpus=True), today=TODAY
    )
    assert (found.spec.python or "3.11") == python
