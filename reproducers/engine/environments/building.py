"""The steps of building an environment, each a sandbox of its own.

What has the network runs no code of the environment. What compiles runs the bare interpreter, so
that a wheel's `.pth` file does not run there either. What does run its code, the canary, has no
network and cannot write to the environment.
"""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from reproducers.engine.environments import canary, downloads, uv
from reproducers.engine.environments.byte_code import compile_all
from reproducers.engine.environments.content import File, Sharing
from reproducers.engine.environments.enclosed import Enclosed, need, said
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.layout import ENVIRONMENT
from reproducers.engine.environments.manifest import Manifest, StrangeFile, take
from reproducers.engine.environments.progress import Count
from reproducers.engine.environments.request import Request
from reproducers.engine.environments.resolution import Lock
from reproducers.engine.sandbox.policy import Mount
from reproducers.engine.verdicts import Verdict

RESOLVE_SECONDS: Final = 180.0
INSTALL_SECONDS: Final = 1800.0


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build. `work` is a folder of the host for uv's input, `tree` the environment's own."""

    request: Request
    enclosed: Enclosed
    work: Path

    @property
    def tree(self) -> Path:
        return self.work / "tree"

    def resolve(self, later: Mapping[str, date]) -> tuple[int, str, str]:
        """Ask uv for a lock: its exit status, output and complaint."""
        _write(self.work / "requirements.txt", self.request.requirements)
        _write(self.work / "constraints.txt", self.request.constraints)
        _write(self.work / "overrides.txt", self.request.overrides)
        command = uv.resolve_command(
            self.enclosed.layout,
            self.request,
            work=self.work,
            downloads=downloads.folder(),
            later=later,
        )
        outcome = self.enclosed.uv(
            command, mounts=self._mounts(), note="resolving", seconds=RESOLVE_SECONDS
        )
        status = -1 if outcome.exit_status is None else outcome.exit_status
        return status, uv.plain(outcome.stdout), said(outcome)

    def install(self, lock: Lock) -> Manifest:
        """Make the environment, unpack the lock's wheels into it, and say what is in it.

        From here on its files are shared with other environments, and nobody may write to them.
        Raises EnvironmentRefused where a wheel holds what no wheel may.
        """
        self.tree.mkdir()
        (self.work / "lock.txt").write_text(lock.text)
        layout, cache = self.enclosed.layout, downloads.folder()
        venv = uv.venv_command(layout, tree=self.tree, downloads=cache)
        self._install(venv, note="preparing", seconds=RESOLVE_SECONDS)
        links = take(self.tree).links
        command = uv.install_command(
            layout, self.request, work=self.work, tree=self.tree, downloads=cache
        )
        count = _counting(cache, lock)
        self._install(command, note="downloading", seconds=INSTALL_SECONDS, count=count)
        # uv leaves its lock behind, which anybody may write to.
        (self.tree / ".lock").unlink(missing_ok=True)
        return self._taken(links)

    def compile(self, manifest: Manifest) -> Manifest:
        """Byte-compile what scripts import: an uncompiled import costs three times as much."""
        made = compile_all(self.enclosed, self.request.interpreter.version, self.tree, manifest)
        return Manifest(files={**manifest.files, **made}, links=manifest.links)

    def try_out(self) -> None:
        """Run the canary; raises EnvironmentRefused where it fails."""
        canary.try_out(self.enclosed, self.tree)

    def _install(
        self, command: tuple[str, ...], *, note: str, seconds: float, count: Count | None = None
    ) -> None:
        tree = self.enclosed.layout.mount(self.tree, ENVIRONMENT, writable=True)
        mounts = (*self._mounts(), *tree)
        outcome = self.enclosed.uv(command, mounts=mounts, note=note, seconds=seconds, count=count)
        if outcome.exit_status != 0 and uv.is_bad_wheel(complaint := said(outcome)):
            raise EnvironmentRefused(
                Verdict.BAD_ENVIRONMENT, uv.shortened(complaint), complaint[: uv.DETAIL_CHARACTERS]
            )
        need(outcome)

    def _mounts(self) -> tuple[Mount, ...]:
        return uv.mounts(
            self.enclosed.layout, self.request, work=self.work, downloads=downloads.folder()
        )

    def _taken(self, links: Mapping[str, str]) -> Manifest:
        sharing = Sharing(spare=self.work / "spare", is_on=self.enclosed.layout.is_inside)

        def describing(path: Path) -> File:
            self.enclosed.progress.check()
            return sharing(path)

        try:
            taken = take(self.tree, describing)
        except StrangeFile as strange:
            raise _strange(str(strange)) from strange
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise _strange("a path that is too long") from error
        if differing := sorted(dict(taken.links.items() ^ links.items())):
            raise _strange(differing[0])
        return taken


def _strange(path: str) -> EnvironmentRefused:
    shown = path.encode("ascii", "backslashreplace").decode()[: uv.REASON_CHARACTERS]
    return EnvironmentRefused(
        Verdict.BAD_ENVIRONMENT, f"A package brings what no package may: {shown}", ""
    )


def _write(path: Path, lines: tuple[str, ...]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines))


def _counting(cache: Path, lock: Lock) -> Count:
    """Counts the lock's packages that uv has unpacked: each then has a link in its cache."""

    def is_there(name: str, version: str) -> bool:
        places = (f"wheels-v*/pypi/{name}/{version}-*", f"wheels-v*/*/*/{name}/{version}-*")
        return any(path.is_symlink() for place in places for path in cache.glob(place))

    def count() -> tuple[int, int]:
        fetched = sum(is_there(name, version) for name, version in lock.packages.items())
        return fetched, len(lock.packages)

    return count
