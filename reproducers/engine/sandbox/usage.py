"""What a running sandbox uses, whoever counts it: cgroups, or we."""

from dataclasses import dataclass
from typing import Protocol

from reproducers.engine.sandbox.policy import Limits


@dataclass(frozen=True, kw_only=True)
class Usage:
    """`memory_bytes` is what is gone when the processes are: anonymous and shared memory.

    Cached files are left out: whoever reads a library first would pay for all who come after.
    """

    memory_bytes: int
    processes: int


class Meter(Protocol):
    """Bounds and counts one sandbox, from before its start until after its end."""

    @property
    def limits(self) -> Limits: ...

    @property
    def join(self) -> tuple[str, ...]:
        """The files that the first process writes itself into."""
        ...

    def usage(self, launcher: int) -> Usage:
        """What the descendants of `launcher` use now."""
        ...

    def memory_kills(self) -> int:
        """How often the kernel killed for our limit on memory."""
        ...

    def refused_forks(self) -> int:
        """How often the kernel refused a process for our limit on processes."""
        ...

    def processes(self) -> tuple[int, ...]:
        """Who is still there."""
        ...

    def close(self) -> None:
        """Remove it; raises OSError where a process is left."""
        ...
