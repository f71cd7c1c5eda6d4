"""What a run showed, told from how it ended; what was expected of it does not matter here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reproducers.engine.deaths import (
    Death,
    crash_among,
    death_words,
    signal_name,
    worker_death,
)
from reproducers.engine.hangs.kinds import Reason
from reproducers.engine.sandbox.policy import LimitHit
from reproducers.engine.tracebacks import Captured, Frame, Raised, innermost
from reproducers.engine.verdicts import Symptom

SHOWN_CHARACTERS: Final = 200

# Assertion helpers that a script calls: they assert on its behalf, and what they are given is its
# own comparison. `inner` is the frame that NumPy's decorators leave.
_ASSERTING: Final = re.compile(
    r"(numpy/testing/|pandas/_testing/|pandas/_libs/testing|xarray/testing[/.]).*"
    r"|(dask/(array|bag|dataframe)|dask_expr)/(.*/)?(utils|_util|testing)\.py"
)
_ASSERTING_FUNCTIONS: Final = re.compile(
    r"_?assert\w*|inner|wrapper|raise_assert_detail|_check_\w+|_get_dt_meta_computed"
)
_OF_PYTHON: Final = ("/contextlib.py", "/unittest/case.py")

_DASK: Final = frozenset({"dask", "distributed", "dask_expr"})
_NO_MODULE: Final = re.compile(r"No module named '([\w.]{1,200})'")
_REQUIREMENTS: Final = re.compile(
    r"Dask (\w{1,40}) (?:query planning )?requirements are not installed"
)

# How a worker prints a warning that its code raises.
_PRINTED: Final = re.compile(
    r"^\S{1,300}/site-packages/(?:dask|distributed|dask_expr)/\S{1,200}\.py:\d{1,7}: "
    r"(\w{0,60}Warning): (.{1,400})$",
    re.MULTILINE,
)

# What a client raises when its scheduler is gone, across the releases.
_LOST_TOUCH: Final = frozenset(
    {"CommClosedError", "CancelledError", "FutureCancelledError", "TimeoutError", "OSError"}
    | {"ConnectionRefusedError", "ConnectionResetError", "StreamClosedError"}
)

_REFUSALS: Final = frozenset({"OSError", "RuntimeError", "BlockingIOError"})

# What running into one of our limits raises, by what is limited.
_REFUSED: Final = (
    (re.compile(r"can't start new thread|\[Errno 11\]"), "processes and threads"),
    (re.compile(r"\[Errno 28\]"), "room for files"),
    (re.compile(r"\[Errno 27\]"), "the size of a file"),
)


@dataclass(frozen=True, kw_only=True)
class WarningShown:
    """A warning that was shown; `frames` of who warned, outermost first, where they are known."""

    category: str
    message: str
    frames: tuple[Frame, ...] = ()

    @property
    def is_of_dask_or_script(self) -> bool:
        """Whether it comes by way of Dask, or from a line of the script itself.

        What another library says to the script, such as pandas when it is imported, is nothing
        that is reported of Dask.
        """
        if not self.frames or self.frames[-1].is_script:
            return True
        return any(frame.package in _DASK for frame in self.frames)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One run, as it looked from outside, with the hints that came out.

    `exit_status` and `signal` are those of the script, one of them unless `limit` ended it.
    `memory_kills` counts processes that the kernel killed for our limit. `output` is what was
    printed, without the traceback of `exception`. `standing` says how everything stood when the
    time was over, and `main_stack` where what mattered stood: the script, or what held it up.
    `memory_slope` is how memory grew in the later half, in bytes a second.
    `deaths` are processes of clusters that went, `refused_forks` processes and threads beyond our
    limit.
    """

    exit_status: int | None
    signal: int | None = None
    limit: LimitHit | None = None
    memory_kills: int = 0
    seconds: float = 0.0
    exception: Captured | None = None
    warnings: tuple[WarningShown, ...] = ()
    output: str = ""
    standing: Reason = None
    main_stack: tuple[Frame, ...] = ()
    memory_slope: float | None = None
    deaths: tuple[Death, ...] = ()
    refused_forks: int = 0

    @property
    def has_failed(self) -> bool:
        """Whether it ended by itself, and not well."""
        return self.limit is None and self.exit_status != 0

    @property
    def is_out_of_memory(self) -> bool:
        """Whether it ran into our own limit on memory, and did not get over it."""
        has_ended_well = self.limit is None and self.exit_status == 0
        return self.limit == "memory" or (self.memory_kills > 0 and not has_ended_well)

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

    `symptom` is None where only words of the reporter's own choosing were found; `named_by` as in a
    judgement.
    """

    symptom: Symptom | None
    sentence: str
    kind: str | None = None
    named_by: str = ""


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
    return _raised(seen, seen.exception.last)


def _death(number: int) -> Shown:
    name = signal_name(number)
    return Shown(symptom=Symptom.CRASH, sentence=f"it was killed by {name}", kind=name)


def crash_in_the_cluster(seen: Observation) -> Shown | None:
    """That a signal ended a scheduler or worker, whatever the script made of it."""
    death = crash_among(seen.deaths, seen.output)
    if death is None:
        return None
    sentence = f"a {death.role} was killed by {death.kind}"
    return Shown(symptom=Symptom.CRASH, sentence=sentence, kind=death.kind)


def _raised(seen: Observation, last: Raised) -> Shown:
    if last.type == "KilledWorker" and last.is_distributed:
        kind = worker_death(seen.output, seen.deaths)
        sentence = f"{told(last)}{'' if kind is None else f' ({death_words(kind)})'}"
        return Shown(symptom=Symptom.KILLED_WORKER, sentence=sentence, kind=kind)
    if last.type in _LOST_TOUCH and (crash := crash_in_the_cluster(seen)) is not None:
        return crash
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
        return not frame.is_script and frame.file.endswith(_OF_PYTHON)
    is_helper = _ASSERTING.fullmatch(frame.library) is not None
    return is_helper and _ASSERTING_FUNCTIONS.fullmatch(frame.function) is not None


def is_memory_error(seen: Observation) -> bool:
    """Whether Python or NumPy could not get the memory that they asked for."""
    last = seen.exception.last if seen.exception and seen.has_failed else None
    return last is not None and last.type in ("MemoryError", "_ArrayMemoryError")


def own_limit(seen: Observation) -> str | None:
    """Which limit of ours it failed at, by an exception of its chain: that says nothing of Dask."""
    if seen.exception is None or not seen.has_failed:
        return None
    for raised in seen.exception.chain:
        for expression, name in _REFUSED:
            if raised.type in _REFUSALS and expression.search(raised.message):
                return name if seen.refused_forks or name != "processes and threads" else None
    return None


def missing_module(seen: Observation) -> str | None:
    """The package that the script imports, or what Dask asks for by name, which is not there.

    None for one of Dask's own: that a release lacks it says something about the release.
    """
    if seen.exception is None or not seen.has_failed:
        return None
    last = seen.exception.last
    if last.type == "ImportError" and (asked := _REQUIREMENTS.match(last.message)):
        absent = [link for link in seen.exception.chain if link.type == "ModuleNotFoundError"]
        return f"dask[{asked[1].lower()}]" if absent and last.is_of_dask else None
    match = _NO_MODULE.match(last.message)
    frame = innermost(last.frames)
    if last.type != "ModuleNotFoundError" or match is None or frame is None or not frame.is_script:
        return None
    return None if match[1].partition(".")[0] in _DASK else match[1]


def warning_of(seen: Observation) -> Shown | None:
    """The first warning of Dask's, or of the script's own, as it was raised or as a worker said."""
    for warning in seen.warnings:
        if warning.is_of_dask_or_script:
            return _warned(warning.category, warning.message)
    printed = _PRINTED.search(seen.output)
    return _warned(printed[1], printed[2]) if printed else None


def _warned(category: str, message: str) -> Shown:
    line = f"{category}: {' '.join(message.split())[:SHOWN_CHARACTERS]}"
    return Shown(symptom=Symptom.WARNING, sentence=f"it warned {line}", named_by=line)
