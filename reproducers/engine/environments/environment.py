"""A built environment, as those who run something in it see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from reproducers.engine.environments.locks import Lease
from reproducers.engine.report import EnvironmentFacts
from reproducers.engine.sandbox.policy import Mount
from reproducers.engine.verdicts import Verdict

Refusal = Literal[Verdict.UNSATISFIABLE, Verdict.BAD_ENVIRONMENT]


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A finished environment, read-only and held against eviction until it is closed.

    A context manager: `with obtain(...) as environment:`. `python` is the interpreter as seen
    inside a sandbox with `mounts`, to be started with `variables` in its environment (more may be
    added). With isolation "none" there are no mounts and `python` is a path of the host. `folder`
    is on the host, for nothing but looking at. `notes` are sentences for people, such as which
    package had to be taken from a later day.
    """

    key: str
    folder: Path
    python: str
    mounts: tuple[Mount, ...]
    variables: Mapping[str, str]
    facts: EnvironmentFacts
    lease: Lease
    notes: tuple[str, ...] = ()

    def close(self) -> None:
        """Let the environment be evicted again."""
        self.lease.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class EnvironmentRefused(Exception):
    """No such environment can be had: a verdict over the trial, and no error of anybody's.

    `reason` is one sentence for people, `detail` what uv or the canary said, shortened.
    """

    def __init__(self, verdict: Refusal, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason
        self.detail = detail
