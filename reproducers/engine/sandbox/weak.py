"""The last rung: no cgroup, so we look at the processes ourselves, some times a second.

Between two looks a script may use more than it should; rlimits keep a single process in bounds.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.sandbox.policy import Limits
from reproducers.engine.sandbox.processes import descendants
from reproducers.engine.sandbox.usage import Usage

_HELD: Final = (b"RssAnon", b"RssShmem")  # a process that is a zombie, or the kernel's, has neither


@dataclass(frozen=True, kw_only=True)
class Poller:
    """Counts the descendants of the launcher: all of them, since it is their reaper."""

    limits: Limits = "weak"

    @property
    def join(self) -> tuple[str, ...]:
        return ()

    def usage(self, launcher: int) -> Usage:
        facts = [found for process in descendants(launcher) if (found := facts_of(process))]
        return Usage(memory_bytes=sum(m for m, _ in facts), processes=sum(n for _, n in facts))

    def memory_kills(self) -> int:
        return 0

    def refused_forks(self) -> int:
        return 0

    def processes(self) -> tuple[int, ...]:
        return ()

    def close(self) -> None:
        """There is nothing to remove."""


def facts_of(process: int) -> tuple[int, int] | None:
    """A process' bytes of anonymous and shared memory, and its threads; None where it is gone."""
    try:
        text = Path(f"/proc/{process}/status").read_bytes()  # a name need not be text
    except OSError:
        return None
    parts = (line.partition(b":") for line in text.splitlines())
    told = {name: value.split() for name, _, value in parts}
    kibibytes = sum(int(told[name][0]) for name in _HELD if name in told)
    return kibibytes * 1024, int(told[b"Threads"][0])
