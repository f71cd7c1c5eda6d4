"""From what a script asks for to an environment for GPUs: one release of RAPIDS, and its Dask.

`dask-cuda` works with the Dask that its release pinned and no other, so the release of Dask
decides the release of RAPIDS. Its libraries are taken only where a script names them and the index
has their wheels: most of the older ones were published for conda alone.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from reproducers.engine import index, interpreters, rapids, releases
from reproducers.engine.compatibility import admits
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.rapids import Pin
from reproducers.engine.verdicts import Verdict

CLUSTER: Final = "dask-cuda"
ARRAYS: Final = "cupy"
CUDA: Final = "cu12"
"""The CUDA that wheels are taken for: drivers from 525 on have it, those of CUDA 13 too."""

# Named by their releases; each wheel has the CUDA it is for in its name.
LIBRARIES: Final = frozenset(
    {"cudf", "cugraph", "cuml", "cuproj", "cuspatial", "cucim", "cuvs", "cuxfilter", "dask-cudf"}
    | {"kvikio", "nx-cugraph", "pylibcudf", "pylibraft", "raft-dask", "rapidsmpf", "rmm"}
)
# Of RAPIDS too, but with versions of their own.
OTHER_LIBRARIES: Final = frozenset({"distributed-ucxx", "ucx-py", "ucxx"})

# What CuPy and numba load at run time; a machine has them in a toolkit, a sandbox does not.
CUDA_LIBRARIES: Final = tuple(
    f"nvidia-{name}-{CUDA}"
    for name in ("cublas", "cuda-nvrtc", "cuda-runtime", "cufft", "curand", "cusolver", "cusparse")
)
CUDA_SINCE: Final = date(2023, 1, 19)
"""When CuPy had its first wheel for it: older releases of RAPIDS get the packages of that day."""

# RAPIDS came for Python 3.11 with 24.04; before, numba and others lack wheels for it.
OLD_PYTHON: Final = "3.10"
FIRST_WITH_NEW_PYTHON: Final = "24.04"


@dataclass(frozen=True, kw_only=True)
class GpuEnvironment:
    """The spec with everything named, what is held to versions of the time, and what to say."""

    spec: EnvironmentSpec
    constraints: tuple[str, ...]
    overrides: tuple[str, ...]
    notes: tuple[str, ...]


def for_gpus(spec: EnvironmentSpec, *, today: date) -> GpuEnvironment:
    """The environment of the release of RAPIDS that pins what is asked for.

    Raises EnvironmentRefused where no release of RAPIDS pins that Dask, or a library that the
    script names has no wheel of that release; UnknownRelease; EnvironmentServiceError.
    """
    parsed = [Requirement(text) for text in spec.requirements]
    pin = chosen(rapids.known(), asked_dask(spec, parsed), as_of=spec.as_of)
    cluster = _cluster(pin.rapids)
    wheels = {name: _wheel_name(name, pin.rapids) for name in _named_libraries(parsed)}
    arrays = [] if _has_cupy(parsed) else [f"{ARRAYS}-cuda12x[ctk]"]
    return GpuEnvironment(
        spec=dataclasses.replace(
            spec,
            requirements=(
                *(str(_renamed(one, wheels)) for one in parsed),
                *(f"{CLUSTER}[{CUDA}]=={cluster.version}", *arrays, *CUDA_LIBRARIES),
                *([f"{rapids.PINNER}=={pin.pinner}"] if pin.pinner else []),
            ),
            dask=pin.dask,
            python=spec.python or _python(spec, pin),
            as_of=spec.as_of or (None if spec.floating else min(_settled(cluster, pin), today)),
        ),
        constraints=tuple(_constraints(pin, wheels.values())),
        overrides=_overrides(pin),
        notes=tuple(_notes(pin, cluster.version, wheels)),
    )


def refuse_without_gpus(requirements: Iterable[str]) -> None:
    """Raises EnvironmentRefused for a library of RAPIDS that is named as in conda."""
    for name in _named_libraries(Requirement(text) for text in requirements):
        if not name.endswith(f"-{CUDA}"):
            raise EnvironmentRefused(
                Verdict.UNSATISFIABLE,
                f"{name} is a library of RAPIDS, which needs a GPU: ask for one with --gpus 1.",
            )


def asked_dask(spec: EnvironmentSpec, parsed: Iterable[Requirement]) -> SpecifierSet:
    """The releases of Dask that may be taken: the named one, else what the script's pin says."""
    if spec.dask is not None:
        return SpecifierSet(f"=={releases.release(spec.dask).version}")
    asked = SpecifierSet()
    for requirement in parsed:
        if canonicalize_name(requirement.name) == "dask":
            asked &= requirement.specifier
    return asked


def chosen(known: Sequence[Pin], asked: SpecifierSet, *, as_of: date | None = None) -> Pin:
    """The newest release of RAPIDS that pins such a Dask, and was there on that day.

    Raises EnvironmentRefused that names the nearest.
    """
    there = [pin for pin in known if as_of is None or _was_there(pin, as_of)]
    for pin in reversed(there):
        if asked.contains(pin.dask, prereleases=True):
            return pin
    raise EnvironmentRefused(Verdict.UNSATISFIABLE, _none_pins(there, asked))


def _none_pins(known: Sequence[Pin], asked: SpecifierSet) -> str:
    said = f"No release of RAPIDS pins dask{asked}, and dask-cuda works with the pinned one alone."
    exact = [one.version for one in asked if one.operator == "==" and not one.version.endswith("*")]
    if not exact:
        return said
    wanted = Version(exact[0])
    older = [pin for pin in known if Version(pin.dask) < wanted][-1:]
    younger = [pin for pin in known if Version(pin.dask) > wanted][:1]
    near = " and ".join(f"{pin.dask} (RAPIDS {pin.rapids})" for pin in (*older, *younger))
    return f"{said} Nearest are {near}." if near else said


def _was_there(pin: Pin, as_of: date) -> bool:
    uploads = [wheel.uploaded_at for wheel in _wheels_of(CLUSTER, pin.rapids)]
    return bool(uploads) and min(uploads).date() <= as_of


def _wheels_of(name: str, release: str) -> list[index.Wheel]:
    return [
        wheel
        for wheel in index.wheels(name)
        if wheel.yanked is None and rapids.belongs_to(wheel.version, release)
    ]


def _cluster(release: str) -> index.Wheel:
    """dask-cuda of that release, its youngest patch."""
    found = _wheels_of(CLUSTER, release)
    if not found:
        raise EnvironmentRefused(
            Verdict.UNSATISFIABLE, f"The index has no dask-cuda of RAPIDS {release}."
        )
    return max(found, key=lambda wheel: Version(wheel.version))


def _settled(cluster: index.Wheel, pin: Pin) -> date:
    """The parts of a release come out within days; a patch of what it pins comes later."""
    pinners = [one for one in index.wheels(rapids.PINNER) if one.version == pin.pinner]
    days = [cluster.uploaded_at + releases.SETTLING, *(one.uploaded_at for one in pinners)]
    return max(CUDA_SINCE, *(day.date() for day in days))


def _named_libraries(parsed: Iterable[Requirement]) -> list[str]:
    named = [canonicalize_name(requirement.name) for requirement in parsed]
    return [name for name in named if _plain(name) in LIBRARIES | OTHER_LIBRARIES]


def _plain(name: str) -> str:
    return name.removesuffix(f"-{CUDA}")


def _wheel_name(name: str, release: str) -> str:
    """A library's name on the index; raises EnvironmentRefused where it has no wheel there."""
    found = f"{_plain(name)}-{CUDA}"
    has_own_versions = _plain(name) in OTHER_LIBRARIES
    if not (index.wheels(found) if has_own_versions else _wheels_of(found, release)):
        raise EnvironmentRefused(
            Verdict.UNSATISFIABLE,
            f"{_plain(name)} of RAPIDS {release} has no wheel on the index: it comes from conda "
            "only.",
        )
    return found


def _renamed(requirement: Requirement, wheels: dict[str, str]) -> Requirement:
    name = canonicalize_name(requirement.name)
    if name == ARRAYS:
        requirement.name, requirement.extras = f"{ARRAYS}-cuda12x", {"ctk"}
    requirement.name = wheels.get(name, requirement.name)
    return requirement


def _has_cupy(parsed: Iterable[Requirement]) -> bool:
    return any(canonicalize_name(one.name).startswith(ARRAYS) for one in parsed)


def _python(spec: EnvironmentSpec, pin: Pin) -> str | None:
    is_old = pin.rapids < FIRST_WITH_NEW_PYTHON and admits(spec.requires_python, OLD_PYTHON)
    return OLD_PYTHON if is_old and interpreters.installed(OLD_PYTHON) else None


def _constraints(pin: Pin, wheels: Iterable[str]) -> Iterable[str]:
    major, minor = map(int, pin.rapids.split("."))
    for name in sorted({rapids.PINNER, *wheels}):
        if _plain(name) not in OTHER_LIBRARIES:
            yield f"{name}=={major}.{minor}.*"
    if pin.dask_expr is not None:
        yield f"dask-expr=={pin.dask_expr}"


def _overrides(pin: Pin) -> tuple[str, ...]:
    """RAPIDS patched one distributed of its own, while dask asks for the plain one."""
    return (f"distributed=={pin.distributed}",) if pin.distributed != pin.dask else ()


def _notes(pin: Pin, cluster: str, wheels: dict[str, str]) -> Iterable[str]:
    yield f"The environment is RAPIDS {pin.rapids}'s: dask {pin.dask}, dask-cuda {cluster}, CuPy."
    if not wheels and not _wheels_of(f"cudf-{CUDA}", pin.rapids):
        yield f"The index has no wheels of cudf for RAPIDS {pin.rapids}: it came from conda only."
    for name, wheel in wheels.items():
        if name != wheel:
            yield f"{name} is taken as {wheel}, its name on the index."
    yield "Does it need the GPU, or RAPIDS' changes to Dask? Run it with --gpus 0 and compare."
