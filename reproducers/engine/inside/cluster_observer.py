"""Watches a process and Dask's servers in it from a thread: into the output folder, once a second.

Dask preloads this file by its path, in every process of every cluster, the script's own included;
so it stands alone, never raises, and reads only what all releases since 2022.11 have. What it
reads may change under its eyes: what fails is left out.

    observer-ROLE-PID-ID.jsonl   counters of one server, a line a second; older ones thinned out
    process-PID.json             where the threads of a process stand now, and since when
    state-ROLE-PID-ID.json       the tasks of a server in which nothing moves
    deaths-PID.jsonl             how the workers of nannies in this process ended
    stacks-PID.txt               all threads just before the end, also if the interpreter is stuck
"""

from __future__ import annotations

import _thread
import faulthandler
import itertools
import json
import os
import sys
import threading
import time
import weakref
from typing import Any, Callable, Iterable, Iterator

PERIOD_SECONDS = 1.0
FILE_BYTES = 256 * 1024
LINE_CHARACTERS = 12_000
WORKERS = 32
TASKS = 16
STATE_SECONDS = 4
QUIET_SECONDS = 2.0
STATE_TASKS = 300
STATE_LOG = 200
GROUPS = 5000
FUTURES = 10_000
THREADS = 40
FRAMES = 30
STACK_FRAMES = 100
CHARACTERS = 120
FILE_CHARACTERS = 200
BUSY_SHARE = 0.04
BUSY_THREAD = 0.025  # who waits for the interpreter's lock looks for it 200 times a second
END_SECONDS = 2.0
CLOCK_TICK = 1 / os.sysconf("SC_CLK_TCK")
# The system call in which a thread waits for another one; its fourth argument is a time limit.
FUTEX = {"x86_64": 202, "aarch64": 98}.get(os.uname().machine)
SLEEPING = {"x86_64": {23, 35, 230, 270}, "aarch64": {72, 101, 115}}.get(os.uname().machine, set())


def dask_setup(server: Any) -> None:
    """Called by Dask with each Scheduler, Worker or Nanny, in the thread of its event loop."""
    folder = os.environ.get("REPRO_OBSERVER_FOLDER")
    if not folder or not os.path.isdir(folder):
        return
    if hasattr(server, "_on_worker_exit_sync"):
        attempt(keep_deaths, server, folder)
    else:
        watch(folder).add(server)


def keep_deaths(nanny: Any, folder: str) -> None:
    """Have the nanny write down how its worker's process ended before it acts on it."""
    act = nanny._on_worker_exit_sync  # noqa: SLF001 -- the same in all releases
    path = f"{folder}/deaths-{os.getpid()}.jsonl"

    def write_and_act(exitcode: Any) -> Any:
        attempt(write_death, nanny, exitcode, path)
        return act(exitcode)

    nanny._on_worker_exit_sync = write_and_act  # noqa: SLF001


def write_death(nanny: Any, exitcode: Any, path: str) -> None:
    facts = {
        "role": "worker",
        "pid": getattr(getattr(nanny.process, "process", None), "pid", 0),
        "exitcode": exitcode,
        "expected": status_of(nanny) != "running",
        "at": time.time(),
        "address": str(nanny.worker_address),
    }
    with open(path, "a") as file:
        file.write(f"{json.dumps(facts)}\n")


def watch(folder: str, script: str = "") -> Any:
    """The one watcher of this process, started where it is not. `script`: its process runs it."""
    watcher = getattr(sys, "reproducer_watcher", None)
    if watcher is None or watcher.process != os.getpid():  # a fork has a copy, and no thread
        watcher = sys.reproducer_watcher = Watcher(folder, script)  # type: ignore[attr-defined]
        _thread.start_new_thread(watcher.run, ())  # shows in no list of threads
    return watcher


class Watcher:
    def __init__(self, folder: str, script: str) -> None:
        self.process = os.getpid()
        self._folder = folder
        self._script = script
        self._servers: list[WatchedServer] = []
        self._threads: dict[int, StandingThread] = {}
        self._lives = Lives(folder)
        self._lags: dict[int, LoopLag] = {}
        self._cpu = 0.0
        self._is_armed = bool(script)

    def add(self, server: Any) -> None:
        watched = WatchedServer(server, self._folder)
        attempt(watched.look, 0)  # it may not come to the first second
        self._servers.append(watched)

    def run(self) -> None:
        looked = time.monotonic()
        for turn in itertools.count(1):
            time.sleep(max(0.1, looked + PERIOD_SECONDS - time.monotonic()))
            looked, before = time.monotonic(), looked
            for server in list(self._servers):
                if not attempt(server.look, turn):
                    continue
                if server.is_gone():
                    self._servers.remove(server)
            attempt(self._keep_process, looked - before)
            attempt(self._arm)

    def _keep_process(self, seconds: float) -> None:
        before, self._cpu = self._cpu, time.process_time()
        facts = {
            "schema": 1,
            "at": time.time(),
            "pid": self.process,
            "is_script": bool(self._script),
            "cpu": round((self._cpu - before) / seconds, 2),
            "threads": self._standing(seconds),
        }
        if self._script:
            facts["clients"] = list(self._clients())
            facts["processes"] = list(self._lives.look(seconds))
        replace(f"{self._folder}/process-{self.process}.json", json.dumps(facts))

    def _standing(self, seconds: float) -> list[dict[str, Any]]:
        """The main thread, event loops and tasks come first."""
        roles = self._roles()
        frames = sys._current_frames()  # noqa: SLF001 -- the documented way to them
        frames.pop(_thread.get_ident(), None)
        known, self._threads = self._threads, {}
        found = []
        for ident, frame in frames.items():
            thread = self._threads[ident] = known.get(ident) or StandingThread(ident)
            found.append({**thread.look(frame, seconds, self._script), **roles.get(ident, {})})
        found.sort(
            key=lambda facts: not (facts["is_main"] or "loop_of" in facts or "task" in facts)
        )
        return found[:THREADS]

    def _roles(self) -> dict[int, dict[str, str]]:
        roles: dict[int, dict[str, str]] = {}
        for server in self._servers:
            roles.update(server.roles())
        return roles

    def _clients(self) -> Iterator[dict[str, Any]]:
        module = sys.modules.get("distributed.client")
        for client in list(module.Client._instances) if module else []:  # noqa: SLF001
            lag = self._lags.setdefault(id(client), LoopLag(client.loop))
            states: dict[str, int] = {}
            for future in list(client.futures.values())[:FUTURES]:
                states[future.status] = states.get(future.status, 0) + 1
            yield {"status": str(client.status), "lag": lag.seconds(), "futures": states}

    def _arm(self) -> None:
        """Let C code write the stacks just before the end: that needs no interpreter lock."""
        if self._is_armed:
            return
        with open(f"{self._folder}/started.json") as file:
            at = json.load(file)["stop_at"] - END_SECONDS
        self._is_armed = True
        keep_stacks(f"{self._folder}/stacks-{self.process}.txt", at, END_SECONDS / 2)


def keep_stacks(path: str, at: float, grace: float) -> None:
    """Write the stacks of all threads to `path` at that monotonic second.

    A thread writes them, with the interpreter's lock: C code without it has crashed processes
    whose frames changed as it walked them. Only where the lock cannot be had for `grace` seconds,
    so that nothing changes, C code writes them.
    """
    left = at - time.monotonic()
    if left > 0:
        stacks = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        faulthandler.dump_traceback_later(left + grace, file=stacks)
        _thread.start_new_thread(write_stacks, (left, stacks))


def write_stacks(seconds: float, descriptor: int) -> None:
    time.sleep(seconds)
    faulthandler.cancel_dump_traceback_later()
    os.write(descriptor, "\n".join(stacks_of_all()).encode("utf-8", "replace"))


def stacks_of_all() -> Iterator[str]:
    """All threads but our own as faulthandler writes them: the main one last."""
    frames = sys._current_frames()  # noqa: SLF001 -- the documented way to them
    main = threading.main_thread().ident
    for ident, innermost in sorted(frames.items(), key=lambda thread: thread[0] == main):
        walked = list(walk(innermost))
        if any(code.co_filename == __file__ for code, _ in walked):
            continue
        yield f"Thread 0x{ident:016x} (most recent call first):"
        for code, line in walked[:STACK_FRAMES]:
            yield f'  File "{code.co_filename}", line {line} in {code.co_name}'


def walk(frame: Any) -> Iterator[tuple[Any, int]]:
    """Code and line of each call, innermost first."""
    while frame is not None:
        yield frame.f_code, frame.f_lineno
        frame = frame.f_back


def attempt(action: Callable[..., Any], *arguments: Any) -> bool:
    """Whether it worked. There is no one to tell, and the next second may be better."""
    try:
        action(*arguments)
    except Exception:
        return False
    return True


def replace(path: str, content: str) -> None:
    with open(f"{path}.part", "w", errors="replace") as file:
        file.write(content)
    os.replace(f"{path}.part", path)


def append(path: str, line: str) -> None:
    """Add a line; of a long run every second older line is kept, and again of those."""
    with open(f"{path}.jsonl", "a") as file:
        file.write(f"{line}\n")
        is_full = file.tell() > FILE_BYTES
    if is_full:
        lines: list[str] = []
        for name in (f"{path}-before.jsonl", f"{path}.jsonl"):
            if os.path.exists(name):
                with open(name) as file:
                    lines += file.readlines()
        while sum(map(len, lines)) > 2 * FILE_BYTES:
            lines = lines[::2]
        replace(f"{path}-before.jsonl", "".join(lines))
        os.remove(f"{path}.jsonl")


class LoopLag:
    """How long an event loop takes to answer."""

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self._asked_at = 0.0
        self._answered = 0.0
        self._is_waiting = False

    def seconds(self) -> float:
        """The lag of the last answer, or how long one is overdue."""
        now = time.monotonic()
        if self._is_waiting:
            return round(now - self._asked_at, 3)
        self._asked_at, self._is_waiting = now, True
        self._loop.add_callback(self._answer)
        return round(self._answered, 3)

    def _answer(self) -> None:
        self._answered, self._is_waiting = time.monotonic() - self._asked_at, False


class WatchedServer:
    """A Scheduler or Worker, for as long as it lives."""

    def __init__(self, server: Any, folder: str) -> None:
        self._server = weakref.ref(server)
        self._role = "worker" if hasattr(server, "nanny") else "scheduler"
        self._name = f"{self._role}-{os.getpid()}-{id(server):x}"
        self._folder = folder
        self._loop = _thread.get_ident()
        self._lag = LoopLag(server.loop)
        self._since: dict[str, float] = {}
        self._counters: Any = None
        self._moved_at = time.monotonic()
        self._cpu = time.process_time()

    def is_gone(self) -> bool:
        server = self._server()
        return server is None or status_of(server) == "closed"

    def look(self, turn: int) -> None:
        server = self._server()
        if server is None:
            return
        line = {"at": time.time(), "lag": self._lag.seconds(), "address": str(server.address)}
        line.update(role=self._role, pid=os.getpid(), status=status_of(server))
        if self._role == "worker":
            line.update(worker_line(server), executing=self._executing(server), cpu=self._share())
        else:
            line.update(scheduler_line(server))
        append(f"{self._folder}/observer-{self._name}", json.dumps(line)[:LINE_CHARACTERS])
        counters = (line["transitions"], line["states"])
        if counters != self._counters:
            self._counters, self._moved_at = counters, time.monotonic()
        if time.monotonic() - self._moved_at > QUIET_SECONDS and turn % STATE_SECONDS == 0:
            tell = worker_state if self._role == "worker" else scheduler_state
            known = {"schema": 1, "role": self._role, "at": line["at"], "address": line["address"]}
            replace(
                f"{self._folder}/state-{self._name}.json", json.dumps({**known, **tell(server)})
            )

    def roles(self) -> dict[int, dict[str, str]]:
        """Which threads are the server's loop, and which work on a task of its."""
        server = self._server()
        if server is None:
            return {}
        found = {self._loop: {"loop_of": str(server.address)}}
        for ident, key in list(getattr(server, "active_threads", {}).items()):
            found[ident] = {"task": str(key)[:CHARACTERS], "worker": str(server.address)}
        return found

    def _executing(self, worker: Any) -> list[dict[str, Any]]:
        """The tasks at work, in threads or as coroutines, and for how many seconds."""
        now = time.monotonic()
        tasks = list(worker.state.executing) + list(worker.state.long_running)
        keys = [str(getattr(task, "key", task))[:CHARACTERS] for task in tasks]
        self._since = {key: self._since.get(key, now) for key in keys}
        return [{"key": key, "seconds": round(now - self._since[key], 1)} for key in keys[:TASKS]]

    def _share(self) -> float:
        before, self._cpu = self._cpu, time.process_time()
        return round((self._cpu - before) / PERIOD_SECONDS, 2)


def status_of(server: Any) -> str:
    return str(getattr(server.status, "name", server.status))


def scheduler_line(scheduler: Any) -> dict[str, Any]:
    states: dict[str, int] = {}
    bytes_made = 0
    for group in list(scheduler.task_groups.values())[:GROUPS]:
        bytes_made += group.nbytes_total
        for state, number in dict(group.states).items():
            states[state] = states.get(state, 0) + number
    workers = list(scheduler.workers.values())
    return {
        "transitions": scheduler.transition_counter,
        "computed": sum(
            prefix.state_counts["memory"] for prefix in list(scheduler.task_prefixes.values())
        ),
        "bytes": bytes_made,
        "states": {state: number for state, number in states.items() if number},
        "unrunnable": len(scheduler.unrunnable),
        "queued": len(getattr(scheduler, "queued", ())),
        "clients": len(scheduler.clients),
        "workers": len(workers),
        "task_seconds": median_seconds(scheduler),
        "by_worker": [seen_worker(worker) for worker in workers[:WORKERS]],
    }


def median_seconds(scheduler: Any) -> float:
    """About the median duration of a task, by the mean of each kind of task; 0 without any."""
    known = sorted(
        (prefix.duration_average, sum(dict(prefix.state_counts).values()))
        for prefix in list(scheduler.task_prefixes.values())[:GROUPS]
        if prefix.duration_average > 0
    )
    half = sum(number for _, number in known) / 2
    for seconds, number in known:
        half -= number
        if half <= 0:
            return float(round(seconds, 3))
    return 0.0


def seen_worker(worker: Any) -> dict[str, Any]:
    memory = worker.memory
    return {
        "address": str(worker.address),
        "status": status_of(worker),
        "silent": round(time.time() - worker.last_seen, 1),
        "processing": len(worker.processing),
        "memory": memory.process,
        "managed": memory.managed,
        # The old name warns on releases that have the new one.
        "spilled": memory.spilled if hasattr(memory, "spilled") else memory.managed_spilled,
    }


def worker_line(worker: Any) -> dict[str, Any]:
    state = worker.state
    states: dict[str, int] = {}
    for task in list(state.tasks.values()):
        states[task.state] = states.get(task.state, 0) + 1
    moved = getattr(state, "transfer_incoming_bytes", 0)
    moved += getattr(worker, "transfer_outgoing_bytes_total", 0)
    return {"transitions": state.transition_counter, "states": states, "bytes": moved}


def scheduler_state(scheduler: Any) -> dict[str, Any]:
    done = {"memory", "released", "forgotten", "erred"}
    tasks = [task for task in list(scheduler.tasks.values()) if task.state not in done]
    tasks.sort(key=lambda task: task.state != "processing")
    return {
        "tasks": [scheduled_task(task) for task in tasks[:STATE_TASKS]],
        "left_out": max(0, len(tasks) - STATE_TASKS),
        "workers": [known_worker(worker) for worker in list(scheduler.workers.values())[:WORKERS]],
        "log": [told(entry) for entry in tail(scheduler.transition_log)],
    }


def scheduled_task(task: Any) -> dict[str, Any]:
    on = task.processing_on
    restrictions = {
        name: str(getattr(task, name, None))[:CHARACTERS]
        for name in ("worker_restrictions", "host_restrictions", "resource_restrictions")
        if getattr(task, name, None)
    }
    return {
        "key": str(task.key)[:CHARACTERS],
        "state": task.state,
        "on": str(on.address) if on is not None else None,
        "waiting_on": [str(one.key)[:CHARACTERS] for one in list(task.waiting_on or ())[:5]],
        "suspicious": task.suspicious,
        **restrictions,
    }


def known_worker(worker: Any) -> dict[str, Any]:
    resources = {str(name): value for name, value in list(dict(worker.resources).items())[:10]}
    return {**seen_worker(worker), "threads": worker.nthreads, "resources": resources}


def worker_state(worker: Any) -> dict[str, Any]:
    tasks = list(worker.state.tasks.values())
    tasks.sort(key=lambda task: task.state == "memory")
    return {
        "tasks": [held_task(task) for task in tasks[:STATE_TASKS]],
        "left_out": max(0, len(tasks) - STATE_TASKS),
        "threads": worker.state.nthreads,
        "log": [told(entry) for entry in tail(worker.state.log)],
    }


def held_task(task: Any) -> dict[str, Any]:
    waiting = list(task.waiting_for_data)[:5]
    return {
        "key": str(task.key)[:CHARACTERS],
        "state": task.state,
        "waiting_on": [str(getattr(one, "key", one))[:CHARACTERS] for one in waiting],
        "from": str(task.coming_from) if task.coming_from else None,
    }


def tail(log: Any) -> Iterable[Any]:
    return list(itertools.islice(reversed(log), STATE_LOG))[::-1]


def told(entry: Any) -> str:
    return " ".join(str(part)[:CHARACTERS] for part in entry)[: 3 * CHARACTERS]


class Lives:
    """The processes that wrote something here: whether they still live, and for how long idle."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._cpu: dict[str, float] = {}
        self._idle_since: dict[str, float] = {}

    def look(self, seconds: float) -> Iterator[dict[str, Any]]:
        now = time.monotonic()
        names = [name for name in os.listdir(self._folder) if name.startswith("observer-")]
        for pid in sorted({name.split("-")[2] for name in names})[: 2 * WORKERS]:
            words = contents(f"/proc/{pid}/stat").rpartition(")")[2].split()
            if self._is_busy(pid, seconds) or pid not in self._idle_since:
                self._idle_since[pid] = now
            idle = round(now - self._idle_since[pid], 1)
            yield {"pid": int(pid), "state": words[0] if words else "gone", "idle": idle}

    def _is_busy(self, pid: str, seconds: float) -> bool:
        """Whether one of its threads computes: however many others, it gets its share."""
        found = False
        try:
            threads = os.listdir(f"/proc/{pid}/task")[:THREADS]
        except OSError:
            threads = []
        for thread in threads:
            words = contents(f"/proc/{pid}/task/{thread}/stat").rpartition(")")[2].split()
            before, self._cpu[thread] = self._cpu.get(thread, 0.0), cpu_of(words)
            found = found or (self._cpu[thread] - before) / seconds > BUSY_THREAD
        return found


class StandingThread:
    """One thread: since when it runs the same functions, and since when it has not run at all."""

    def __init__(self, ident: int) -> None:
        self._ident = ident
        self._stack: Any = None
        self._cpu = 0.0
        self._runs: tuple[str, ...] = ()
        self._still_since = self._asleep_since = time.monotonic()

    def look(self, frame: Any, seconds: float, script: str) -> dict[str, Any]:
        thread = threading._active.get(self._ident)  # type: ignore[attr-defined] # noqa: SLF001
        is_main = thread is threading.main_thread()
        native = os.getpid() if is_main else getattr(thread, "native_id", None)
        stack = stack_of(frame, script if is_main else "")
        before, self._cpu = self._cpu, cpu_seconds(native)
        runs_before, self._runs = self._runs, runs_of(native)
        share = (self._cpu - before) / seconds
        now = time.monotonic()
        functions = [(file, function) for file, _, function in stack]
        if functions != self._stack or share > BUSY_SHARE:
            self._stack, self._still_since = functions, now
        if self._runs != runs_before or not self._runs or share > 0:
            self._asleep_since = now
        return {
            "name": getattr(thread, "name", "")[:CHARACTERS],
            "is_main": is_main,
            "stack": stack,
            "cpu": round(share, 2),
            "wait": wait_of(native),
            "is_limited": is_limited(frame),
            "still": round(now - self._still_since, 1),
            "asleep": round(now - self._asleep_since, 1),
        }


def stack_of(frame: Any, script: str) -> list[tuple[str, int, str]]:
    """Innermost first; of a thread that runs an event loop, what the script awaits in it."""
    found: list[tuple[str, int, str]] = []
    while frame is not None and len(found) < FRAMES:
        if script and frame.f_code.co_name == "run_forever" and not found_in(found, script):
            found = awaited_by(frame.f_locals.get("self"), script) + found
        found.append(place(frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return found[:FRAMES]


def is_limited(frame: Any) -> bool:
    """Whether a function of Dask's that it is in was given a time limit; not one that polls."""
    while frame is not None:
        file = frame.f_code.co_filename
        if "/distributed/" in file and not file.endswith("/utils.py"):
            limit = frame.f_locals.get("timeout")
            if isinstance(limit, (int, float)) and not isinstance(limit, bool):
                return True
        frame = frame.f_back
    return False


def place(code: Any, line: int | None) -> tuple[str, int, str]:
    return (code.co_filename[-FILE_CHARACTERS:], line or 0, code.co_name[:CHARACTERS])


def found_in(stack: list[tuple[str, int, str]], script: str) -> bool:
    return any(file == script for file, _, _ in stack)


def awaited_by(loop: Any, script: str) -> list[tuple[str, int, str]]:
    """The chain of coroutines, innermost first, that begins in the script; none without one."""
    asyncio = sys.modules.get("asyncio")
    for task in sorted(asyncio.all_tasks(loop), key=str) if asyncio else ():
        chain: list[tuple[str, int, str]] = []
        awaited = task.get_coro()
        while getattr(awaited, "cr_frame", None) is not None and len(chain) < FRAMES:
            chain.append(place(awaited.cr_code, awaited.cr_frame.f_lineno))
            awaited = awaited.cr_await
        if found_in(chain, script):
            return chain[::-1]
    return []


def cpu_seconds(native: int | None) -> float:
    return cpu_of(of_thread(native, "stat").rpartition(")")[2].split())


def cpu_of(words: list[str]) -> float:
    """Seconds that /proc's `stat` counts, behind the name; 0 where there is none."""
    return (int(words[11]) + int(words[12])) * CLOCK_TICK if words else 0.0


def runs_of(native: int | None) -> tuple[str, ...]:
    """What changes whenever the thread has run; nothing where the kernel does not tell."""
    status = of_thread(native, "status").splitlines()
    return tuple(line for line in status if "ctxt_switches:" in line)


def wait_of(native: int | None) -> str:
    """`untimed`: in a wait that only another thread can end; `timed`, `other`, or `unknown`."""
    words = of_thread(native, "syscall").split()
    if not words or not words[0].isdigit():
        return "running" if words == ["running"] else "unknown"
    if int(words[0]) == FUTEX:
        return "timed" if int(words[4], 16) else "untimed"
    return "timed" if int(words[0]) in SLEEPING else "other"


def of_thread(native: int | None, name: str) -> str:
    return contents(f"/proc/self/task/{native}/{name}")


def contents(path: str) -> str:
    """Of a file, "" where it cannot be read."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
