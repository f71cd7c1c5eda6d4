"""Which user the engines run as: PostgreSQL refuses root."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EngineError

NAME = "headwater-engines"


@dataclass(frozen=True)
class Account:
    """A user and group that a server runs as."""

    uid: int
    gid: int

    def owns(self, folder: Path) -> None:
        """Make `folder` and give it to this account, closed to everybody else."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(folder, self.uid, self.gid)


def engine_account() -> Account:
    """The caller's own, or as root the system user `headwater-engines`, made when it is missing."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _add_system_user()
        entry = pwd.getpwnam(NAME)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _add_system_user() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    remedy = f"Add a system user named {NAME}, or start as a user who is not root."
    if useradd is None:
        raise EngineError(
            "PostgreSQL refuses to run as root, and useradd is missing.", remedy=remedy
        )
    command = [
        useradd,
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
    ]
    added = subprocess.run(  # noqa: S603 -- a fixed command, no shell
        [*command, "--shell", "/usr/sbin/nologin", NAME],
        capture_output=True,
        text=True,
        check=False,
    )
    if added.returncode not in (0, 9):  # 9: somebody else added it meanwhile
        raise EngineError(f"useradd failed: {added.stderr.strip()}", remedy=remedy)


def leashed(
    command: Sequence[str | Path],
    *,
    on_parents_death: signal.Signals,
    account: Account | None = None,
) -> list[str]:
    """`command` run as `account`, and told by a signal when its parent dies."""
    prefix = ["setpriv", "--pdeathsig", on_parents_death.name.removeprefix("SIG")]
    if account is not None and os.geteuid() == 0:
        prefix += [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    return [*prefix, "--", *map(str, command)]


def check_reachable(folder: Path, *, account: Account) -> None:
    """Raise EngineError if `account` may not pass through one of the parents of `folder`."""
    if os.geteuid() != 0:
        return
    for parent in folder.absolute().parents:
        if not parent.exists():
            continue
        status = parent.stat()
        if not (status.st_mode & stat.S_IXOTH or status.st_uid == account.uid):
            raise EngineError(
                f"{parent} is private: an engine, never run as root, cannot use {folder}.",
                remedy="Name a folder outside private ones in HEADWATER_STATE.",
            )
