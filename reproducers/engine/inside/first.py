"""The first process of a sandbox: starts the script, buries orphans, and ends as the script ended.

    first.py PROGRAM ARGUMENT...

Its exit status is what the host judges from, so it says what the script cannot make it say: 0 to
119 is the script's own exit status (higher ones become 1), 128 + N that signal N ended it, 125
that it could not be started. It runs with -I -S, is not dumpable, and takes no signal from the
script, so nothing inside can speak for it. Its own environment is the script's.
"""

import ctypes
import os
import signal
import sys

LARGEST_STATUS = 119
NOT_STARTED = 125
PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36


def main() -> None:
    shield()
    try:
        script = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
    except OSError as error:
        print(f"{sys.argv[1]} cannot be started: {error.strerror}", file=sys.stderr)  # noqa: T201
        os._exit(NOT_STARTED)
    os._exit(told(wait_for(script)))


def shield() -> None:
    """No other process may look into this one or interrupt it, and orphans come to it."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # for where it is not process 1
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the default action does not reach process 1


def wait_for(script: int) -> int:
    """Bury whatever dies until it is the script; its wait status."""
    while True:
        process, status = os.wait()
        if process == script:
            return status
        if os.WIFSIGNALED(status):
            note(process, os.WTERMSIG(status))


def note(process: int, number: int) -> None:
    """Write down which orphan a signal ended: the private cluster is one."""
    folder = os.environ.get("REPRO_OBSERVER_FOLDER")
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        file = os.open(f"{folder}/deaths-{os.getpid()}.jsonl", flags, 0o600)
        os.write(file, b'{"pid": %d, "exitcode": %d}\n' % (process, -number))
        os.close(file)
    except OSError:
        pass  # it explains, and no more


def told(status: int) -> int:
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    exit_status = os.WEXITSTATUS(status)
    return exit_status if exit_status <= LARGEST_STATUS else 1


if __name__ == "__main__":
    main()
