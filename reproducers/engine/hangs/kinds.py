"""In which way a run stands still, by what its last seconds show: pure, and the whole rule.

The order matters: what blocks a scheduler or a worker also stops the tasks there and the client
that waits for them, so the first reason that holds is the reason. Slow and waiting are no hangs:
a task or a script that computes is a Motion, and so is one that sleeps by its own will.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reproducers.engine.hangs.scene import Life, Process, Scene, Task, Thread
from reproducers.engine.hangs.threads import (
    Window,
    fetches,
    is_asleep,
    is_in_dask,
    is_stuck,
    of_the_callback,
    of_the_task,
    runs_locally,
    stands,
    where,
    without_ours,
)
from reproducers.engine.progress import Glance, Progress, WorkerSeen
from reproducers.engine.tracebacks import Frame

DEADLOCK: Final = "deadlock"
TASK_BLOCKED: Final = "task-blocked"
UNRUNNABLE: Final = "unrunnable"
EVENT_LOOP_BLOCKED: Final = "event-loop-blocked"
WORKER_LOST: Final = "worker-lost"
PAUSED: Final = "paused-on-memory"
GATHER_STUCK: Final = "gather-stuck"
CLIENT_STUCK: Final = "client-stuck"
SCHEDULER_BLOCKED: Final = "scheduler-blocked"

AT_WORK: Final = 0.05
KEY_CHARACTERS: Final = 60
_BUSYBODIES: Final = frozenset({"IO loop", "Profile"})
_FINISHED: Final = frozenset({"memory", "released", "error", "erred", "forgotten", "cancelled"})
_FETCHED: Final = frozenset({"fetch", "flight", "missing"})
_STOPPED: Final = frozenset({"T", "t", "Z", "X", "gone"})


@dataclass(frozen=True, kw_only=True)
class Standstill:
    """It hangs, in the way `kind`; `frames` are those that say whose fault it is, outermost first.

    `is_certain`: also where nobody said that it hangs.
    """

    kind: str | None
    sentence: str
    frames: tuple[Frame, ...] = ()
    is_certain: bool = True


@dataclass(frozen=True, kw_only=True)
class Motion:
    """It does not hang: something moved, or `is_waiting` by its own will. `sentence` says what."""

    sentence: str
    is_waiting: bool = False


Reason = Standstill | Motion | None


def how_it_stood(scene: Scene, *, floor_seconds: float) -> Reason:
    """What the last seconds show; None where they show nothing.

    A window of `floor_seconds`, or of ten usual tasks if that is longer, has to be over.
    """
    progress = scene.progress
    if progress is None or not (progress.schedulers or progress.silent):
        return _of_the_client(scene, Window(seconds=floor_seconds))
    window = Window(seconds=max(floor_seconds, 10 * progress.task_seconds))
    if progress.quiet_seconds < window.seconds:
        return _moved_lately(progress, window)
    reasons: tuple[Callable[[], Reason], ...] = (
        lambda: _blocked_scheduler(scene, progress, window),
        lambda: _of_unfinished(scene, progress, window) if progress.unfinished else None,
        lambda: _of_the_client(scene, window),
    )
    return next((found for reason in reasons if (found := reason()) is not None), None)


def _moved_lately(progress: Progress, window: Window) -> Motion:
    return Motion(
        sentence=f"its cluster had moved {progress.quiet_seconds:.0f} seconds before",
        is_waiting=progress.quiet_seconds > window.seconds / 3,
    )


def _blocked_scheduler(scene: Scene, progress: Progress, window: Window) -> Standstill | None:
    """One whose loop is at work may yet come back, so that is certain only to who says it hangs."""
    for one in progress.schedulers:
        if window.is_over(one.lag):
            is_certain = not _is_busy(_loop(scene, one), window)
            return _loop_blocked(scene, one, SCHEDULER_BLOCKED, "the scheduler's", is_certain)
    for one in progress.silent:
        if one.role == "scheduler" and _is_held(scene, one):
            return Standstill(
                kind=SCHEDULER_BLOCKED,
                sentence=f"the scheduler's whole process stood still {_for(scene)}",
                is_certain=window.is_over(_idle_seconds(scene, one.pid)),
            )
    return None


def _loop(scene: Scene, server: Glance) -> Thread | None:
    threads = scene.fresh_threads
    return next((thread for thread in threads if thread.loop_of == server.address), None)


def _is_busy(loop: Thread | None, window: Window) -> bool:
    """Whether an event loop that does not answer is at work, so that it may yet come back."""
    return loop is not None and not window.is_over(loop.still)


def _loop_blocked(
    scene: Scene, server: Glance, kind: str, whose: str, is_certain: bool
) -> Standstill:
    loop = _loop(scene, server)
    frames = () if loop is None else of_the_task(of_the_callback(loop.frames))
    at = f", in {where(frames)}" if frames else ""
    return Standstill(
        kind=kind,
        sentence=f"{whose} event loop has not answered for {server.lag:.0f} seconds{at}",
        frames=frames,
        is_certain=is_certain,
    )


def _is_held(scene: Scene, server: Glance) -> bool:
    """Whether a server wrote no more though its process lives: something holds its interpreter."""
    life = _life(scene, server.pid)
    return life is not None and life.state not in _STOPPED and not _is_fresh(scene, server.pid)


def _idle_seconds(scene: Scene, pid: int) -> float:
    life = _life(scene, pid)
    return 0.0 if life is None else life.idle


def _life(scene: Scene, pid: int) -> Life | None:
    """How the process is, None where nobody looked."""
    script = scene.script
    return script.living.get(pid) if script is not None and script.is_fresh else None


def _is_fresh(scene: Scene, pid: int) -> bool:
    return any(process.is_fresh for process in scene.processes if process.pid == pid)


def _of_unfinished(scene: Scene, progress: Progress, window: Window) -> Reason:
    """Why tasks that are left make no progress."""
    tasks = [thread for thread in scene.fresh_threads if thread.task]
    if moving := [thread for thread in tasks if not stands(thread, window)]:
        return Motion(sentence=f"a task was at work in {where(of_the_task(moving[0].frames))}")
    if busy := [thread for thread in scene.fresh_threads if _computes(thread, window)]:
        return Motion(sentence=f"a thread was at work in {where(busy[0].frames)}")
    reasons: tuple[Callable[[], Reason], ...] = (
        lambda: _lost_worker(scene, progress, window),
        lambda: _blocked_worker(scene, progress, window),
        lambda: _paused(scene, progress),
        lambda: _mismatch(scene),
        lambda: _standing_tasks(scene, tasks, window),
        lambda: _coroutines(scene, progress),
        lambda: _no_worker(scene, progress),
        lambda: _unrunnable(scene, progress),
        lambda: _missing_data(scene),
    )
    found = next((found for reason in reasons if (found := reason()) is not None), None)
    return found or Standstill(
        kind=DEADLOCK,
        sentence=f"nothing moved {_for(scene)}, with {_tasks(progress.unfinished)} left "
        "and none at work",
        frames=_main_frames(scene),
    )


def _computes(thread: Thread, window: Window) -> bool:
    """Whether it is at work: the script, or data on its way; loops and profilers always are."""
    is_busy = thread.cpu > AT_WORK and not window.is_over(thread.still)
    return is_busy and thread.loop_of is None and thread.name not in _BUSYBODIES


def _needed(progress: Progress) -> Iterator[tuple[WorkerSeen, Glance | None]]:
    """The workers that a scheduler counts on, with the last line of each; busy ones first.

    One that was lost at once has none.
    """
    lines = {one.address: one for one in (*progress.servers, *progress.silent)}
    for worker in sorted(progress.known_workers, key=lambda worker: -worker.processing):
        yield worker, lines.get(worker.address)


def _lost_worker(scene: Scene, progress: Progress, window: Window) -> Standstill | None:
    for worker, line in _needed(progress):
        is_there = line is not None and (_is_held(scene, line) or _is_fresh(scene, line.pid))
        if window.is_over(worker.silent) and not is_there:
            return Standstill(
                kind=WORKER_LOST,
                sentence=f"the scheduler has not heard of the worker {worker.address} for "
                f"{worker.silent:.0f} seconds, and counts on it for {_tasks(worker.processing)}",
                frames=_main_frames(scene),
            )
    return None


def _blocked_worker(scene: Scene, progress: Progress, window: Window) -> Reason:
    """A worker whose loop does not answer: it stands, or a task computes in its place."""
    for worker, line in _needed(progress):
        if line is None:
            continue
        if window.is_over(worker.silent) and _is_held(scene, line):
            if not window.is_over(_idle_seconds(scene, line.pid)):
                return Motion(sentence=f"the worker {worker.address} was at work in C code")
            return Standstill(
                kind=EVENT_LOOP_BLOCKED,
                sentence=f"the worker {worker.address} has not been heard of for "
                f"{worker.silent:.0f} seconds, though its process lives",
            )
        if line in progress.servers and window.is_over(line.lag):
            loop = _loop(scene, line)
            if loop is not None and _is_busy(loop, window):
                return Motion(sentence=f"a worker's event loop was at work in {where(loop.frames)}")
            whose = f"the worker {line.address}'s"
            return _loop_blocked(scene, line, EVENT_LOOP_BLOCKED, whose, is_certain=True)
    return None


def _paused(scene: Scene, progress: Progress) -> Standstill | None:
    """Whether workers that are over their memory hold the tasks up."""
    paused = [worker for worker in progress.known_workers if worker.status == "paused"]
    holding = [worker for worker in paused if worker.processing]
    is_all = len(paused) == len(progress.known_workers) and not _has_task(scene)
    if not paused or _has_task(scene) or not (holding or is_all):
        return None
    return Standstill(
        kind=PAUSED,
        sentence=f"the worker {(holding or paused)[0].address} paused because of its memory "
        f"and did not go on {_for(scene)}",
        frames=_main_frames(scene),
    )


def _has_task(scene: Scene) -> bool:
    return any(thread.task for thread in scene.fresh_threads)


def _mismatch(scene: Scene) -> Standstill | None:
    """A task that the scheduler says is processing on a worker that has no such task."""
    workers = {one.address: one for one in scene.states if one.role == "worker" and one.is_whole}
    held = {
        address: {task.key: task.state for task in state.tasks}
        for address, state in workers.items()
    }
    for task in _scheduled(scene, "processing"):
        if task.on in held and held[task.on].get(task.key, "released") in _FINISHED:
            known = held[task.on].get(task.key)
            says = "has no such task" if known is None else f"has it in state {known}"
            return Standstill(
                kind=DEADLOCK,
                sentence=f"the scheduler says that {_short(task.key)} is processing on "
                f"{task.on}, and that worker {says}",
                frames=_main_frames(scene),
            )
    return None


def _scheduled(scene: Scene, state: str) -> Iterator[Task]:
    for server in scene.states:
        if server.role == "scheduler":
            yield from (task for task in server.tasks if task.state == state)


def _standing_tasks(scene: Scene, tasks: Sequence[Thread], window: Window) -> Standstill | None:
    """Tasks on threads, all of them standing; for sure where none of them only sleeps."""
    if not tasks:
        return None
    stuck = [thread for thread in tasks if is_stuck(thread, window)]
    thread = (stuck or tasks)[0]
    frames = of_the_task(thread.frames)
    name = f"the task {_short(thread.task)}" if thread.task else "a task"
    return Standstill(
        kind=TASK_BLOCKED,
        sentence=f"{name} stood in {where(frames)} {_for(scene, thread)}",
        frames=frames,
        is_certain=len(stuck) == len(tasks),
    )


def _coroutines(scene: Scene, progress: Progress) -> Standstill | None:
    """Tasks that are coroutines have no thread that shows where they stand."""
    executing = [key for worker in progress.workers for key in worker.executing]
    if not executing:
        return None
    return Standstill(
        kind=TASK_BLOCKED,
        sentence=f"the task {_short(executing[0])} awaited something {_for(scene)}",
        is_certain=False,
    )


def _no_worker(scene: Scene, progress: Progress) -> Standstill | None:
    if progress.known_workers:
        return None
    had_some = any(one.role == "worker" for one in (*progress.servers, *progress.silent))
    return Standstill(
        kind=WORKER_LOST if had_some else UNRUNNABLE,
        sentence=f"{_tasks(progress.unfinished)} waited {_for(scene)}, and there was no worker"
        f"{' any more' if had_some else ''}",
        frames=_main_frames(scene),
    )


def _unrunnable(scene: Scene, progress: Progress) -> Standstill | None:
    if progress.in_state("processing") or not sum(one.unrunnable for one in progress.schedulers):
        return None
    task = next(_scheduled(scene, "no-worker"), None)
    what = "tasks" if task is None else f"{_short(task.key)}"
    wanted = f", which asks for {task.restrictions}" if task and task.restrictions else ""
    return Standstill(
        kind=UNRUNNABLE,
        sentence=f"for {progress.quiet_seconds:.0f} seconds no worker could run {what}{wanted}",
        frames=_main_frames(scene),
    )


def _missing_data(scene: Scene) -> Standstill | None:
    """Workers that wait for what another worker should send them, or what nobody has."""
    for server in scene.states:
        for task in server.tasks:
            if server.role == "worker" and task.state in _FETCHED:
                is_nowhere = task.state == "missing"
                which = ", which nobody has," if is_nowhere else ""
                return Standstill(
                    kind=DEADLOCK if is_nowhere else GATHER_STUCK,
                    sentence=f"the worker {server.address} waited for the data of "
                    f"{_short(task.key)}{which} {_for(scene)}",
                    frames=_main_frames(scene),
                )
    return None


def _of_the_client(scene: Scene, window: Window) -> Reason:
    """Nothing is asked of a cluster: why the script does not end."""
    script = scene.script
    if script is None or script.main is None:
        return None
    if not script.is_fresh:
        return _held_script(script.main)
    if window.is_over(script.client_lag):
        return _blocked_client(script)
    local = [thread for thread in script.threads if runs_locally(thread)]
    if moving := [thread for thread in local if not stands(thread, window)]:
        return Motion(sentence=f"a task was at work in {where(of_the_task(moving[0].frames))}")
    if local:
        return _standing_tasks(scene, local, window)
    return _of_the_main_thread(scene, script, script.main, window)


def _held_script(main: Thread) -> Standstill:
    return Standstill(
        kind=CLIENT_STUCK,
        sentence="its interpreter stood still, as if C code kept the lock, "
        f"last seen in {where(main.frames)}",
        frames=without_ours(main.frames),
        is_certain=False,
    )


def _blocked_client(script: Process) -> Standstill:
    loops = (thread for thread in script.threads if thread.name == "IO loop")
    thread = next(loops, None)
    frames = () if thread is None else of_the_task(of_the_callback(thread.frames))
    at = f", in {where(frames)}" if frames else ""
    return Standstill(
        kind=CLIENT_STUCK,
        sentence=f"the client's event loop has not answered for {script.client_lag:.0f} seconds"
        f"{at}",
        frames=frames,
    )


def _of_the_main_thread(scene: Scene, script: Process, main: Thread, window: Window) -> Reason:
    frames = without_ours(main.frames)
    place = f"in {where(frames)}"
    if not stands(main, window):
        return _unsettled(script, frames, place, scene)
    if is_asleep(main, window) and not is_in_dask(frames):
        return Motion(sentence=f"it slept by its own will {place}", is_waiting=True)
    is_fetching = is_in_dask(frames) and fetches(frames)
    return Standstill(
        kind=GATHER_STUCK if is_fetching and scene.progress is not None else CLIENT_STUCK,
        sentence=f"the script waited {place} {_for(scene, main)}, "
        "and nothing was asked of a cluster any more",
        frames=frames,
        is_certain=is_stuck(main, window) and _sees_all(scene, frames),
    )


def _unsettled(script: Process, frames: tuple[Frame, ...], place: str, scene: Scene) -> Reason:
    """The main thread runs: it polls for results that do not come, is busy in Dask, or works."""
    if script.pending and scene.progress is not None:
        return Standstill(
            kind=GATHER_STUCK,
            sentence=f"{script.pending} futures of the client have no result, "
            "and the scheduler has no task left",
            frames=frames,
        )
    if is_in_dask(frames):
        return Standstill(
            kind=CLIENT_STUCK, sentence=f"it was busy {place}", frames=frames, is_certain=False
        )
    return Motion(sentence=f"the script was at work {place}")


def _sees_all(scene: Scene, frames: Sequence[Frame]) -> bool:
    """Whether no task could run where no observer looks, in processes of Dask's local scheduler."""
    return not any(
        frame.library in ("dask/local.py", "dask/multiprocessing.py") for frame in frames
    )


def _main_frames(scene: Scene) -> tuple[Frame, ...]:
    script = scene.script
    return () if script is None or script.main is None else without_ours(script.main.frames)


def _for(scene: Scene, thread: Thread | None = None) -> str:
    seconds = scene.progress.quiet_seconds if scene.progress is not None else 0.0
    if thread is not None:
        seconds = max(thread.asleep, thread.still)
    return f"for {seconds:.0f} seconds"


def _tasks(number: int) -> str:
    return "1 task" if number == 1 else f"{number} tasks"


def _short(key: str | None) -> str:
    """A task's key, as short as it may stand in a sentence."""
    shown = " ".join((key or "").split())
    return shown if len(shown) <= KEY_CHARACTERS else f"{shown[: KEY_CHARACTERS - 3]}..."
