"""Set up this checkout: `.venv` from uv.lock, and what the system lacks.

Run by any Python >= 3.11 before there is an environment, as a file and isolated (`python3 -I
config/bootstrap.py setup`): standard library only, and nothing of ours is imported.
"""

import ctypes.util
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
VAR = CHECKOUT / "var"
STAMP = VENV / "headwater-setup"
STANDINS = CHECKOUT.parent / "shared" / "standins"
STANDIN_PACKAGES = ("emulate@0.8.0", "@octokit/openapi", "@octokit/webhooks-examples")
EXTRAS = ("--extra", "server", "--group", "dev")


class SetupError(Exception):
    """The set-up cannot go on; the text says what to do."""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def run(command: Sequence[str | Path], *, failure: str, **environment: str) -> None:
    """Run `command` quietly. Raises SetupError with `failure` and the command's last words."""
    done = subprocess.run(  # noqa: S603 -- fixed commands, no shell
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, **environment},
    )
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-4:]
        raise SetupError("\n  ".join([failure, *words]))


def python_environment() -> None:
    """Make or renew `.venv`, unless it was made here from just this lock."""
    wanted = fingerprint()
    if (VENV / "bin" / "python").exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    say("Setting up .venv from uv.lock (the first time takes a minute) ...")
    run(
        [uv(), "sync", "--frozen", *EXTRAS, "--python", Path(sys.executable).resolve()],
        failure="The environment could not be made. Is the package index within reach?",
        UV_PROJECT_ENVIRONMENT=str(VENV),
        UV_PYTHON_DOWNLOADS="never",
        VIRTUAL_ENV="",
    )
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """Changes when the lock does, or the project, or the place: scripts hold absolute paths."""
    parts = [bytes(CHECKOUT), " ".join(EXTRAS).encode()]
    parts += [(CHECKOUT / name).read_bytes() for name in ("uv.lock", "pyproject.toml")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def uv() -> Path:
    """A uv that reads our lock: one that is there, else installed into a small one of its own."""
    own = VAR / "uv" / "bin" / "uv"
    on_path = shutil.which("uv")
    for found in (own, VENV / "bin" / "uv", *([Path(on_path)] if on_path else [])):
        if _is_usable(found):
            return found
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        install_packages(["python3-venv"], why="Python's venv module")
    shutil.rmtree(VAR / "uv", ignore_errors=True)
    run(
        [sys.executable, "-m", "venv", VAR / "uv"],
        failure=f"{sys.executable} could not make an environment for uv.",
    )
    run(
        [VAR / "uv" / "bin" / "python", "-m", "pip", "install", "--quiet", f"uv=={locked_uv()}"],
        failure="uv could not be installed. Is the package index within reach?",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )
    return own


def _is_usable(program: Path) -> bool:
    try:
        asked = subprocess.run(  # noqa: S603 -- asks a uv for its version
            [program, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    version = re.match(r"uv (\d+)\.(\d+)", asked.stdout)
    return version is not None and tuple(map(int, version.groups())) >= (0, 8)


def locked_uv() -> str:
    found = re.search(r'name = "uv"\nversion = "([^"]+)"', (CHECKOUT / "uv.lock").read_text())
    if found is None:
        raise SetupError("uv.lock does not name uv: restore it from git.")
    return found.group(1)


def install_packages(packages: Sequence[str], *, why: str) -> None:
    """Install Debian packages where we may; else raise SetupError with the line that does it."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise SetupError(f"Missing: {why}. Install what Debian calls {names}.")
    root = becoming_root()
    if root is None:
        raise SetupError(f"Missing: {why}. Run this, then try again: sudo apt-get install {names}")
    say(f"Installing {names} ...")
    failure = f"apt-get could not install {names}:"
    run([*root, "apt-get", "update", "-qq"], failure=failure)
    command = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq"]
    run([*command, "--no-install-recommends", *packages], failure=failure)


def becoming_root() -> list[str] | None:
    """What to put before a command to run it as root without being asked; None if we may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    allowed = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)  # noqa: S603
    return [sudo, "-n"] if allowed.returncode == 0 else None


def sandbox() -> None:
    """bubblewrap, without which no script is run; the rest of Headwater works meanwhile."""
    if shutil.which("bwrap"):
        return
    try:
        install_packages(["bubblewrap"], why="bubblewrap, the sandbox in which scripts run")
    except SetupError as error:
        say(f"{error}\nGoing on: until then trials end with that reason.")


def second_sandbox() -> None:
    """gVisor, where Debian has it: without it the tests of that isolation are skipped."""
    if shutil.which("runsc"):
        return
    try:
        install_packages(["runsc"], why="gVisor, the other sandbox in which scripts can run")
    except SetupError as error:
        say(f"{error}\nGoing on: its tests are skipped.")


def browser() -> None:
    """Chromium, and a library that playwright's driver is linked against."""
    missing = [] if shutil.which("chromium") else ["chromium", "fonts-dejavu-core"]
    if ctypes.util.find_library("atomic") is None:
        missing.append("libatomic1")
    if missing:
        install_packages(missing, why="what the browser tests drive")


def standins() -> None:
    """The emulators of GitHub, where a folder beside the checkout describes them."""
    if not STANDINS.exists():
        return
    if shutil.which("npm") is None:
        say("npm is missing: journeys through the GitHub stand-in will be skipped.")
        return
    made = VAR / "standins" / "made"
    wanted = " ".join(STANDIN_PACKAGES) + (STANDINS / "requirements.txt").read_text()
    if made.exists() and made.read_text() == wanted:
        return
    say("Installing the GitHub stand-in ...")
    where, failure = VAR / "standins" / "python", "The GitHub stand-in could not be installed:"
    program = uv()
    run([program, "venv", "--clear", "--python", sys.executable, where], failure=failure)
    requirements = str(STANDINS / "requirements.txt")
    run([program, "pip", "install", "--python", where, "-r", requirements], failure=failure)
    run(["npm", "install", "--prefix", VAR / "npm", *STANDIN_PACKAGES], failure=failure)
    made.write_text(wanted)


def main(purpose: str) -> None:
    """Set up for `setup` (enough to run) or `test`. Only one does it at a time."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        python_environment()
        sandbox()
        if purpose == "test":
            second_sandbox()
            browser()
            standins()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetupError as error:
        say(str(error))
        sys.exit(1)
    except OSError as error:
        say(f"Cannot write to {error.filename or CHECKOUT}: {error.strerror}.")
        say("Make the checkout writable for you, or clone it into a folder that is.")
        sys.exit(1)
