"""The steps of building an environment, each a sandbox of its own.

What has the network runs no code of the environment. What compiles runs the bare interpreter, so
that a wheel's `.pth` file does not run there either. What does run its code, the canary, has no
network and cannot write to the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from reproducers.engine import places
from reproducers.engine.environments import store, uv
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.layout import ENVIRONMENT, Layout
from reproducers.engine.environments.progress import Count, Progress
from reproducers.engine.environments.request import Request
from reproducers.engine.environments.resolution import Lock
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.events import Cancellation
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec
from reproducers.engine.verdicts import Verdict

GIBIBYTE: Final = 1024**3
RESOLVE_SECONDS: Final = 180.0
INSTALL_SECONDS: Final = 1800.0
COMPILE_SECONDS: Final = 900.0
CANARY_SECONDS: Final = 120.0
CANARY: Final = "/canary.py"
CANARY_SOURCE: Final = Path(__file__).parent.parent / "inside" / "canary.py"
# A third of all modules are tests of their own package, and hardly ever imported.
_NOT_COMPILED: Final = r"/tests/"


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build. `work` is a folder of the host for uv's input, `tree` the environment's own."""

    request: Request
    layout: Layout
    work: Path
    progress: Progress

    @property
    def tree(self) -> Path:
        return self.work / "tree"

    def resolve(self, later: Mapping[str, date]) -> tuple[int, str, str]:
        """Ask uv for a lock: its exit status, output and complaint."""
        _write(self.work / "requirements.txt", self.request.requirements)
        _write(self.work / "constraints.txt", self.request.constraints)
        _write(self.work / "overrides.txt", self.request.overrides)
        command = uv.resolve_command(
            self.layout, self.request, work=self.work, downloads=store.downloads(), later=later
        )
        outcome = self._uv(command, note="resolving", seconds=RESOLVE_SECONDS)
        status = -1 if outcome.exit_status is None else outcome.exit_status
        return status, uv.plain(outcome.stdout), _said(outcome)

    def install(self, lock: Lock) -> None:
        """Make the environment and unpack the lock's wheels into it."""
        self.tree.mkdir()
        (self.work / "lock.txt").write_text(lock.text)
        venv = uv.venv_command(self.layout, tree=self.tree, downloads=store.downloads())
        self._need(self._uv(venv, note="preparing", seconds=RESOLVE_SECONDS))
        command = uv.install_command(
            self.layout, self.request, work=self.work, tree=self.tree, downloads=store.downloads()
        )
        count = _counting(store.downloads(), lock)
        self._need(self._uv(command, note="downloading", seconds=INSTALL_SECONDS, count=count))
        # uv leaves its lock behind, which anybody may write to.
        (self.tree / ".lock").unlink(missing_ok=True)

    def compile(self) -> None:
        """Byte-compile what scripts import: an uncompiled import costs three times as much."""
        outcome = self._run(
            (
                *(self.layout.base_python, "-I", "-S", "-m", "compileall", "-q", "-j", _jobs()),
                # Never checked against the source again: nobody can change it.
                *("--invalidation-mode", "unchecked-hash", "-x", _NOT_COMPILED),
                f"{self.layout.place(self.tree, ENVIRONMENT)}/lib",
            ),
            mounts=self.layout.mount(self.tree, ENVIRONMENT, writable=True),
            note="compiling",
            seconds=COMPILE_SECONDS,
        )
        # compileall ends with 1 for a file that is no Python of this version, which is common.
        if outcome.exit_status not in {0, 1}:
            raise self._broken(outcome)

    def try_out(self) -> None:
        """Run the canary; raises EnvironmentRefused where it fails."""
        python = f"{self.layout.place(self.tree, ENVIRONMENT)}/bin/python"
        outcome = self._run(
            (python, self.layout.place(CANARY_SOURCE, CANARY)),
            mounts=(
                *self.layout.mount(self.tree, ENVIRONMENT),
                *self.layout.mount(CANARY_SOURCE, CANARY),
            ),
            note="checking",
            seconds=CANARY_SECONDS,
        )
        if outcome.exit_status != 0:
            raise _refused(outcome)

    def _uv(
        self, command: tuple[str, ...], *, note: str, seconds: float, count: Count | None = None
    ) -> SandboxOutcome:
        mounts = (
            *uv.mounts(self.layout, self.request, work=self.work, downloads=store.downloads()),
            *(
                self.layout.mount(self.tree, ENVIRONMENT, writable=True)
                if self.tree.is_dir()
                else ()
            ),
        )
        return self._checked(
            SandboxSpec(
                argv=command,
                mounts=mounts,
                environment=uv.variables(self.layout),
                working_directory=self.layout.place(_empty(), "/work"),
                isolation=self.layout.isolation,
                network=True,
                wall_seconds=seconds,
                file_bytes=8 * GIBIBYTE,
            ),
            note,
            count,
        )

    def _run(
        self, command: tuple[str, ...], *, mounts: tuple[Mount, ...], note: str, seconds: float
    ) -> SandboxOutcome:
        return self._checked(
            SandboxSpec(
                argv=command,
                mounts=(*self.layout.python_mounts(), *mounts),
                environment={
                    "HOME": "/tmp",  # noqa: S108 -- inside
                    "PATH": "/usr/bin:/bin",
                    **self.layout.python_variables(),
                },
                working_directory=self.layout.place(_empty(), "/work"),
                isolation=self.layout.isolation,
                wall_seconds=seconds,
            ),
            note,
        )

    def _checked(self, spec: SandboxSpec, note: str, count: Count | None = None) -> SandboxOutcome:
        self.progress.check()
        outcome = run(spec, self.progress.ticking(note, count))
        if outcome.limit == "cancelled":
            raise Cancellation
        return outcome

    def _need(self, outcome: SandboxOutcome) -> None:
        if outcome.exit_status != 0:
            raise self._broken(outcome)

    def _broken(self, outcome: SandboxOutcome) -> EnvironmentServiceError:
        return EnvironmentServiceError(
            f"The environment cannot be built: {uv.shortened(_said(outcome))}",
            remedy="Check the network, REPRO_INDEX_URL and the disk; `repro doctor` tries them.",
        )


def _empty() -> Path:
    return places.folder("empty")


def _jobs() -> str:
    """How many compile at once: each takes some 50 MiB of the sandbox's memory."""
    return str(min(os.cpu_count() or 1, 8))


def _write(path: Path, lines: tuple[str, ...]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))


def _said(outcome: SandboxOutcome) -> str:
    """What it complained of; what ended it, where it could not say."""
    ended = f"the {outcome.limit} limit ended it" if outcome.limit else ""
    return uv.plain(outcome.stderr).strip() or ended or f"signal {outcome.signal} ended it"


def _counting(cache: Path, lock: Lock) -> Count:
    """Counts the lock's packages that uv has unpacked: each then has a link in its cache."""

    def is_there(name: str, version: str) -> bool:
        places = (f"wheels-v*/pypi/{name}/{version}-*", f"wheels-v*/*/*/{name}/{version}-*")
        return any(path.is_symlink() for place in places for path in cache.glob(place))

    def count() -> tuple[int, int]:
        fetched = sum(is_there(name, version) for name, version in lock.packages.items())
        return fetched, len(lock.packages)

    return count


def _refused(outcome: SandboxOutcome) -> EnvironmentRefused:
    detail = uv.plain(outcome.stderr)[-uv.DETAIL_CHARACTERS :]
    if outcome.limit is not None:
        reason = f"its cluster did not start and add up: the {outcome.limit} limit ended it"
    else:
        said = [line.strip() for line in detail.splitlines() if line.strip()]
        reason = said[-1][: uv.REASON_CHARACTERS] if said else "it ended without a word"
    return EnvironmentRefused(
        Verdict.BAD_ENVIRONMENT, f"The environment does not work: {reason}", detail
    )
