"""What a run showed, told from how it ended; what was expected of it does not matter here."""

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reproducers.engine.progress import Progress
from reproducers.engine.sandbox.policy import LimitHit
from reproducers.engine.tracebacks import Captured, Frame, Raised, innermost
from reproducers.engine.verdicts import Symptom

SHOWN_CHARACTERS: Final = 200

# Assertion helpers that a script calls: they assert on its behalf, and what they are given is its
# own comparison. `inner` is the frame that NumPy's decorators leave.
_ASSERTING: Final = re.compile(
    r"(numpy/testing/|pandas/_testing/|pandas/_libs/testing|xarray/testing/).*"
    r"|dask/(array|bag|dataframe)/(.*/)?utils\.py"
)
_ASSERTING_FUNCTIONS: Final = re.compile(r"_?assert\w*|inner|raise_assert_detail")

_DASK: Final = frozenset({"dask", "distributed", "dask_expr"})

# What nannies and schedulers write when a worker process goes, across the releases.
_DEATHS: Final = (
    (re.compile(r"was killed by signal (\d{1,2})"), "signal"),
    (re.compile(r"exceeded \d+% memory budget"), "nanny-memory"),
    (re.compile(r"exited with status \d+"), "exit"),
)


@dataclass(frozen=True, kw_only=True)
class WarningShown:
    """A warning that the script's process showed."""

    category: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One run, as it looked from outside, with the hints that came out.

    `exit_status` and `signal` are those of the script, one of them unless `limit` ended it.
    `memory_kills` counts processes that the kernel killed for our limit. `output` is what was
    printed, without the traceback of `exception`. `main_stack` is where the script stood just
    before the time was over.
    """

    exit_status: int | None
    signal: int | None = None
    limit: LimitHit | None = None
    memory_kills: int = 0
    seconds: float = 0.0
    exception: Captured | None = None
    warnings: tuple[WarningShown, ...] = ()
    output: str = ""
    progress: Progress | None = None
    main_stack: tuple[Frame, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether it ended by itself, and not well."""
        return self.limit is None and self.exit_status != 0

    @property
    def is_out_of_memory(self) -> bool:
        """Whether it ran into our own limit on memory, and did not get over it."""
        return self.limit == "memory" or (self.memory_kills > 0 and self.has_failed)

    def searchable(self) -> Iterator[str]:
        """Everything that `match` and `accept` are searched in."""
        if self.exception is not None and self.has_failed:
            for raised in self.exception.chain:
                yield from raised.spellings()
        for warning in self.warnings:
            yield f"{warning.category}: {warning.message}"
        yield self.output


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A symptom, its kind of hang or death where it has one, and what to say of it.

    `symptom` is None where only words of the reporter's own choosing were found.
    """

    symptom: Symptom | None
    sentence: str
    kind: str | None = None


def what_it_showed(seen: Observation) -> Shown | None:
    """The symptom of a run that ended by itself, None where it ended well.

    From the exception itself where there is one; it is heeded only after an exit status that says
    failure, so what a script writes beside a clean exit is nothing.
    """
    if not seen.has_failed:
        return None
    if seen.signal is not None:
        return _death(seen.signal)
    if seen.exception is None:
        return Shown(
            symptom=Symptom.CRASH,
            sentence=f"it ended with exit status {seen.exit_status} and no exception",
            kind="exit",
        )
    return _raised(seen.exception, seen.output)


def _death(number: int) -> Shown:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return Shown(symptom=Symptom.CRASH, sentence=f"it was killed by {name}", kind=name)


def _raised(exception: Captured, output: str) -> Shown:
    last = exception.last
    if last.type == "KilledWorker" and last.is_distributed:
        return Shown(symptom=Symptom.KILLED_WORKER, sentence=told(last), kind=worker_death(output))
    if last.type == "AssertionError" and is_own_assertion(last):
        return Shown(symptom=Symptom.WRONG_RESULT, sentence=told(last))
    return Shown(symptom=Symptom.EXCEPTION, sentence=told(last))


def told(raised: Raised) -> str:
    """`it raised ValueError: no`, short and on one line."""
    message = " ".join(raised.message.split())
    if len(message) > SHOWN_CHARACTERS:
        message = f"{message[: SHOWN_CHARACTERS - 3]}..."
    return f"it raised {raised.type}: {message}" if message else f"it raised {raised.type}"


def is_own_assertion(raised: Raised) -> bool:
    """Whether the script itself asserts: in a frame of its own, or by a helper that it called."""
    frames = list(raised.frames)
    while frames and _asserts_for_its_caller(frames[-1]):
        frames.pop()
    asserting = innermost(frames)
    return asserting is not None and asserting.is_script


def _asserts_for_its_caller(frame: Frame) -> bool:
    if frame.library is None:
        return frame.function == "inner" and frame.file.endswith("/contextlib.py")
    is_helper = _ASSERTING.fullmatch(frame.library) is not None
    return is_helper and _ASSERTING_FUNCTIONS.fullmatch(frame.function) is not None


def worker_death(output: str) -> str | None:
    """How the worker behind a KilledWorker died, as its nanny logged it: a hint."""
    for expression, kind in _DEATHS:
        if match := expression.search(output):
            return _death(int(match[1])).kind if kind == "signal" else kind
    return None


def missing_module(seen: Observation) -> str | None:
    """The module that the script itself imports and its environment has not got.

    None for one of Dask's own: that a release lacks it says something about the release.
    """
    last = seen.exception.last if seen.exception and seen.has_failed else None
    if last is None or last.type != "ModuleNotFoundError":
        return None
    frame = innermost(last.frames)
    match = re.match(r"No module named '([\w.]{1,200})'", last.message)
    if match is None or frame is None or not frame.is_script:
        return None
    return None if match[1].partition(".")[0] in _DASK else match[1]
