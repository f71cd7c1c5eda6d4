"""Tries what a hostile script would try, and prints what it came to: for `repro doctor`.

    look.py FACTS            (JSON: what of the host it tries to reach)

One JSON object: by property, by what was tried, the answer: "allowed", or how it was refused. A
system call counts as allowed as soon as the kernel looked at its arguments.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import resource
import signal
import socket
import sys
import time
from typing import Any, Callable, Dict

ALLOWED = "allowed"
REFUSED = (errno.EPERM, errno.ENOSYS, errno.EACCES, errno.EAFNOSUPPORT, errno.ESOCKTNOSUPPORT)
NEW_USER_NAMESPACE = 0x10000000
SECONDS = 2.0
SCRATCH = "/tmp"  # noqa: S108 -- inside, where nobody else is

Facts = Dict[str, Any]
Answers = Dict[str, str]

# By architecture; io_uring_setup and fsopen have one number on all of them.
NUMBERS = {
    "x86_64": {
        "keyctl": 250, "userfaultfd": 323, "perf_event_open": 298, "bpf": 321,
        "ptrace": 101, "process_vm_readv": 310, "kcmp": 312, "inotify_init1": 294,
        "unshare": 272, "chroot": 161, "mount": 165,
    },
    "aarch64": {
        "keyctl": 219, "userfaultfd": 282, "perf_event_open": 241, "bpf": 280,
        "ptrace": 117, "process_vm_readv": 270, "kcmp": 272, "inotify_init1": 26,
        "unshare": 97, "chroot": 51, "mount": 40,
    },
}  # fmt: skip
EVERYWHERE = {"io_uring_setup": 425, "fsopen": 430, "clone3": 435}
FAMILIES = {"netlink": 16, "packet": 17, "crypto": 38, "vsock": 40, "bluetooth": 31, "xdp": 44}


def main() -> None:
    facts = json.loads(sys.argv[1])
    look = {name: act(facts) for name, act in PROPERTIES.items()}
    leave_somebody_behind()
    print(json.dumps(look))  # noqa: T201 -- that is what it is for


def tried(act: Callable[..., object], *arguments: Any) -> str:
    try:
        act(*arguments)
    except OSError as error:
        return said_by(error)
    return ALLOWED


def said_by(error: OSError) -> str:
    return error.strerror or str(error)


def called(number: int, *arguments: int) -> str:
    """Whether the kernel so much as looked at it."""
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    number = ctypes.get_errno()
    return os.strerror(number) if result < 0 and number in REFUSED else ALLOWED


def in_child(act: Callable[..., str], *arguments: Any) -> str:
    """The same in a process of its own, which nothing of it outlives."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, act(*arguments).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return said or f"killed by signal {status & 127}"


def calls(facts: Facts) -> Answers:
    known = {**NUMBERS.get(platform.machine(), {}), **EVERYWHERE}
    names = ("keyctl", "userfaultfd", "perf_event_open", "bpf", "io_uring_setup")
    look = {name: called(known[name], 0, 0, 0, 0, 0) for name in names if name in known}
    for name in ("ptrace", "process_vm_readv", "kcmp", "inotify_init1"):
        if name in known:
            look[name] = in_child(called, known[name], 0, 0, 0, 0, 0)
    look["TIOCSTI"] = terminal()
    look["set-user-id"] = tried(make_set_user_id)
    return look


def terminal() -> str:
    import fcntl  # noqa: PLC0415 -- for this alone

    with open("/dev/null") as file:
        try:
            fcntl.ioctl(file, 0x5412, b"x")
        except OSError as error:
            return said_by(error) if error.errno in REFUSED else ALLOWED
    return ALLOWED


def make_set_user_id() -> None:
    with open(SCRATCH + "/set-user-id", "w"):
        pass
    os.chmod(SCRATCH + "/set-user-id", 0o4755)  # noqa: S103 -- refused, we hope


def namespaces(facts: Facts) -> Answers:
    known = {**NUMBERS.get(platform.machine(), {}), **EVERYWHERE}
    look = {"clone3": called(known["clone3"], 0, 0), "fsopen": called(known["fsopen"], 0, 0)}
    for name in ("unshare", "chroot", "mount"):
        if name in known:
            look[name] = in_child(called, known[name], NEW_USER_NAMESPACE, 0, 0, 0, 0)
    return look


def sockets(facts: Facts) -> Answers:
    return {name: tried(open_socket, family) for name, family in FAMILIES.items()}


def open_socket(family: int) -> None:
    socket.socket(family, socket.SOCK_RAW).close()


def network(facts: Facts) -> Answers:
    look = {
        "an address": tried(connect, "192.0.2.1", 80),
        "a name": tried(socket.getaddrinfo, "dask.org", 443),
        "the host's loopback": tried(connect, "127.0.0.1", facts["port"]),
    }
    with open("/proc/net/dev") as file:
        devices = {line.split(":")[0].strip() for line in file if ":" in line}
    look["interfaces"] = "its own loopback" if devices <= {"lo"} else ALLOWED
    return look


def connect(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=SECONDS).close()


def host_files(facts: Facts) -> Answers:
    paths = ["/etc/shadow", "/etc/machine-id", "/root", "/home", "/var/log", *facts["paths"]]
    return {path: tried(os.stat, path) for path in paths}


def kernel_files(facts: Facts) -> Answers:
    def read(path: str) -> None:
        with open(path, "rb") as file:
            if not file.read(64):
                raise OSError(errno.ENODATA, "empty")

    names = ("keys", "kallsyms", "kcore", "kmsg", "key-users", "timer_list", "sched_debug")
    return {name: tried(read, "/proc/" + name) for name in names}


def read_only(facts: Facts) -> Answers:
    own = os.path.dirname(os.path.abspath(sys.executable))
    paths = ("/new", "/etc/passwd", "/usr/bin/new", "/dev/new", own + "/new")
    return {path: tried(write, path) for path in paths}


def kernel_settings(facts: Facts) -> Answers:
    names = ("hostname", "core_pattern", "domainname")
    look = {name: tried(write, "/proc/sys/kernel/" + name) for name in names}
    look["overcommit_memory"] = tried(write, "/proc/sys/vm/overcommit_memory")
    return look


def write(path: str) -> None:
    with open(path, "a") as file:
        file.write("1")


def others(facts: Facts) -> Answers:
    own = {"1", str(os.getpid())}
    seen = {name for name in os.listdir("/proc") if name.isdigit()}
    look = {"processes": "only its own" if seen <= own else ALLOWED}
    look["the host's process"] = tried(os.kill, facts["process"], 0)
    look["queues and shared memory"] = own_namespace("ipc", facts)
    look["the host's name"] = own_namespace("uts", facts)
    look["names of cgroups"] = own_namespace("cgroup", facts)
    return look


def own_namespace(kind: str, facts: Facts) -> str:
    try:
        return ALLOWED if os.readlink("/proc/self/ns/" + kind) == facts[kind] else "its own"
    except OSError as error:
        return said_by(error)


def secrets(facts: Facts) -> Answers:
    # Those that the sandbox's own tools and Python set.
    expected = {"PWD", "HOME", "LC_CTYPE", *facts["variables"]}
    opened = [name for name in os.listdir("/proc/self/fd") if int(name) > 2]
    return {
        "variables": ALLOWED if set(os.environ) - expected else "only what it was given",
        "descriptors": ALLOWED if len(opened) > 1 else "only its own",
    }


def privileges(facts: Facts) -> Answers:
    with open("/proc/self/status") as file:
        told = dict(line.split(":", 1) for line in file if ":" in line)
    held = {name for name, value in told.items() if name.startswith("Cap") and int(value, 16)}
    look = {"capabilities": ALLOWED if held else "none"}
    if "NoNewPrivs" in told:
        look["new ones"] = "refused" if told["NoNewPrivs"].strip() == "1" else ALLOWED
    look["groups"] = ALLOWED if set(os.getgroups()) - {os.getgid()} else "none"
    look["urgency"] = tried(os.nice, -5)
    return look


def first_process(facts: Facts) -> Answers:
    """Process 1 says how it all ended: nobody may look into it, or write to it."""
    if os.getpid() == 1:
        return {"itself": ALLOWED}
    look = {}
    for name, mode in (("mem", "r+b"), ("environ", "rb")):
        look[name] = tried(open_and_close, "/proc/1/" + name, mode)
    known = NUMBERS.get(platform.machine(), {})
    if "ptrace" in known:
        look["trace"] = in_child(called, known["ptrace"], 16, 1, 0, 0)
    return look


def open_and_close(path: str, mode: str) -> None:
    with open(path, mode):
        pass


def kernel(facts: Facts) -> Answers:
    look = {"its own": "its own"}
    with open("/proc/version") as file:
        if file.read() == facts["version"]:
            look["its own"] = ALLOWED
    return look


def sizes(facts: Facts) -> Answers:
    """What is bounded may not be exceeded: bytes of a file, of a folder, and open files."""
    look = {"a file": filled(SCRATCH + "/big", facts["file_bytes"])}
    look["a folder"] = filled_folder(SCRATCH, facts["temporary_bytes"], facts["file_bytes"])
    look["open files"] = opened_files(facts["open_files"])
    core, _ = resource.getrlimit(resource.RLIMIT_CORE)
    look["a memory image"] = "at most a byte" if core in (0, 1) else ALLOWED
    return look


def filled(path: str, bound: int) -> str:
    try:
        with open(path, "wb", buffering=0) as file:
            while file.tell() <= bound:
                file.write(bytes(1 << 18))
    except OSError as error:
        return said_by(error)
    finally:
        os.unlink(path)
    return ALLOWED


def filled_folder(folder: str, bound: int, size: int) -> str:
    made: list[str] = []
    try:
        while len(made) * size <= bound + size:
            made.append(f"{folder}/part-{len(made)}")
            with open(made[-1], "wb") as file:
                file.write(bytes(size))
    except OSError as error:
        return said_by(error)
    finally:
        for path in made:
            os.unlink(path)
    return ALLOWED


def opened_files(bound: int) -> str:
    kept: list[int] = []
    try:
        while len(kept) <= bound:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError as error:
        return said_by(error)
    finally:
        for descriptor in kept:
            os.close(descriptor)
    return ALLOWED


def output(facts: Facts) -> Answers:
    """Leaves what may not come out; the host looks whether it did."""
    os.symlink("/etc/passwd", "/output/link")
    os.mkfifo("/output/pipe")
    try:
        with open("/output/big", "wb") as file:
            for _ in range(4):
                file.write(bytes(facts["output_bytes"]))
    except OSError as error:
        if error.errno == errno.ENOSPC:  # the link shall not be left out for its size
            os.truncate("/output/big", facts["output_bytes"] // 2)
        return {"more than its share": said_by(error)}
    return {"more than its share": "left to the host"}


def leave_somebody_behind() -> None:
    """Who has left its session and closed everything, and would go on for a minute."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for descriptor in range(3):
                os.close(descriptor)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
        os._exit(0)


PROPERTIES = {
    "kernel": kernel,
    "system-calls": calls,
    "namespaces": namespaces,
    "sockets": sockets,
    "network": network,
    "host-files": host_files,
    "kernel-files": kernel_files,
    "read-only": read_only,
    "kernel-settings": kernel_settings,
    "processes": others,
    "secrets": secrets,
    "privileges": privileges,
    "first-process": first_process,
    "sizes": sizes,
    "output": output,
}

if __name__ == "__main__":
    main()
