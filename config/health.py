"""Whether a process of this host does its work: `python -m config.health web`.

For the health checks of docker-compose.yml: exits 0, or 1 with one line.
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django

BEAT_FILE = Path("/tmp/beat")  # noqa: S108 -- in a container of its own
ANSWER_SECONDS = 5.0
BEAT_SECONDS = 600
"""Beat writes its schedule down every three minutes."""


def web() -> bool:
    """The sign-in page answers, as it does to a proxy that speaks TLS to people."""
    connection = http.client.HTTPConnection(
        "localhost", int(os.environ.get("PORT", "8000")), timeout=10
    )
    try:
        connection.request("GET", "/sign-in/", headers={"X-Forwarded-Proto": "https"})
        return connection.getresponse().status < 400
    except OSError:
        return False
    finally:
        connection.close()


def worker() -> bool:
    """This host's Celery worker answers through the broker."""
    from config.celery import app  # noqa: PLC0415 -- the settings are read only where needed

    name = f"celery@{socket.gethostname()}"
    return name in (app.control.inspect(destination=[name], timeout=ANSWER_SECONDS).ping() or {})


def beat() -> bool:
    """Beat has written its schedule down lately."""
    written = [path.stat().st_mtime for path in BEAT_FILE.parent.glob(f"{BEAT_FILE.name}*")]
    return bool(written) and time.time() - max(written) < BEAT_SECONDS


def runner() -> bool:
    """A runner of this host was heard lately."""
    from reproducers.models import Runner  # noqa: PLC0415 -- needs the apps to be loaded

    alive = Runner.objects.alive(datetime.now(tz=UTC))
    return alive.filter(name__startswith=socket.gethostname()).exists()


CHECKS: dict[str, Callable[[], bool]] = {
    "web": web,
    "worker": worker,
    "beat": beat,
    "runner": runner,
}


def main(name: str) -> int:
    if name in ("worker", "runner"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
    if CHECKS[name]():
        return 0
    sys.stderr.write(f"{name} is not well\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
