"""How processes of a cluster died, as who waited for them wrote it down: hints, with the why.

A nanny's process writes how its worker ended, the sandbox's first process which orphan a signal
ended. Who only reads a KilledWorker learns neither.
"""

import re
import signal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reproducers.engine.untrusted import count, parse, table, text

LINE_BYTES: Final = 2000
DEATHS: Final = 200
HIGHEST_SIGNAL: Final = 64

# What a process prints at its end (faulthandler), and nannies, across the releases.
_FATAL: Final = re.compile(r"^Fatal Python error: (Segmentation fault|Aborted|Bus error)", re.M)
_FATAL_SIGNALS: Final = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
}
_BUDGET: Final = re.compile(r"exceeded \d+% memory budget")
_KILLED_LATE: Final = re.compile(r"Worker process still alive after .* killing")
_LOGGED: Final = re.compile(r"was killed by signal (\d{1,2})")
_LOGGED_EXIT: Final = re.compile(r"exited with status \d+")

_WORDS: Final = {
    "nanny-memory": "nannies ended workers that were over their memory",
    "exit": "worker processes ended themselves",
    "closed": "workers were told to close",
}

# With these a process is ended on purpose; only a crash or somebody from outside uses the others.
_ASKED: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


@dataclass(frozen=True, kw_only=True)
class Death:
    """One process that is gone. `is_expected`: its nanny was about to end it.

    Either `exit_status` or `signal` is set. `role` is what observers knew it as, else `process`.
    """

    pid: int
    role: str = "process"
    exit_status: int | None = None
    signal: int | None = None
    is_expected: bool = False

    @property
    def kind(self) -> str:
        """The signal's name, or `exit`."""
        return "exit" if self.signal is None else signal_name(self.signal)


def signal_name(number: int) -> str:
    """`SIGSEGV`, or `signal 35` for one without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def read_deaths(lines: Iterable[bytes], *, roles: Mapping[int, str]) -> tuple[Death, ...]:
    """What the lines tell, in their order. `roles` maps process numbers to what they were."""
    found: list[Death] = []
    for line in lines:
        try:
            facts = table(parse(line, limit=LINE_BYTES))
        except ValueError:
            continue
        status = facts.get("exitcode")
        if isinstance(status, int) and not isinstance(status, bool) and len(found) < DEATHS:
            pid = count(facts.get("pid"))
            role = text(facts.get("role"), limit=20) or roles.get(pid, "process")
            found.append(_death(pid, role, status, is_expected=facts.get("expected") is True))
    return tuple(found)


def _death(pid: int, role: str, exitcode: int, *, is_expected: bool) -> Death:
    """`exitcode` as multiprocessing gives it: below zero it is a signal's."""
    number = -exitcode if -HIGHEST_SIGNAL <= exitcode < 0 else None
    status = count(exitcode, limit=255) if number is None else None
    return Death(pid=pid, role=role, exit_status=status, signal=number, is_expected=is_expected)


def worker_death(output: str, deaths: Iterable[Death] = ()) -> str | None:
    """How the worker behind a KilledWorker died.

    `nanny-memory`: over the budget that its nanny allows; a signal's name; `exit`: it ended itself;
    `closed`: it was told to close. None where nobody knows.
    """
    if _BUDGET.search(output):
        return "nanny-memory"
    return next(_kinds(output, [death for death in deaths if death.role == "worker"]), None)


def death_words(kind: str) -> str:
    """That kind of death, for people."""
    return _WORDS.get(kind, f"workers were killed by {kind}")


def _kinds(output: str, deaths: list[Death]) -> Iterator[str]:
    """From what is surest to what is a guess."""
    yield from (one.kind for one in deaths if one.signal is not None and not one.is_expected)
    if fatal := _FATAL.search(output):
        yield _FATAL_SIGNALS[fatal[1]]
    if logged := _LOGGED.search(output):
        yield signal_name(int(logged[1]))
    yield from (one.kind for one in deaths if not one.is_expected)
    if _LOGGED_EXIT.search(output):
        yield "exit"
    yield from ("closed" for _ in deaths)


def crash_among(deaths: Iterable[Death], output: str) -> Death | None:
    """The first scheduler or worker that a signal ended which nobody of Dask's sends."""
    kills = {signal.SIGKILL} if _KILLED_LATE.search(output) or _BUDGET.search(output) else set()
    for death in deaths:
        is_asked = death.signal in _ASKED | kills or death.is_expected
        if death.signal is not None and not is_asked and death.role != "process":
            return death
    return None
