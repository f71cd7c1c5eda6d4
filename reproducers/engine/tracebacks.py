"""Exceptions and stacks as the script's process wrote them down: hints, read without trust."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reproducers.engine.report import MESSAGE_CHARACTERS, TRACEBACK_CHARACTERS
from reproducers.engine.untrusted import count, items, parse, table, text

EXCEPTION_BYTES: Final = 1024**2
STACK_CHARACTERS: Final = 256 * 1024
EXCEPTIONS: Final = 12
FRAMES: Final = 100
THREADS: Final = 200

_PACKAGES: Final = re.compile(r".*/(?:site|dist)-packages/(.+)")
_THREAD: Final = re.compile(r"(Current t|T)hread 0x[0-9a-f]+.*\(most recent call first\):")
_STACK_FRAME: Final = re.compile(r'  File "(.{1,300})", line (\d{1,7}) in (.{1,300})')


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One call. `is_script`: of the script's own file."""

    file: str
    line: int
    function: str
    is_script: bool = False

    @property
    def library(self) -> str | None:
        """The path below the installed packages, such as `dask/array/core.py`; None elsewhere."""
        match = _PACKAGES.fullmatch(self.file)
        return match[1] if match else None

    @property
    def package(self) -> str | None:
        """The import name of the package it belongs to, such as `dask`."""
        return self.library and self.library.partition("/")[0].removesuffix(".py")


@dataclass(frozen=True, kw_only=True)
class Raised:
    """One exception of a chain; frames outermost first."""

    type: str
    module: str
    message: str
    frames: tuple[Frame, ...] = ()

    @property
    def is_distributed(self) -> bool:
        return self.module.partition(".")[0] == "distributed"

    @property
    def is_of_dask(self) -> bool:
        """Whether it was raised in a frame of Dask's."""
        frame = innermost(self.frames)
        return frame is not None and frame.package in ("dask", "distributed", "dask_expr")

    def spellings(self) -> tuple[str, ...]:
        """`Type: message`, as the class is called and as a traceback prints it."""
        return (f"{self.type}: {self.message}", f"{self.module}.{self.type}: {self.message}")


@dataclass(frozen=True, kw_only=True)
class Captured:
    """The exception that ended a script, with those it came from: `chain[0]` is the last raised."""

    chain: tuple[Raised, ...]
    traceback: str

    @property
    def last(self) -> Raised:
        return self.chain[0]


def read_exception(content: bytes, *, script: str) -> Captured | None:
    """What `inside/capture.py` wrote, None where it is nothing of the kind.

    `script` is the path of the script as seen inside.
    """
    try:
        facts = table(parse(content, limit=EXCEPTION_BYTES))
    except ValueError:
        return None
    chain = tuple(_raised(link, script) for link in items(facts.get("chain"), limit=EXCEPTIONS))
    if not chain or not all(link.type for link in chain):
        return None
    return Captured(chain=chain, traceback=text(facts.get("traceback"), limit=TRACEBACK_CHARACTERS))


def _raised(value: object, script: str) -> Raised:
    facts = table(value)
    return Raised(
        type=text(facts.get("type"), limit=200),
        module=text(facts.get("module"), limit=200),
        message=text(facts.get("message"), limit=2 * MESSAGE_CHARACTERS),
        frames=read_frames(facts.get("frames"), script=script),
    )


def read_frames(value: object, *, script: str) -> tuple[Frame, ...]:
    """A list of frames, in its order; at most FRAMES."""
    return tuple(_frame(frame, script) for frame in items(value, limit=FRAMES))


def _frame(value: object, script: str) -> Frame:
    facts = table(value)
    file = text(facts.get("file"), limit=300)
    return Frame(
        file=file,
        line=count(facts.get("line")),
        function=text(facts.get("function"), limit=300),
        is_script=file == script,
    )


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Where a thread stood, outermost first. `is_current`: it was at work when the process died."""

    frames: tuple[Frame, ...]
    is_current: bool = False


def read_stacks(dump: str, *, script: str) -> tuple[Stack, ...]:
    """The threads in what faulthandler wrote, in its order; text around them is passed over."""
    threads: list[tuple[bool, list[Frame]]] = []
    for line in dump[-STACK_CHARACTERS:].splitlines():
        if thread := _THREAD.fullmatch(line):
            threads.append((thread[1] == "Current t", []))
        elif threads and (match := _STACK_FRAME.fullmatch(line)):
            threads[-1][1].append(_stack_frame(match, script))
    return tuple(
        Stack(frames=tuple(reversed(frames[:FRAMES])), is_current=is_current)
        for is_current, frames in threads[-THREADS:]
        if frames
    )


def main_frames(stacks: Sequence[Stack]) -> tuple[Frame, ...]:
    """The thread that was at work at a death, else the main one, which stands last."""
    current = [stack for stack in stacks if stack.is_current]
    chosen = current[-1:] or stacks[-1:]
    return chosen[0].frames if chosen else ()


def _stack_frame(match: re.Match[str], script: str) -> Frame:
    return Frame(file=match[1], line=int(match[2]), function=match[3], is_script=match[1] == script)


def innermost(frames: Sequence[Frame]) -> Frame | None:
    """The last of `frames`, None without any."""
    return frames[-1] if frames else None
