"""What the hostile scripts share: a module of the environment that they run in."""

import ctypes
import json
import os

with open("/work/targets.json") as file:
    TARGETS = json.load(file)
_LIBC = ctypes.CDLL(None, use_errno=True)


def harm(what):
    """Say that an attack came to something: what a safe run never prints."""
    print("HARM:", what, flush=True)


def tried(what, act, *arguments):
    """Whether `act` was refused, which is as it should be."""
    try:
        act(*arguments)
    except (OSError, RuntimeError, MemoryError) as error:
        print("refused:", what, "-", getattr(error, "strerror", None) or error, flush=True)
        return True
    harm(what)
    return False


def call(name, *arguments):
    """A system call by its name, as no library would make it; raises OSError."""
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = _LIBC.syscall(ctypes.c_long(TARGETS["calls"][name]), *wide)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def in_child(act, *arguments):
    """What a child that does it ends with: its wait status."""
    child = os.fork()
    if child == 0:
        try:
            act(*arguments)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]
