"""Watches a scheduler or worker from a thread: one JSON line a second into the output folder.

Dask preloads this file by its path, in every process of every cluster, the script's own included;
so it stands alone, never raises, and reads only what all releases since 2022.11 have. What it
reads may change under its eyes: a line that fails is left out.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any, Callable

PERIOD_SECONDS = 1.0
FILE_BYTES = 256 * 1024
WORKERS = 32
TASKS = 16
FRAMES = 12
CHARACTERS = 120


def dask_setup(server: Any) -> None:
    """Called by Dask in each process with its Scheduler or Worker."""
    folder = os.environ.get("REPRO_OBSERVER_FOLDER")
    if not folder or not os.path.isdir(folder):
        return
    role, look = (
        ("worker", worker_line) if hasattr(server, "nanny") else ("scheduler", scheduler_line)
    )
    path = os.path.join(folder, f"observer-{role}-{os.getpid()}-{id(server):x}")
    lag = LoopLag(server)
    threading.Thread(
        target=watch, args=(server, look, lag, path), name="reproducer-observer", daemon=True
    ).start()


def watch(server: Any, look: Callable[[Any], dict[str, Any]], lag: LoopLag, path: str) -> None:
    while True:
        started = time.monotonic()
        try:
            line = {"at": time.time(), "lag": lag.seconds(), "address": str(server.address)}
            line.update(look(server))
            append(path, json.dumps(line)[:8000])
        except Exception:  # noqa: S110 -- it has no one to tell, and the next second may be better
            pass
        time.sleep(max(0.1, PERIOD_SECONDS - (time.monotonic() - started)))


def append(path: str, line: str) -> None:
    """Add a line; of a long run the last ones are kept, between one file's size and two."""
    with open(path + ".jsonl", "a") as file:
        file.write(line + "\n")
        is_full = file.tell() > FILE_BYTES
    if is_full:
        os.replace(path + ".jsonl", path + "-before.jsonl")


class LoopLag:
    """How long the server's event loop takes to answer."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._asked_at = 0.0
        self._answered = 0.0
        self._is_waiting = False

    def seconds(self) -> float:
        """The lag of the last answer, or how long one is overdue."""
        now = time.monotonic()
        if self._is_waiting:
            return round(now - self._asked_at, 3)
        self._asked_at, self._is_waiting = now, True
        self._server.loop.add_callback(self._answer)
        return round(self._answered, 3)

    def _answer(self) -> None:
        self._answered, self._is_waiting = time.monotonic() - self._asked_at, False


def scheduler_line(scheduler: Any) -> dict[str, Any]:
    states: dict[str, int] = {}
    for group in list(scheduler.task_groups.values()):
        for state, number in dict(group.states).items():
            states[state] = states.get(state, 0) + number
    workers = list(scheduler.workers.values())
    return {
        "role": "scheduler",
        "transitions": scheduler.transition_counter,
        "states": {state: number for state, number in states.items() if number},
        "unrunnable": len(scheduler.unrunnable),
        "queued": len(getattr(scheduler, "queued", ())),
        "clients": len(scheduler.clients),
        "workers": len(workers),
        "by_worker": [seen_worker(worker) for worker in workers[:WORKERS]],
    }


def seen_worker(worker: Any) -> dict[str, Any]:
    memory = worker.memory
    return {
        "address": str(worker.address),
        "status": getattr(worker.status, "name", str(worker.status)),
        "silent": round(time.time() - worker.last_seen, 1),
        "processing": len(worker.processing),
        "memory": memory.process,
        "managed": memory.managed,
        "spilled": getattr(memory, "spilled", None) or getattr(memory, "managed_spilled", 0),
    }


def worker_line(worker: Any) -> dict[str, Any]:
    state = worker.state
    states: dict[str, int] = {}
    for task in list(state.tasks.values()):
        states[task.state] = states.get(task.state, 0) + 1
    return {
        "role": "worker",
        "transitions": state.transition_counter,
        "states": states,
        "executing": executing(worker),
        "cpu": round(time.process_time(), 2),
        "status": getattr(worker.status, "name", str(worker.status)),
    }


def executing(worker: Any) -> Any:
    """What each busy thread works on, and where it stands."""
    frames = sys._current_frames()  # noqa: SLF001 -- the documented way to them
    busy = list(dict(worker.active_threads).items())[:TASKS]
    return [
        {"key": str(key)[:CHARACTERS], "stack": stack_top(frames.get(thread))}
        for thread, key in busy
    ]


def stack_top(frame: Any) -> Any:
    """The innermost frames, innermost first, as `file:line function`."""
    found: list[str] = []
    while frame is not None and len(found) < FRAMES:
        code = frame.f_code
        found.append(f"{code.co_filename[-CHARACTERS:]}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return found
