"""What is known of frames across the releases: which are plumbing, and which moved house."""

import re
from collections.abc import Iterable
from typing import Final

from reproducers.engine.tracebacks import Frame

LIBRARIES: Final = frozenset(
    {"dask", "distributed", "dask_expr", "dask_cuda", "cudf", "pandas", "numpy", "pyarrow"}
)
"""Whose frames tell one problem from another; those of other packages come and go."""

# What moved without changing its work, old place -> the one that counts.
_MOVED: Final = (
    (
        re.compile(r"^dask/base\.py:(_?tokenize|_?normalize_\w+|unpack_\w*tokens?)$"),
        r"dask/tokenize.py:\1",
    ),
    (re.compile(r"^dask_expr/"), "dask/dataframe/dask_expr/"),
    (re.compile(r"^numpy/core/"), "numpy/_core/"),
    (re.compile(r"^dask/array/_array_expr/_"), "dask/array/_array_expr/"),
)

# How a result is asked for, how a task is called, how an exception comes back. Such frames stand in
# nearly every traceback, and other ones in every release.
_PLUMBING: Final = re.compile(
    r"dask/base\.py:(compute|persist|get_scheduler|optimize)"
    r"|dask/(local|threaded|multiprocessing|_task_spec|optimization|callbacks|context)\.py:.*"
    r"|dask/core\.py:(_execute_task|get|execute_task|<\w+>)"
    r"|dask/utils\.py:(apply|__call__|_?wrapper|f|wrapped)"
    r"|dask/_?compatibility\.py:.*"
    r"|dask/.*:(_?wrapper|wrapped|inner)"
    r"|dask/tokenize\.py:(_?tokenize|_normalize_seq_func|_inner_normalize_token"
    r"|_maybe_raise_nondeterministic)"
    r"|dask/dataframe/dask_expr/_expr\.py:(_execute_task|_execute_internal_graph)"
    r"|dask/dataframe/dask_expr/_collection\.py:(compute|persist|optimize|_?wrapper|inner)"
    r"|distributed/client\.py:(sync|get|gather|_gather|_gather_\w+|result|_result|compute|persist"
    r"|_?wait|__exit__|__enter__)"
    r"|distributed/utils_comm\.py:retry\w*"
    r"|distributed/core\.py:send_recv\w*"
    r"|distributed/utils\.py:(sync|_?sync|f|wrapper|run_sync|raise_exception)"
    r"|distributed/(worker|threadpoolexecutor|_concurrent_futures_thread|compatibility)\.py:.*"
    r"|pandas/util/_decorators\.py:.*"
    r"|numpy/_core/overrides\.py:.*"
)


def place(frame: Frame) -> str | None:
    """`dask/array/core.py:concatenate`, the same in every release; None outside of `LIBRARIES`."""
    if frame.library is None or frame.package not in LIBRARIES:
        return None
    found = f"{frame.library}:{frame.function}"
    for moved, now in _MOVED:
        found = moved.sub(now, found)
    return found


def is_plumbing(place_of_frame: str) -> bool:
    return _PLUMBING.fullmatch(place_of_frame) is not None


def telling_places(frames: Iterable[Frame], *, limit: int) -> tuple[str, ...]:
    """The `limit` innermost places that are no plumbing, innermost first; repeats count once."""
    places = [place(frame) for frame in reversed(tuple(frames))]
    telling = (found for found in places if found is not None and not is_plumbing(found))
    return tuple(dict.fromkeys(telling))[:limit]
