"""What one job came to: the bounded, JSON-able answer of the engine.

`to_json` gives the keys that `repro run --json` promises (../docs/repro.md). The service reads a
report back with `parse_report`, which treats it as hostile: sizes capped, types checked.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from reproducers.engine.sandbox.policy import Limits
from reproducers.engine.verdicts import Symptom, Verdict

SCHEMA = 1
OwnerFrom = Literal["frames", "dependency-axis"]
Label = Literal["always", "often", "flaky", "rare"]


@dataclass(frozen=True, kw_only=True)
class ExceptionFacts:
    """The exception that ended the script; `traceback` is text, at most 32 KiB."""

    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, kw_only=True)
class EnvironmentFacts:
    """The environment really used; `lock` is the hash of its lock, `packages` name -> version."""

    python: str
    dask: str | None
    distributed: str | None
    as_of: str
    lock: str
    packages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Try:
    """One run of the script."""

    verdict: Verdict
    seconds: float
    peak_memory_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Phases:
    """Wall seconds by phase: the environment, the start of sandbox and cluster, the script."""

    environment: float
    start: float
    script: float


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A file that was kept: its name, size in bytes and SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """The verdict over all tries, with what it rests on. `reason` is one sentence for people."""

    verdict: Verdict
    reason: str
    symptom: Symptom | None = None
    kind: str | None = None
    exception: ExceptionFacts | None = None
    fingerprint: str | None = None
    owner: str = "unknown"
    owner_from: OwnerFrom | None = None
    hits: int = 0
    runs: int = 0
    rate: float | None = None
    label: Label | None = None
    environment: EnvironmentFacts | None = None
    isolation: str = "bubblewrap"
    limits: Limits | None = None
    tries: tuple[Try, ...] = ()
    seconds: Phases = field(default_factory=lambda: Phases(environment=0.0, start=0.0, script=0.0))
    artifacts: tuple[Artifact, ...] = ()
    output: str = ""
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **dataclasses.asdict(self)}
