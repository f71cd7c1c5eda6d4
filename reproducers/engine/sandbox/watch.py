"""The host's side of a running sandbox: reads what it prints, keeps the time, and ends it."""

import contextlib
import json
import selectors
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.curve import Curve
from reproducers.engine.sandbox.leftovers import Allowance
from reproducers.engine.sandbox.policy import LimitHit, SandboxSpec, Tick
from reproducers.engine.sandbox.streams import Stream
from reproducers.engine.sandbox.usage import Meter

SAMPLE_SECONDS: Final = 0.1
TICK_SECONDS: Final = 0.5
START_SECONDS: Final = 60.0
END_SECONDS: Final = 30.0
DRAIN_SECONDS: Final = 2.0
FREE_BYTES: Final = 256 * 1024**2
WORDS_BYTES: Final = 1 << 16


@dataclass
class Watch:
    """One run, from the launcher's start until nothing of it is left.

    `in_place`: the output folder is the host's own, which nothing but we bounds.
    """

    spec: SandboxSpec
    launcher: subprocess.Popen[bytes]
    meter: Meter
    stdout: Stream
    stderr: Stream
    status: Stream
    in_place: bool
    limit: LimitHit | None = None
    peak_bytes: int = 0
    memory: Curve = field(default_factory=Curve)
    began_at: float = field(default_factory=time.monotonic)
    started_at: float | None = None
    ended_at: float | None = None
    killed_at: float | None = None
    words: dict[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long the process has run; none of it is the making of its sandbox."""
        now = time.monotonic()
        return (self.ended_at or now) - (self.started_at or now)

    def until_dead(self, tick: Tick) -> None:
        """Return when the launcher says that nothing is left, whatever ended it."""
        self.follow(tick, until=lambda: False)

    def glance(self) -> None:
        """Look after it for a moment."""
        self.follow(lambda _: True, until=lambda: True, patience=0.0)

    def follow(
        self, tick: Tick, *, until: Callable[[], bool], patience: float = SAMPLE_SECONDS
    ) -> None:
        """Look after it until it is dead, or `until` says that this is enough."""
        sample_at = tick_at = self.began_at
        with self._selector() as selector:
            while selector.get_map() and not self._is_over():
                for key, _ in selector.select(patience):
                    if not key.data():
                        selector.unregister(key.fileobj)
                now = time.monotonic()
                if now >= sample_at:
                    sample_at = now + SAMPLE_SECONDS
                    self._look(now)
                if now >= tick_at and self.ended_at is None and self.killed_at is None:
                    tick_at = now + TICK_SECONDS
                    if not tick(self.seconds):
                        self.end("cancelled")
                if until():
                    return

    def end(self, limit: LimitHit) -> None:
        """Kill it. The first limit is the one that counts."""
        if self.limit is None and self.ended_at is None:
            self.limit = limit
            self.killed_at = time.monotonic()
            self.say("end")

    def say(self, word: str) -> None:
        """Tell the launcher; one that is gone says so itself, by its silence."""
        assert self.launcher.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.launcher.stdin.write(f"{word}\n".encode())

    def hear(self) -> dict[str, Any]:
        """The launcher's next word; raises IsolationError where it has none."""
        assert self.launcher.stdout is not None
        line = self.launcher.stdout.readline(WORDS_BYTES)
        if not line:
            raise IsolationError(
                "The launcher of the sandbox ended without a word.",
                remedy="Try it with `repro doctor`, which shows what this machine lacks.",
            )
        words: dict[str, Any] = json.loads(line)
        return words

    def _selector(self) -> selectors.BaseSelector:
        selector = selectors.DefaultSelector()
        for stream in (self.stdout, self.stderr, self.status):
            selector.register(stream.descriptor, selectors.EVENT_READ, stream.read)
        assert self.launcher.stdout is not None
        selector.register(self.launcher.stdout, selectors.EVENT_READ, self._listen)
        return selector

    def _listen(self) -> bool:
        """The launcher speaks twice: when the process has started, and when nothing is left."""
        self.words = self.hear()
        if "started" in self.words:
            self.started_at = time.monotonic()
            return True
        self.ended_at = time.monotonic()
        return False

    def _is_over(self) -> bool:
        """Everything ended some time ago, and only a copy of a pipe's other end is open somewhere.

        Another thread of this host that forks may hold one: nothing comes from there.
        """
        return self.ended_at is not None and time.monotonic() - self.ended_at > DRAIN_SECONDS

    def _look(self, now: float) -> None:
        if self.ended_at is not None:
            return
        if self.killed_at is not None:
            self._give_up_after(now - self.killed_at)
            return
        usage = self.meter.usage(self.launcher.pid)
        self.peak_bytes = max(self.peak_bytes, usage.memory_bytes)
        self.memory.add(self.seconds, usage.memory_bytes)
        for limit, is_hit in self._hits(now, usage.memory_bytes, usage.processes):
            if is_hit:
                self.end(limit)

    def _hits(self, now: float, memory: int, processes: int) -> list[tuple[LimitHit, bool]]:
        is_ours = self.meter.limits == "weak"
        counts_memory = is_ours and self.spec.has(Protection.MEMORY)
        counts_processes = is_ours and self.spec.has(Protection.PROCESSES)
        return [
            ("timeout", self._is_late(now)),
            ("memory", counts_memory and memory > self.spec.memory_bytes),
            ("pids", counts_processes and processes > self.spec.pids),
            ("output", self.stdout.is_flooded or self.stderr.is_flooded or self._is_overfull()),
        ]

    def _is_late(self, now: float) -> bool:
        if self.started_at is None:
            return now - self.began_at > START_SECONDS
        has_end = self.spec.has(Protection.WALL_CLOCK)
        return has_end and now - self.started_at > self.spec.wall_seconds

    def _is_overfull(self) -> bool:
        """Whether the output, or a disk that the process can write to, is full or nearly so."""
        written = [mount.source for mount in self.spec.mounts if mount.writable]
        if self.in_place and self.spec.output is not None:
            written.append(self.spec.output)
            allowance = Allowance(
                bytes_allowed=self.spec.output_bytes, files_allowed=self.spec.output_files
            )
            if allowance.is_used_up_by(self.spec.output):
                return True
        return any(map(is_nearly_full, written))

    def _give_up_after(self, seconds: float) -> None:
        if seconds > END_SECONDS:
            self.launcher.kill()
            raise IsolationError(
                "The sandbox could not be ended: the kernel holds one of its processes.",
                remedy="Look for processes in state D; a restart of the machine frees them.",
            )


def is_nearly_full(path: Path) -> bool:
    """Whether the disk of `path` is; one that does not know its size, such as ramfs, never is."""
    disk = shutil.disk_usage(path)
    return disk.total > 0 and disk.free < FREE_BYTES
