"""The sandboxes of a build, of two kinds: uv with the network, and Python without it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine import places
from reproducers.engine.environments import room, uv
from reproducers.engine.environments.layout import Layout
from reproducers.engine.environments.progress import Count, Progress
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.events import Cancellation
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec, Tick

GIBIBYTE: Final = 1024**3
LARGEST_FILE_BYTES: Final = 8 * GIBIBYTE
OUTPUT: Final = "/output"
OUTPUT_BYTES: Final = GIBIBYTE
OUTPUT_FILES: Final = 50_000


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """Starts what a build needs. Each call raises Cancellation once the build was cancelled."""

    layout: Layout
    progress: Progress

    def uv(
        self,
        command: tuple[str, ...],
        *,
        mounts: tuple[Mount, ...],
        note: str,
        seconds: float,
        count: Count | None = None,
    ) -> SandboxOutcome:
        """Run uv, with the network; it runs no code of an environment.

        Raises EnvironmentServiceError where the disk gets full meanwhile.
        """
        spec = SandboxSpec(
            argv=command,
            mounts=mounts,
            environment=uv.variables(self.layout),
            working_directory=self._empty(),
            isolation=self.layout.isolation,
            network=True,
            wall_seconds=seconds,
            file_bytes=LARGEST_FILE_BYTES,
        )
        return self._checked(spec, room.watched(self.progress.ticking(note, count)))

    def python(
        self,
        command: tuple[str, ...],
        *,
        mounts: tuple[Mount, ...],
        seconds: float,
        note: str | None = None,
        output: Path | None = None,
    ) -> SandboxOutcome:
        """Run a Python, without the network; `output` is where it may write."""
        spec = SandboxSpec(
            argv=command,
            mounts=(*self.layout.python_mounts(), *mounts),
            environment={
                "HOME": "/tmp",  # noqa: S108 -- inside
                "PATH": "/usr/bin:/bin",
                **self.layout.python_variables(),
            },
            working_directory=self._empty(),
            isolation=self.layout.isolation,
            wall_seconds=seconds,
            output=output,
            output_bytes=OUTPUT_BYTES,
            output_files=OUTPUT_FILES,
        )
        return self._checked(spec, self.progress.ticking(note))

    def _checked(self, spec: SandboxSpec, tick: Tick) -> SandboxOutcome:
        self.progress.check()
        outcome = run(spec, tick)
        if outcome.limit == "cancelled":
            raise Cancellation
        return outcome

    def _empty(self) -> str:
        return self.layout.place(places.folder("empty"), "/work")


def need(outcome: SandboxOutcome) -> None:
    """Raises EnvironmentServiceError unless it ended well."""
    if outcome.exit_status != 0:
        raise broken(outcome)


def broken(outcome: SandboxOutcome) -> EnvironmentServiceError:
    """The error of a step that should have worked."""
    return EnvironmentServiceError(
        f"The environment cannot be built: {uv.shortened(said(outcome))}",
        remedy="Check the network, REPRO_INDEX_URL and the disk; `repro doctor` tries them.",
    )


def said(outcome: SandboxOutcome) -> str:
    """What it complained of; what ended it, where it could not say."""
    ended = f"the {outcome.limit} limit ended it" if outcome.limit else ""
    return uv.plain(outcome.stderr).strip() or ended or f"signal {outcome.signal} ended it"
