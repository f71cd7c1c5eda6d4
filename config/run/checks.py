"""What must be true before anything is started, each with one line that says what to do."""

import errno
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.only_one import Held, only_one
from config.run.errors import StartError


def port() -> int:
    """PORT, or 8000: a number, and nobody else's."""
    written = os.environ.get("PORT") or "8000"
    if not (written.isascii() and written.isdecimal() and 0 < int(written) < 65536):
        raise StartError(
            f"PORT={written} is no port.", remedy="Use a number from 1 to 65535: make run PORT=8001"
        )
    _check_free(int(written))
    return int(written)


def _check_free(number: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            why = (
                "is taken"
                if error.errno == errno.EADDRINUSE
                else f"cannot be used: {error.strerror}"
            )
            other = number + 1 if 1024 <= number < 65535 else 8001
            raise StartError(
                f"Port {number} {why}.", remedy=f"Choose another: make run PORT={other}"
            ) from None


def folder(path: Path) -> Path:
    """Make `path`, and check that files can be written there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"Cannot write to {path}: {error.strerror}.",
            remedy="Make it writable, or name another: HEADWATER_STATE=/path make run",
        ) from None
    return path


@contextmanager
def the_only_one(state: Path) -> Iterator[None]:
    """Hold the lock of this checkout's `make run`; the kernel frees it however this ends."""
    try:
        with only_one(state / "run.lock"):
            yield
    except Held as held:
        raise StartError(
            f"This checkout is already running, under process {held.holder}.",
            remedy="Stop that one first (Ctrl-C where it runs).",
        ) from None


def secret_key(state: Path) -> None:
    """The key of the environment, or one made once beside the embedded database."""
    if os.environ.get("SECRET_KEY"):
        return
    if "DATABASE_URL" in os.environ:
        raise StartError(
            "DATABASE_URL is set, so SECRET_KEY must be set as well.",
            remedy="Make one once and keep it: openssl rand -hex 32",
        )
    kept = state / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
