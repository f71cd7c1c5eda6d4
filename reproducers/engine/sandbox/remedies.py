"""What a person can do when a sandbox cannot be started, told from what the system said."""

from typing import Final

from reproducers.engine.errors import IsolationError

CHARACTERS: Final = 1000
USER_NAMESPACES: Final = (
    "Allow user namespaces to ordinary users: on Ubuntu 24.04 `sudo sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0`, elsewhere `sudo sysctl -w "
    "user.max_user_namespaces=10000` (Debian 10: `kernel.unprivileged_userns_clone=1`), "
    "in a container `--security-opt seccomp=unconfined`."
)
MOUNTS: Final = (
    "Give this container the right to mount (`--cap-add SYS_ADMIN`), or run as an ordinary user."
)
READABLE: Final = "Make it readable to others (`chmod -R o+rX`), or move it to a newer filesystem."
DOCTOR: Final = "Run `repro doctor`: it tries each part of the sandbox and says what is missing."

_REMEDIES: Final = (
    ("readable by its owner only", READABLE),
    ("unshare", MOUNTS),
    ("mount", MOUNTS),
    ("namespace", USER_NAMESPACES),
    ("uid map", USER_NAMESPACES),
    ("pivot_root", USER_NAMESPACES),
)


def not_started(said: str) -> IsolationError:
    """The error for a sandbox that did not start, by what the launcher or bubblewrap said."""
    text = said.strip()[-CHARACTERS:] or "it ended without a word"
    found = (remedy for sign, remedy in _REMEDIES if sign in text)
    return IsolationError(f"The sandbox cannot be started: {text}", remedy=next(found, DOCTOR))
