"""What one thread's stack and sleep say: is it stuck, does it wait by its own will, or move?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reproducers.engine.hangs.scene import Thread
from reproducers.engine.tracebacks import Frame

# Samples lie a second apart and end before the run does, so a little less than the window counts.
LENIENCE: Final = 0.8

_DASK: Final = frozenset({"dask", "distributed", "dask_expr"})
_STANDARD: Final = re.compile(
    r".*/lib/python3\.\d+/(?!site-packages|dist-packages).*|<frozen .*|<string>"
)
_POLLING: Final = frozenset({"distributed/utils.py", "tornado/ioloop.py"})
_OURS: Final = re.compile(r".*/reproducers/engine/inside/\w+\.py")

# The innermost function of Dask's that only calls the task, across the releases.
_CALLS_TASK: Final = frozenset(
    {
        "_run_task",
        "_run_task_simple",
        "_run_task_async",
        "apply_function",
        "apply_function_simple",
        "run",
    }
    | {
        "apply_function_async",
        "_run_actor",
        "apply_function_actor",
        "execute_task",
        "_execute_task",
    }
    | {"__call__", "execute", "_call", "batch_execute_tasks"}
)
_LOCAL: Final = frozenset({"execute_task", "batch_execute_tasks"})
_ASKED: Final = frozenset({"distributed/client.py", "dask/base.py"})
_FETCHES: Final = frozenset(
    {"gather", "_gather", "result", "_result", "exception", "_exception", "compute", "persist"}
    | {"get", "wait", "_wait", "__next__", "__anext__", "traceback"}
)


@dataclass(frozen=True, kw_only=True)
class Window:
    """For how many seconds nothing may have happened where something hangs."""

    seconds: float

    def is_over(self, seconds: float) -> bool:
        return seconds >= LENIENCE * self.seconds


def is_stuck(thread: Thread, window: Window) -> bool:
    """Whether nothing but another thread, or Dask, could ever wake it up, and none did."""
    if thread.is_limited:
        return False
    sleeps_for_ever = thread.wait == "untimed" and window.is_over(thread.asleep)
    return sleeps_for_ever or (is_in_dask(thread.frames) and window.is_over(thread.still))


def stands(thread: Thread, window: Window) -> bool:
    """Whether it did not move, be it by its own will."""
    return is_stuck(thread, window) or window.is_over(thread.asleep)


def is_asleep(thread: Thread, window: Window) -> bool:
    """Whether it waits for time to pass, as it was told."""
    is_timed = thread.wait == "timed" or thread.is_limited
    return is_timed and stands(thread, window) and not is_stuck(thread, window)


def is_in_dask(frames: Sequence[Frame]) -> bool:
    """Whether the innermost frame that is not the standard library's is Dask's.

    Who only calls a task does not wait: a task may be C code, which has no frame.
    """
    own = [frame for frame in frames if not is_standard(frame)]
    return bool(own) and own[-1].package in _DASK and own[-1].function not in _CALLS_TASK


def is_standard(frame: Frame) -> bool:
    return frame.library is None and _STANDARD.fullmatch(frame.file) is not None


def runs_locally(thread: Thread) -> bool:
    """Whether it works on a task of Dask's threaded scheduler."""
    return any(
        frame.library == "dask/local.py" and frame.function in _LOCAL for frame in thread.frames
    )


def fetches(frames: Sequence[Frame]) -> bool:
    """Whether the script asked Dask for results, and not for something else of the cluster's."""
    asked = next((frame for frame in frames if frame.package in _DASK), None)
    return asked is not None and asked.library in _ASKED and asked.function in _FETCHES


def of_the_task(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """The frames of the task itself, without those that only call it; all where it has none."""
    for position in range(len(frames) - 1, -1, -1):
        frame = frames[position]
        if frame.package in _DASK and frame.function in _CALLS_TASK:
            return tuple(frames[position + 1 :]) or tuple(frames)
    return tuple(frames)


def of_the_callback(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """The frames of what an event loop runs, without the loop; all where it runs nothing."""
    for position in range(len(frames) - 1, -1, -1):
        frame = frames[position]
        if frame.function == "_run" and frame.file.endswith("/asyncio/events.py"):
            return tuple(frames[position + 1 :]) or tuple(frames)
    return tuple(frames)


def without_ours(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """The frames without those that started the script."""
    return tuple(frame for frame in frames if not _OURS.fullmatch(frame.file))


def where(frames: Sequence[Frame]) -> str:
    """The innermost place that tells something: `patient (script.py line 9)`."""
    own = [frame for frame in without_ours(frames) if not is_standard(frame)]
    if not own:
        return "the standard library"
    telling = [frame for frame in own if frame.library not in _POLLING] or own
    name = telling[-1].library or telling[-1].file.rpartition("/")[2]
    return f"{telling[-1].function} ({name} line {telling[-1].line})"
