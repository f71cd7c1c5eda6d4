"""From a Script and what the caller asks for to a Job: flags win over the script's metadata."""

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Isolation, Job, RunPolicy
from reproducers.engine.metadata import read_requirement
from reproducers.engine.script import Script
from reproducers.engine.verdicts import Symptom

Value = TypeVar("Value")


def make_job(
    script: Script,
    *,
    dask: str | None = None,
    python: str | None = None,
    as_of: date | None = None,
    floating: bool = False,
    requirements: Iterable[str] = (),
    symptom: Symptom | None = None,
    match: str | None = None,
    accept: str | None = None,
    workers: int | None = None,
    threads: int | None = None,
    memory_bytes: int | None = None,
    timeout_seconds: float | None = None,
    gpus: int | None = None,
    tries: int | None = None,
    against: str | None = None,
    isolation: Isolation | None = None,
    files: Mapping[str, str] | None = None,
) -> Job:
    """The Job of one script; None means: as the script says, else the default.

    `requirements` come on top of the script's. `against` is a release. `files` is what
    `script.read_files` gave.
    Bounds are those of the metadata (`metadata.read_memory` and its like check a flag).
    """
    table = script.table
    return Job(
        script=script.text,
        script_name=script.name,
        environment=EnvironmentSpec(
            requirements=(*script.dependencies, *map(read_requirement, requirements)),
            requires_python=script.requires_python,
            dask=dask,
            python=python,
            as_of=as_of,
            floating=floating,
            gpus=bool(_first(gpus, table.gpus)),
        ),
        policy=_policy(
            isolation=isolation,
            timeout_seconds=_first(timeout_seconds, table.timeout_seconds),
            memory_bytes=_first(memory_bytes, table.memory_bytes),
            workers=_first(workers, table.workers),
            threads=_first(threads, table.threads),
            gpus=_first(gpus, table.gpus),
        ),
        expected=ExpectedSymptom(
            kind=_first(symptom, table.symptom),
            match=_first(match, table.match),
            accept=_first(accept, table.accept),
        ),
        config=dict(table.config),
        env=dict(table.env),
        files=dict(files or {}),
        tries=_first(tries, table.tries) or 1,
        against=against,
    )


def _policy(**wanted: Any) -> RunPolicy:
    given = {name: value for name, value in wanted.items() if value is not None}
    return dataclasses.replace(RunPolicy(), **given)


def _first(flag: Value | None, said: Value | None) -> Value | None:
    return said if flag is None else flag
