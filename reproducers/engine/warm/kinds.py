"""What a waiting sandbox is kept for: everything of a job but its script."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from reproducers.engine.job import ExpectedSymptom, Job
from reproducers.engine.verdicts import Symptom
from reproducers.engine.warm import leading

# Time is measured, and warnings of imports are seen, only where everything starts afresh.
_ALWAYS_COLD: Final = frozenset({Symptom.SLOW, Symptom.WARNING})


_GET_READY: Final = "get_ready"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Two jobs of one kind may be served by the same sandbox, whichever comes first.

    `template` is the job, as JSON, without the script and what is said of it: its environment,
    policy, settings and variables. `modules` are imported beforehand; `has_cluster`: the private
    cluster is started, too.
    """

    template: str
    modules: tuple[str, ...]
    has_cluster: bool

    @property
    def job(self) -> Job:
        """The template: a job with an empty script."""
        return Job.from_json(self.template)

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        facts: dict[str, Any] = json.loads(text)
        return cls(
            template=facts["template"],
            modules=tuple(facts["modules"]),
            has_cluster=facts["has_cluster"],
        )


def kind_of(job: Job) -> Kind | None:
    """The kind of sandbox that could wait for this job; None where it has to start cold."""
    if job.cold or _is_special(job):
        return None
    # With a `match`, warnings are shown that are hidden without one: from the first import on.
    match = None if job.expected.match is None else ""
    template = Job(
        script="",
        environment=job.environment,
        policy=job.policy,
        expected=ExpectedSymptom(match=match),
        config=job.config,
        env=job.env,
    )
    has_cluster = leading.wants_cluster(job.script) and not _configures_distributed(job)
    return Kind(
        template=template.to_json(),
        modules=leading.modules(job.script),
        has_cluster=has_cluster,
    )


def _is_special(job: Job) -> bool:
    """Whether more than a script would have to be brought in, or more than a verdict out."""
    policy = job.policy
    return bool(
        policy.isolation != "bubblewrap"
        or policy.gpus
        or policy.without
        or job.files
        or job.against
        or job.is_sync_control
        or job.expected.kind in _ALWAYS_COLD
    )


def _configures_distributed(job: Job) -> bool:
    """Whether its own settings could end a cluster that waits, or see that it has waited."""
    config: Mapping[str, Any] = job.config
    names = [*config, *job.env]
    return any("distributed" in name.lower() for name in names)


def wanting(kind: Kind) -> str:
    """The line that makes an engine's child a spare."""
    return json.dumps({_GET_READY: kind.to_json()})


def wanted(line: bytes) -> Kind | None:
    """The kind that a line asks for, None where it asks for none, being a Job."""
    if not line.startswith(f'{{"{_GET_READY}":'.encode()):
        return None
    return Kind.from_json(json.loads(line)[_GET_READY])
