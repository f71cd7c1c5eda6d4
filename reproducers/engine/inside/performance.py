"""Dask's own performance report on the private cluster: a page that is kept, and never shown.

Only of runs that took a while and ended by themselves. It is made when the script has ended, by the
process of the cluster, which has got the numbers; the script's process waits for it. That takes
some memory, and a second in which the scheduler's loop does not answer: so it is left out where
memory is short, and never made while it is still to be seen whether something hangs.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Any

NAME = "performance-report.html"
FAILED = "performance-report.txt"
LEAST_SECONDS = 10.0
LAST_SECONDS = 8.0
PATIENCE_SECONDS = 6.0
SHARE = 0.2
"""At most so much longer may a run take for it."""

POLL_SECONDS = 0.25
TASKS = 10_000
BYTES = 2 * 1024**2 - 4096


def ask(settings: Any) -> None:
    """In the script's process, once it has ended: have the report made where it is worth it."""
    if not settings.performance or not is_file_with_text(settings.private):
        return
    began_at, stop_at = times(settings)
    now = time.monotonic()
    if began_at + LEAST_SECONDS <= now <= stop_at - LAST_SECONDS:
        with contextlib.suppress(OSError):
            write(wanted(settings), "")
            wait_for(made(settings), min(PATIENCE_SECONDS, (now - began_at) * SHARE))


def serve(cluster: Any, settings: Any) -> None:
    """In the cluster's process, to its end: make the report when it is asked for."""
    import importlib.util  # noqa: PLC0415 -- like the others below, nothing for the script's process

    if not settings.performance or importlib.util.find_spec("bokeh") is None:
        return
    began_at = time.time()
    try:
        keep_tasks(cluster)
        while not os.path.exists(wanted(settings)):
            time.sleep(POLL_SECONDS)
        keep(cluster, settings, began_at)
    except BaseException as error:  # the run goes on without it
        write(f"{settings.output}/{FAILED}", f"{type(error).__name__}: {error}"[:300])
    write(made(settings), "")


def keep_tasks(cluster: Any) -> None:
    """Let the scheduler remember when and where each task ran."""
    from distributed.diagnostics.task_stream import TaskStreamPlugin  # noqa: PLC0415

    scheduler = cluster.scheduler
    plugin = TaskStreamPlugin(scheduler, maxlen=TASKS)
    cluster.loop.add_callback(scheduler.add_plugin, plugin)


def keep(cluster: Any, settings: Any, began_at: float) -> None:
    import asyncio  # noqa: PLC0415
    import importlib  # noqa: PLC0415

    if not has_room(settings):
        raise MemoryError("there was too little memory left to make it in")
    importlib.import_module("distributed.dashboard.components.scheduler")  # slow: not in the loop
    making = cluster.scheduler.performance_report(start=began_at, last_count=0)
    loop = cluster.loop.asyncio_loop
    page = asyncio.run_coroutine_threadsafe(making, loop).result(PATIENCE_SECONDS)
    if len(page.encode()) > BYTES:
        raise ValueError("it is larger than 2 MiB")
    write(f"{settings.output}/{NAME}", page)


def times(settings: Any) -> tuple[float, float]:
    """When the script began and when it will be stopped, monotonic; far ahead before it began."""
    try:
        with open(f"{settings.output}/started.json") as file:
            facts = json.load(file)
        return float(facts["monotonic"]), float(facts["stop_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return float("inf"), float("inf")


def has_room(settings: Any) -> bool:
    """Whether all processes together hold less than half of what the workers may."""
    held = sum(resident(f"/proc/{name}/statm") for name in os.listdir("/proc") if name.isdigit())
    room: int = settings.worker_memory_bytes * settings.workers
    return held * 2 < room


def resident(path: str) -> int:
    try:
        with open(path) as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def wanted(settings: Any) -> str:
    return f"{settings.private}.report-wanted"


def made(settings: Any) -> str:
    return f"{settings.private}.report-made"


def is_file_with_text(path: str) -> bool:
    try:
        return os.path.getsize(path) > 0
    except OSError:
        return False


def wait_for(path: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not os.path.exists(path):
        time.sleep(POLL_SECONDS / 5)


def write(path: str, text: str) -> None:
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.part", path)
