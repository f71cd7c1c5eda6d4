"""gVisor: a kernel in user space that answers the script's system calls in place of the host's.

Here is what is known of the program: where it is, how it is called, what its end means. What it
finds to run is `bundle`'s part. docs/decisions/0012-gvisor.md says what it keeps better than
bubblewrap, and what worse.
"""

import contextlib
import dataclasses
import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox.policy import LimitHit, SandboxSpec

OLDEST: Final = 20221219
FOLDERS: Final = ("/usr/bin", "/usr/local/bin")
REMEDY: Final = (
    "Install gVisor's runsc, of December 2022 or later: `apt install runsc` on Debian, elsewhere "
    "as gvisor.dev/docs/user_guide/install says. Or run with `--isolation bubblewrap`."
)
# For each thread of the script gVisor may need several of the host's, and some for itself.
OWN_TASKS: Final = 300
TASKS_EACH: Final = 4
OPEN_FILES: Final = 1 << 20
_KEPT_INSIDE: Final = frozenset({"RLIMIT_FSIZE", "RLIMIT_DATA"})
VARIABLES: Final = {"PATH": "/usr/bin:/bin"}
MESSAGE_CHARACTERS: Final = 500
# By the exit status: what it could not do is noted as JSON, what Go could not as plain text.
_SIGNS: Final[Mapping[int, tuple[str, ...]]] = {
    128: ("{",),
    2: ("panic: ", "fatal error: ", "runtime: "),
}


def program(*, among: str | None = None) -> str:
    """runsc's path; raises IsolationError where it is missing or too old.

    `among` are folders as in PATH.
    """
    found = _path(among)
    if found is None:
        raise IsolationError("gVisor is not installed: there is no runsc.", remedy=REMEDY)
    if version(found) < OLDEST:
        raise IsolationError("gVisor is too old, or does not tell its version.", remedy=REMEDY)
    return found


def is_there() -> bool:
    """Whether there is one at all, of whatever age."""
    return _path(None) is not None


def _path(among: str | None) -> str | None:
    system = os.pathsep.join((*FOLDERS, os.environ.get("PATH", "")))
    return shutil.which("runsc", path=system if among is None else among)


@functools.cache
def version(path: str) -> int:
    """The day of its release, as in 20221219; 0 where it does not tell."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    day = re.search(r"\b20\d{6}\b", said)
    return int(day[0]) if day else 0


def command(path: str, *, name: str, bundle: str, state: str, has_network: bool) -> list[str]:
    """The whole command line that runs the bundle and ends as its process ends.

    `name` is one that no other sandbox has, since it names a socket of the host's. `state` is a
    folder for its notes, of which those of `told` say why it failed, if it did. Which platform it
    uses is left to it: the newer ones have a faster one than ptrace.
    """
    log, panic = told(state)
    return [
        *(path, f"--root={state}", "--rootless", "--ignore-cgroups", "--overlay2=none"),
        f"--network={'host' if has_network else 'none'}",
        "--file-access-mounts=exclusive",  # nobody else changes them meanwhile
        *(f"--log={log}", f"--panic-log={panic}"),
        *("run", "--bundle", bundle, name),
    ]


def told(state: str) -> list[str]:
    """The files in which it says why it failed."""
    return [f"{state}/log", f"{state}/panic"]


def bounds(spec: SandboxSpec) -> SandboxSpec:
    """`spec` with the threads of the host that are bounded, in place of the script's."""
    return dataclasses.replace(spec, pids=OWN_TASKS + TASKS_EACH * spec.pids)


def rlimits(bounds: Mapping[str, int]) -> dict[str, int]:
    """Of the `bounds` of a process those that gVisor's own are held to.

    It keeps the sizes and numbers of the script's files itself: its own memory is a file, too.
    """
    own = {name: bound for name, bound in bounds.items() if name not in _KEPT_INSIDE}
    return {**own, "RLIMIT_NOFILE": OPEN_FILES}


def limit(*, status: int, memory_kills: int, refused_forks: int) -> LimitHit | None:
    """The limit that ended it, by the exit status and what its cgroup counted.

    It cannot go on without a thread or a page, so whatever of it meets a limit ends all of it.
    """
    if refused_forks:
        return "pids"
    return "memory" if memory_kills and status else None


def complaint(told: str, *, status: int) -> str | None:
    """Why gVisor itself failed, by its exit status and its files; None where it did not.

    A script can make it note something, but not end so without ending with it.
    """
    signs = _SIGNS.get(status, ())
    for line in told.splitlines():
        if line.startswith(signs):
            with contextlib.suppress(ValueError, KeyError, TypeError):  # a panic is plain text
                line = str(json.JSONDecoder().raw_decode(line)[0]["msg"])
            return line[:MESSAGE_CHARACTERS]
    return None
