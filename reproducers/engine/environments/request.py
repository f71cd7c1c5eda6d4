"""From what a job asks for to what uv is asked: one release, one Python, one day."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from reproducers.engine import places, releases
from reproducers.engine.compatibility import dask_expr_of, fitting_pythons, replacements
from reproducers.engine.environments import gpu
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.errors import UsageError
from reproducers.engine.interpreters import Interpreter, find
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.releases import Release
from reproducers.engine.verdicts import Verdict

MAIN: Final = "main"
"""Stands for Dask's main branch, which comes from the nightly index."""

FORMAT: Final = 1
"""Part of every request's name: raised when the same request is resolved in another way."""

_TOGETHER: Final = frozenset({"dask", "distributed", "dask-expr"})


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is resolved. `requirements` are sorted; `as_of` counts as a whole day.

    `overrides` take the place of what packages ask for. `nightly_index` is set for Dask's main
    branch only. `notes` are sentences for people and no part of what is asked for.
    """

    interpreter: Interpreter
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    as_of: date
    index_url: str
    overrides: tuple[str, ...] = ()
    nightly_index: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Names the request: the same one never needs the network again."""
        facts = (
            FORMAT,
            *(self.interpreter.version, self.requirements, self.constraints),
            *(self.overrides, self.as_of.isoformat(), self.index_url, self.nightly_index),
        )
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def read_request(spec: EnvironmentSpec, *, today: date) -> Request:
    """Decide release, Python and day.

    Raises UnknownRelease, MissingPython, UsageError, EnvironmentServiceError, and
    EnvironmentRefused where no release of Dask is what the requirements ask for.
    """
    if spec.gpus:
        return _gpu_request(spec, today)
    gpu.refuse_without_gpus(spec.requirements)
    return _request(spec, today)


def _gpu_request(spec: EnvironmentSpec, today: date) -> Request:
    found = gpu.for_gpus(spec, today=today)
    request = _request(found.spec, today)
    return dataclasses.replace(
        request,
        constraints=tuple(sorted({*request.constraints, *found.constraints})),
        overrides=(*request.overrides, *found.overrides),
        notes=found.notes,
    )


def _request(spec: EnvironmentSpec, today: date) -> Request:
    parsed = [Requirement(text) for text in spec.requirements]
    if spec.dask == MAIN:
        return _main_request(spec, parsed, today)
    release = _release(spec, parsed)
    pinned = _pinned(parsed, release.version, override=spec.dask is not None)
    interpreter = _interpreter(spec, release)
    return Request(
        interpreter=interpreter,
        requirements=_sorted(pinned),
        constraints=_constraints(pinned, release.version),
        overrides=replacements(release.version, interpreter.minor),
        as_of=_as_of(spec, release, today),
        index_url=places.index_url(),
    )


def _main_request(spec: EnvironmentSpec, parsed: list[Requirement], today: date) -> Request:
    nightly = places.nightly_index_url()
    if nightly is None:
        raise UsageError(
            "Dask's main branch needs an index of nightly wheels.",
            remedy="Set REPRO_NIGHTLY_INDEX to one, or name a release.",
        )
    for requirement in parsed:
        if canonicalize_name(requirement.name) in _TOGETHER:
            requirement.specifier = SpecifierSet()
    # A lower bound with a pre-release in it is how uv is told to accept one of this package.
    bound = f">={releases.newest().version}.dev0"
    parsed += [Requirement(f"dask{bound}"), Requirement(f"distributed{bound}")]
    return Request(
        interpreter=_interpreter(spec, releases.newest()),
        requirements=_sorted(parsed),
        constraints=(),
        as_of=spec.as_of or today,
        index_url=places.index_url(),
        nightly_index=nightly,
    )


def _release(spec: EnvironmentSpec, parsed: list[Requirement]) -> Release:
    if spec.dask is not None:
        return releases.release(spec.dask)
    asked = SpecifierSet()
    for requirement in parsed:
        if canonicalize_name(requirement.name) == "dask":
            asked &= requirement.specifier
    exact = [pin.version for pin in asked if pin.operator == "==" and not pin.version.endswith("*")]
    if exact:
        return releases.release(exact[0])
    return _newest(spec, asked)


def _newest(spec: EnvironmentSpec, asked: SpecifierSet) -> Release:
    fitting = [
        found
        for found in releases.known_releases()
        if found.version in asked
        and found.skipped_because is None
        and (spec.as_of is None or found.uploaded_at.date() <= spec.as_of)
        and _fits_python(spec, found)
    ]
    if not fitting:
        raise EnvironmentRefused(
            Verdict.UNSATISFIABLE, f"No release of Dask is dask{asked} as of that day and Python."
        )
    return fitting[-1]


def _fits_python(spec: EnvironmentSpec, release: Release) -> bool:
    if spec.python is not None:
        return spec.python in fitting_pythons(release.version)
    return bool(fitting_pythons(release.version, spec.requires_python))


def _pinned(parsed: Iterable[Requirement], version: str, *, override: bool) -> list[Requirement]:
    """The requirements with dask and distributed at `version`.

    `override`: what the script says about their versions gives way, and dask-expr's too.
    """
    own, distributed_is_pinned = [], False
    for requirement in parsed:
        name = canonicalize_name(requirement.name)
        if override and name in _TOGETHER:
            requirement.specifier = SpecifierSet()
        distributed_is_pinned |= name == "distributed" and bool(requirement.specifier)
        own.append(requirement)
    own.append(Requirement(f"dask=={version}"))
    if not distributed_is_pinned:
        own.append(Requirement(f"distributed=={version}"))
    return own


def _constraints(pinned: Iterable[Requirement], version: str) -> tuple[str, ...]:
    """dask-expr of the time, unless the script has its own word on it."""
    expression = dask_expr_of(version)
    asked = any(
        canonicalize_name(requirement.name) == "dask-expr" and requirement.specifier
        for requirement in pinned
    )
    return () if expression is None or asked else (f"dask-expr=={expression}",)


def _interpreter(spec: EnvironmentSpec, release: Release) -> Interpreter:
    return find(spec.python or releases.python_for(release, spec.requires_python))


def _as_of(spec: EnvironmentSpec, release: Release, today: date) -> date:
    if spec.as_of is not None:
        return spec.as_of
    if spec.floating:
        return today
    return min(releases.as_of(release, spec.requirements), today)


def _sorted(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    return tuple(sorted({str(requirement) for requirement in requirements}))
