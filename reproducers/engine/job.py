"""What one trial is to run: frozen, plain data, the only thing that crosses into the engine.

`prepare` (trusted) makes a Job, the engine runs it. JSON both ways, so that a job can lie in
PostgreSQL and travel to a runner or through Dask as bytes.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Self

from reproducers.engine.errors import UsageError
from reproducers.engine.protections import Protection
from reproducers.engine.verdicts import Symptom

SCHEMA = 1
GIBIBYTE = 1024**3
Isolation = Literal["bubblewrap", "gvisor", "none"]


@dataclass(frozen=True, kw_only=True)
class RunPolicy:
    """What a run may use. Bytes, seconds and counts; `memory_bytes` is the whole sandbox's.

    A run that needs more is made once more with up to `largest_memory_bytes`.
    Only where nothing moved for `hang_floor_seconds` at least is a cluster said to hang. `cpus` is
    how many CPUs' worth of time it gets, None: all. `without` is for the hostile suite alone.
    """

    isolation: Isolation = "bubblewrap"
    timeout_seconds: float = 120.0
    memory_bytes: int = 4 * GIBIBYTE
    largest_memory_bytes: int = 16 * GIBIBYTE
    workers: int = 2
    threads: int = 1
    gpus: int = 0
    pids: int = 512
    open_files: int = 4096
    file_bytes: int = GIBIBYTE
    output_bytes: int = 16 * 1024**2
    temporary_bytes: int = GIBIBYTE
    cpus: float | None = None
    hang_floor_seconds: float = 30.0
    without: tuple[Protection, ...] = ()

    @property
    def worker_memory_bytes(self) -> int:
        """The private workers share four fifths of the sandbox's memory."""
        return self.memory_bytes * 4 // 5 // self.cluster_workers

    @property
    def cluster_workers(self) -> int:
        """The private cluster's workers: with GPUs one for each, else `workers`."""
        return self.gpus or self.workers


@dataclass(frozen=True, kw_only=True)
class EnvironmentSpec:
    """The environment that is asked for; `environments` resolves it to a lock.

    `requirements` are name + specifier. `dask` pins dask and distributed together. `as_of` is the
    day the index is seen as of (None: derived from the release), `floating` means today.
    `python` is a minor version such as "3.11" (None: the fitting one is chosen). `gpus`: it is the
    environment of a release of RAPIDS, with the Dask that this one pinned.
    """

    requirements: tuple[str, ...] = ()
    requires_python: str | None = None
    dask: str | None = None
    python: str | None = None
    as_of: date | None = None
    floating: bool = False
    gpus: bool = False


@dataclass(frozen=True, kw_only=True)
class ExpectedSymptom:
    """What the reporter says the script shows; `match` and `accept` are regular expressions."""

    kind: Symptom | None = None
    match: str | None = None
    accept: str | None = None


@dataclass(frozen=True, kw_only=True)
class Job:
    """One script in one environment under one policy, `tries` times.

    `against` is a release of Dask that what it shows is compared with. `is_sync_control`: whatever
    it computes is computed by Dask's synchronous scheduler. `cold`: nothing kept ready is used.
    """

    script: str
    script_name: str = "script.py"
    environment: EnvironmentSpec = field(default_factory=EnvironmentSpec)
    policy: RunPolicy = field(default_factory=RunPolicy)
    expected: ExpectedSymptom = field(default_factory=ExpectedSymptom)
    config: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    tries: int = 1
    against: str | None = None
    is_sync_control: bool = False
    cold: bool = False

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA, **dataclasses.asdict(self)}, default=_plain)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a Job back; raises ValueError for another schema.

        Raises UsageError where a protection is switched off: that never comes from elsewhere.
        """
        facts = json.loads(text)
        if facts.pop("schema", None) != SCHEMA:
            raise ValueError(f"not a Job of schema {SCHEMA}")
        facts["environment"] = _environment(facts["environment"])
        facts["policy"] = _policy(facts["policy"])
        kind = facts["expected"]["kind"]
        facts["expected"]["kind"] = Symptom(kind) if kind else None
        facts["expected"] = ExpectedSymptom(**facts["expected"])
        return cls(**facts)


def _policy(facts: dict[str, Any]) -> RunPolicy:
    if facts.pop("without", ()):
        raise UsageError(
            "A Job that switches protections of the sandbox off is not run.",
            remedy="Make it anew with `prepare`: protections are switched off in tests alone.",
        )
    return RunPolicy(**facts)


def _environment(facts: dict[str, Any]) -> EnvironmentSpec:
    as_of = facts["as_of"]
    facts["as_of"] = date.fromisoformat(as_of) if as_of else None
    facts["requirements"] = tuple(facts["requirements"])
    return EnvironmentSpec(**facts)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a Job")
