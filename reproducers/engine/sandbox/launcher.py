"""Starts one process as an unprivileged user and waits for it: `python -I`, standard library only.

    host                          "end"               "collect"                    "done"
    launcher    {"started": ...}         {"ended": ...}           {"collected": ...}

A process of its own, since nothing may happen between fork and exec in a host that has threads.
When its input ends before "done", the host is gone: it kills what it has started and cleans up.
"""

import contextlib
import itertools
import json
import os
import resource
import select
import signal
import sys
from typing import IO, Any, NoReturn

from reproducers.engine.sandbox import collect, guest, linux, ownership, processes, stage
from reproducers.engine.sandbox.plan import Collection, LaunchPlan

FAILED = 125
HIGHEST_SIGNAL = 65
FIRST_TO_GO = 500
"""Of -1000 to 1000, for the kernel's choice when the machine itself has no memory left."""


def main() -> None:
    """Carry out the plan, a descriptor that is the last argument, and answer on standard output."""
    with os.fdopen(int(sys.argv[-1]), "rb") as file:
        plan: LaunchPlan = json.load(file)
    # Unbuffered: a word that waited in a buffer would not wake up `select`.
    host = os.fdopen(0, "rb", buffering=0)
    given: list[str] = []
    try:
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        if plan["guest"] is not None:
            guest.settle(plan["guest"])
        if plan["stage"] is not None and plan["uid"] is not None:
            given = stage.prepare(plan, stage=plan["stage"], uid=plan["uid"])
        if plan["guest"] is not None:
            guest.prepare(plan, plan["guest"])
        child = start(plan)
    except OSError as error:
        _tell("failed", error.strerror or str(error))
        return
    _tell("started", child)
    ended = wait(child, host, ends_with_host=plan["ends_with_host"])
    for folder in given:
        ownership.take_back(folder)
    said = "" if plan["guest"] is None else guest.complaint(plan["guest"])
    _tell("ended", {**ended, "complaint": said})
    obey(plan, host)


def start(plan: LaunchPlan) -> int:
    """Fork the process; raises OSError where it could not be made what the plan says."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    child = os.fork()
    if child == 0:  # pragma: no cover -- before exec
        _become(plan, write_end)
    os.close(write_end)
    entrance = [] if plan["stdin"] is None else [plan["stdin"]]
    for descriptor in {*plan["keep"], *entrance, plan["stdout"], plan["stderr"]}:
        os.close(descriptor)
    with os.fdopen(read_end, "rb") as complaint:
        said = complaint.read().decode("utf-8", "replace")
    if said:
        os.waitpid(child, 0)
        raise OSError(FAILED, said)
    return child


def _become(plan: LaunchPlan, complain: int) -> NoReturn:  # pragma: no cover -- before exec
    """In the child: join, bound, drop, close, exec. Only the order makes this safe."""
    try:
        os.setsid()
        for path in plan["join"]:
            with open(path, "wb", buffering=0) as members:  # noqa: PTH123 -- one write
                members.write(b"0")
        os.dup2(os.open(os.devnull, os.O_RDONLY) if plan["stdin"] is None else plan["stdin"], 0)
        os.dup2(plan["stdout"], 1)
        os.dup2(plan["stderr"], 2)
        if plan["closes"]:
            _close_all_but({0, 1, 2, complain, *plan["keep"]})
        _forget_signals()
        os.umask(0o022)
        if plan["yields"]:
            _yield_to_the_host()
        _drop(plan)
        os.chdir(plan["working_directory"])
        os.execve(plan["argv"][0], plan["argv"], plan["environment"])  # noqa: S606 -- no shell
    except BaseException as error:
        os.write(complain, f"{type(error).__name__}: {error}".encode()[:1000])
    os._exit(FAILED)


def _close_all_but(kept: set[int]) -> None:  # pragma: no cover -- before exec
    borders = sorted(kept)
    for low, high in itertools.pairwise(borders):
        os.closerange(low + 1, high)
    os.closerange(borders[-1] + 1, os.sysconf("SC_OPEN_MAX"))


def _forget_signals() -> None:  # pragma: no cover -- before exec
    for number in range(1, HIGHEST_SIGNAL):
        with contextlib.suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _yield_to_the_host() -> None:  # pragma: no cover -- before exec
    """Whatever the service may do itself: no more urgent than others, and the first to go."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, max(0, os.getpriority(os.PRIO_PROCESS, 0)))
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as score:  # noqa: PTH123 -- one write
        score.write(b"%d" % FIRST_TO_GO)


def _drop(plan: LaunchPlan) -> None:  # pragma: no cover -- before exec
    for name, limit in plan["limits"].items():
        number = getattr(resource, name)
        hard = resource.getrlimit(number)[1]
        bounded = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(number, (bounded, bounded))
    uid = plan["uid"]
    if plan["guest"] is not None:
        guest.enter(plan["guest"])
    elif uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if plan["no_new_privileges"]:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)


def wait(child: int, host: IO[bytes], *, ends_with_host: bool = True) -> dict[str, int]:
    """Wait for the process and for everything it leaves: wait status, largest set in bytes.

    What it leaves comes to us, since we are its reaper, and is killed. A word of the host, or its
    end, kills the process itself.
    """
    process = os.pidfd_open(child)
    ready, _, _ = select.select([process, host], [], [])
    if process not in ready:
        said = host.readline()
        if said or ends_with_host:
            signal.pidfd_send_signal(process, signal.SIGKILL)
    os.close(process)
    _, status, usage = os.wait4(child, 0)
    bury_the_rest()
    return {"status": status, "largest_bytes": usage.ru_maxrss * 1024}


def bury_the_rest() -> None:
    """Kill and bury what is left of our descendants, until there is none."""
    while left := processes.children_of(os.getpid()):
        for process in left:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def obey(plan: LaunchPlan, host: IO[bytes]) -> None:
    """Do what the host says until it is done; without it, remove what it would have removed."""
    for word in iter(host.readline, b""):
        if word == b"collect\n" and plan["collection"] is not None:
            _collect(plan["collection"])
        if word == b"done\n":
            return
    for path in plan["join"]:
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(path))  # noqa: PTH106, PTH120


def _collect(wanted: Collection) -> None:
    try:
        _tell("collected", collect.collect(wanted))
    except OSError as error:
        _tell("failed", error.strerror or str(error))


def _tell(word: str, said: Any) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps({word: said}).encode() + b"\n")
