"""Whether an environment is as it was built: each of its files, and its canary."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from reproducers.engine import interpreters, places
from reproducers.engine.environments import canary, content, eviction, manifest, store
from reproducers.engine.environments.content import File
from reproducers.engine.environments.enclosed import Enclosed
from reproducers.engine.environments.environment import EnvironmentRefused
from reproducers.engine.environments.layout import Layout
from reproducers.engine.environments.manifest import Difference, StrangeFile
from reproducers.engine.environments.obtain import obtain_again
from reproducers.engine.environments.progress import Progress
from reproducers.engine.environments.store import Stored
from reproducers.engine.errors import EnvironmentServiceError, MissingPython, UsageError
from reproducers.engine.events import Cancelled, Emit


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one environment; `reason` is one sentence, "" where nothing is wrong."""

    one: Stored
    reason: str = ""
    difference: Difference = field(default_factory=Difference)

    @property
    def is_well(self) -> bool:
        return not self.reason


@dataclass(frozen=True, kw_only=True)
class Repair:
    """Whether the broken environment is gone, and in a sentence what came of it."""

    is_done: bool
    told: str


class Reader:
    """Describes files; those that environments share are read once only."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], File] = {}

    def __call__(self, path: Path) -> File:
        status = path.lstat()
        named = (status.st_dev, status.st_ino, status.st_size, status.st_mode, status.st_mtime_ns)
        if named not in self._known:
            self._known[named] = content.describe(path)
        return self._known[named]


def verify(one: Stored, reader: Reader, *, emit: Emit, cancelled: Cancelled) -> Finding:
    """Compare its files with its manifest, and run its canary if they are as they were.

    It is held meanwhile. Raises IsolationError and Cancellation.
    """
    used_at = one.used_at
    lease = store.hold(one.key)
    if lease is None:
        return Finding(one=one, reason="It was removed meanwhile.")
    try:
        os.utime(one.folder / "used", (used_at, used_at))  # to look at it is not to use it
        progress = Progress(emit, cancelled)
        return _differences(one, reader, progress) or _tried(one, progress)
    finally:
        lease.close()


def repair(finding: Finding, *, emit: Emit, cancelled: Cancelled) -> Repair:
    """Remove a broken environment and build it again, from the lock it was built from.

    Raises Cancellation and IsolationError.
    """
    kept, lock_text = manifest.read(finding.one.folder), store.lock_text(finding.one)
    if eviction.remove(finding.one.key) is None:
        return Repair(is_done=False, told="It is in use: repair it when that has ended.")
    if kept is not None:
        changed = (kept.files.get(path) for path in finding.difference.changed)
        content.discard(file for file in changed if file is not None)
    try:
        obtain_again(finding.one, lock_text, emit=emit, cancelled=cancelled)
    except (UsageError, EnvironmentServiceError) as error:
        return Repair(is_done=True, told=f"It was removed. {error.message} {error.remedy}")
    except EnvironmentRefused as refused:
        return Repair(is_done=True, told=f"It was removed. {refused.reason}")
    return Repair(is_done=True, told="It was removed and built again.")


def _differences(one: Stored, reader: Reader, progress: Progress) -> Finding | None:
    kept = manifest.read(one.folder)
    if kept is None:
        return Finding(one=one, reason="Its manifest is missing.")

    def describing(path: Path) -> File:
        progress.check()
        return reader(path)

    progress.say("reading its files")
    try:
        found = manifest.difference(kept, manifest.take(one.folder / "tree", describing))
    except (OSError, StrangeFile) as error:
        return Finding(one=one, reason=f"It cannot be read: {error}")
    if not found:
        return None
    counts = (
        f"{len(paths)} {kind}"
        for kind, paths in (
            ("changed", found.changed),
            ("added", found.added),
            ("missing", found.missing),
        )
        if paths
    )
    return Finding(
        one=one,
        reason=f"Its files are not as they were built: {', '.join(counts)}.",
        difference=found,
    )


def _tried(one: Stored, progress: Progress) -> Finding:
    version = one.facts["python"]
    try:
        interpreter = interpreters.find(interpreters.minor_of(version))
    except MissingPython as error:
        return Finding(one=one, reason=error.message)
    if interpreter.version != version:
        return Finding(one=one, reason=f"Python {version}, which it was built with, is gone.")
    layout = Layout(
        interpreter=interpreter,
        isolation=one.facts.get("isolation", "bubblewrap"),
        empty=places.folder("empty"),
    )
    try:
        canary.try_out(Enclosed(layout=layout, progress=progress), one.folder / "tree")
    except EnvironmentRefused as refused:
        return Finding(one=one, reason=refused.reason)
    return Finding(one=one)
