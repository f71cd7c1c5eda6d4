"""What the observer's lines say of a cluster: whether it still moved, and what was left to do.

They come from the sandbox, so they explain what the host saw and can never contradict it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from reproducers.engine.untrusted import count, items, number, parse, table, text

LINE_BYTES: Final = 16 * 1024
LINES: Final = 50_000
RECENT_SECONDS: Final = 10.0
_UNFINISHED: Final = ("waiting", "queued", "no-worker", "processing")
_IDLE: Final = frozenset({"memory", "released", "forgotten", "error", "erred"})


@dataclass(frozen=True, kw_only=True)
class Glance:
    """One server in one second. `transitions` only grows; `busy` counts tasks on threads."""

    at: float
    role: str
    address: str
    transitions: int
    states: tuple[tuple[str, int], ...]
    busy: int
    unrunnable: int

    @property
    def unfinished(self) -> int:
        return sum(number for state, number in self.states if state in _UNFINISHED)

    @property
    def held(self) -> int:
        """How many tasks a worker knows and has not finished."""
        return sum(number for state, number in self.states if state not in _IDLE)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The cluster at the end: how long nothing moved, and what then lay where.

    `unfinished` and `unrunnable` are the schedulers' counts, `held` and `busy` the workers'.
    """

    quiet_seconds: float
    unfinished: int
    unrunnable: int
    held: int
    busy: int


def read_progress(lines: Iterable[bytes], *, ended_at: float) -> Progress | None:
    """The progress of all clusters that were there to the end, None where no scheduler was.

    `ended_at` is the host's clock in Unix seconds, which the lines go by as well.
    """
    glances = sorted(_glances(lines), key=lambda glance: glance.at)
    last = {glance.address: glance for glance in glances}
    there = [glance for glance in last.values() if glance.at > ended_at - RECENT_SECONDS]
    schedulers = [glance for glance in there if glance.role == "scheduler"]
    workers = [glance for glance in there if glance.role == "worker"]
    if not schedulers:
        return None
    return Progress(
        quiet_seconds=max(0.0, ended_at - _moved_at(glances)),
        unfinished=sum(glance.unfinished for glance in schedulers),
        unrunnable=sum(glance.unrunnable for glance in schedulers),
        held=sum(glance.held for glance in workers),
        busy=sum(glance.busy for glance in workers),
    )


def _moved_at(glances: list[Glance]) -> float:
    """The last instant at which a server's counters were not what they had been."""
    moved_at = glances[0].at
    known: dict[str, tuple[int, tuple[tuple[str, int], ...]]] = {}
    for glance in glances:
        counters = (glance.transitions, glance.states)
        if known.get(glance.address) != counters:
            known[glance.address] = counters
            moved_at = glance.at
    return moved_at


def _glances(lines: Iterable[bytes]) -> Iterable[Glance]:
    for number_of_lines, line in enumerate(lines):
        if number_of_lines == LINES:
            return
        try:
            facts = table(parse(line, limit=LINE_BYTES))
        except ValueError:
            continue
        if facts.get("role") in ("scheduler", "worker"):
            yield _glance(facts)


def _glance(facts: Any) -> Glance:
    states = sorted(table(facts.get("states")).items())
    return Glance(
        at=number(facts.get("at")),
        role=facts["role"],
        address=text(facts.get("address"), limit=200),
        transitions=count(facts.get("transitions")),
        states=tuple((text(state, limit=40), count(held)) for state, held in states if held),
        busy=len(items(facts.get("executing"), limit=1000)),
        unrunnable=count(facts.get("unrunnable")),
    )
