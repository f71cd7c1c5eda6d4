"""What the hostile scripts are after, put where they look for it, for as long as they run."""

import contextlib
import ctypes
import json
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyseccomp

CALLS: Final = (
    *("io_uring_setup", "add_key", "keyctl", "io_setup", "bpf", "perf_event_open", "userfaultfd"),
    *("memfd_create", "name_to_handle_at", "syslog", "ptrace", "kcmp", "process_vm_readv"),
    *("inotify_init1", "inotify_add_watch", "unshare", "setns", "clone3", "mount", "open_tree"),
    *("fsopen", "chroot", "shmget"),
)
YOUNG: Final = {"memfd_secret": 447, "fchmodat2": 452}
SECRET: Final = "TOP-SECRET"
_REMOVE: Final = 0
_MAKE: Final = 0o1666


@contextlib.contextmanager
def placed(folder: Path, site: Path) -> Iterator[str]:
    """The targets as JSON, as scripts find them beside themselves; `site` is used meanwhile."""
    with contextlib.ExitStack() as stack:
        named = f"headwater-{secrets.token_hex(8)}"
        _listening(stack, socket.AF_UNIX, f"\0{named}")
        yield json.dumps(
            {
                "calls": _numbers(),
                "port": _listening(stack, socket.AF_INET, ("127.0.0.1", 0)),
                "abstract": named,
                "open_secret": _secret(folder / "open", 0o644),
                "closed_secret": _secret(folder / "closed", 0o600),
                "shared_memory": _shared_memory(stack),
                "variable": _variable(stack),
                "forgotten": _forgotten(stack),
                "host_name": socket.gethostname(),
                "process": os.getpid(),
                "used": _used(stack, site),
            }
        )


def _numbers() -> dict[str, int]:
    known = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in CALLS}
    return {**known, **YOUNG}


def _listening(stack: contextlib.ExitStack, family: int, address: Any) -> int:
    """The port of a service that answers."""
    service = stack.enter_context(socket.socket(family))
    service.bind(address)
    service.listen()
    return int(service.getsockname()[1])


def _secret(path: Path, mode: int) -> str:
    path.write_text(SECRET)
    path.chmod(mode)
    return str(path)


def _shared_memory(stack: contextlib.ExitStack) -> int:
    """The key of a segment that anybody may attach."""
    libc, key = ctypes.CDLL(None), secrets.randbelow(1 << 30) + 1
    number = libc.shmget(ctypes.c_int(key), ctypes.c_size_t(4096), _MAKE)
    assert number >= 0
    stack.callback(libc.shmctl, number, _REMOVE, None)
    return key


def _variable(stack: contextlib.ExitStack) -> str:
    name = "SECRET_KEY_OF_THE_SERVICE"
    os.environ[name] = SECRET
    stack.callback(os.environ.pop, name)
    return name


def _forgotten(stack: contextlib.ExitStack) -> int:
    """A descriptor as a library in C might leave open: one that every child gets."""
    read_end, write_end = os.pipe()
    os.set_inheritable(read_end, True)
    for one in (read_end, write_end):
        stack.callback(os.close, one)
    return read_end


def _used(stack: contextlib.ExitStack, site: Path) -> bool:
    """Somebody else reads what lies in `site`, again and again."""
    ended = threading.Event()

    def read() -> None:
        while not ended.wait(0.05):
            (site / "library.py").read_bytes()

    reader = threading.Thread(target=read)
    reader.start()
    stack.callback(reader.join)
    stack.callback(ended.set)
    return True
