"""Whose problem it looks like, from frames alone: a repository of Dask's, or the script itself."""

from collections.abc import Sequence
from typing import Final

from reproducers.engine.frames import is_plumbing, place
from reproducers.engine.symptoms import Observation
from reproducers.engine.tracebacks import Frame
from reproducers.engine.verdicts import Symptom

UNKNOWN: Final = "unknown"
SCRIPT: Final = "script"

# dask-expr's own repository is closed: it became part of dask.
_REPOSITORIES: Final = {
    "dask": "dask/dask",
    "dask_expr": "dask/dask",
    "distributed": "dask/distributed",
}
_TOLD_BY_FRAMES: Final = frozenset(
    {Symptom.EXCEPTION, Symptom.KILLED_WORKER, Symptom.CRASH, Symptom.HANG}
)


def owner(seen: Observation, symptom: Symptom | None) -> str:
    """`dask/dask`, `dask/distributed`, `script`, or `unknown` where frames cannot tell.

    For a wrong result, slowness and memory nothing but swapping dependencies can tell.
    """
    if symptom not in _TOLD_BY_FRAMES:
        return UNKNOWN
    if seen.exception is not None and seen.has_failed and seen.signal is None:
        return owner_of(seen.exception.last.frames)
    return _innermost_of(seen.main_stack)


def owner_of(frames: Sequence[Frame]) -> str:
    """The repository of the innermost frame of Dask's, else the script; frames outermost first.

    One exception: a task that fails on a worker comes back through the client's plumbing, which
    says nothing about the task. Where `compute` asked for it, that was a collection of dask's. (A
    client that waits, or a death, is where it is.)
    """
    of_dask = [frame for frame in frames if frame.package in _REPOSITORIES]
    if of_dask and of_dask[-1] is not frames[-1] and _is_fetched_for_a_collection(of_dask):
        return _REPOSITORIES["dask"]
    return _innermost_of(frames)


def _innermost_of(frames: Sequence[Frame]) -> str:
    if not frames:
        return UNKNOWN
    of_dask = [frame for frame in frames if frame.package in _REPOSITORIES]
    return _REPOSITORIES[str(of_dask[-1].package)] if of_dask else SCRIPT


def _is_fetched_for_a_collection(of_dask: Sequence[Frame]) -> bool:
    """Whether the innermost of Dask's frames only fetch what a frame of dask itself asked for."""
    remaining = list(of_dask)
    while remaining and remaining[-1].package == "distributed" and _is_plumbing(remaining[-1]):
        remaining.pop()
    return bool(remaining) and len(remaining) < len(of_dask) and remaining[-1].package == "dask"


def _is_plumbing(frame: Frame) -> bool:
    return is_plumbing(place(frame) or "")
