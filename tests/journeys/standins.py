"""GitHub's stand-ins as processes: a third-party emulator behind a proxy that makes it faithful.

They lie beside the checkout and are no part of it: journeys through them are skipped without.
"""

import json
import os
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config import places
from tests.processes import Process, running

FOLDER = places.CHECKOUT.parent / "shared" / "standins"
INSTALLED = places.CHECKOUT / "var" / "standins"
OWNER = "maintainer-co"
APP_ID = "4242"

needs_standins = pytest.mark.skipif(
    not FOLDER.exists() or shutil.which("node") is None or not (INSTALLED / "made").exists(),
    reason="GitHub's stand-ins are not beside this checkout (../shared/standins), or lack node",
)


@dataclass(frozen=True)
class GitHub:
    """A GitHub with private repositories customer-acme and customer-globex of one owner."""

    url: str
    app_key: Path

    def ask(self, verb: str, path: str, token: str, body: Any = None) -> Any:
        """One request as the owner of a token, decoded."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=verb,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def control(self, verb: str, facts: Any) -> Any:
        """What the proxy does to the world: `app_hook`, `chaos`, `rules`."""
        return self.ask("POST", f"/__proxy__/{verb}", "none", facts)

    def comments(self, repository: str, number: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(
            "GET", f"/repos/{repository}/issues/{number}/comments?per_page=100", "tok_owner"
        )
        return found


@contextmanager
def github(work: Path, *, ports: tuple[int, int]) -> Iterator[GitHub]:
    """The emulator and its proxy on the two ports, until the block ends."""
    python = INSTALLED / "python" / "bin" / "python"
    environment = {
        **os.environ,
        "CONFORMANCE_WORK": str(work),
        "NPM_DIR": str(places.CHECKOUT / "var" / "npm"),
    }
    emulator, proxy = ports
    url = f"http://localhost:{proxy}"
    emulate: list[str | Path] = [
        python,
        FOLDER / "emulators.py",
        "--port",
        str(emulator),
        "--base-url",
        url,
    ]
    front: list[str | Path] = [
        python,
        FOLDER / "ghproxy.py",
        f"http://localhost:{emulator}",
        "--port",
        str(proxy),
    ]
    front += ["--fidelity", "--app", "--tokens", "tok_owner,tok_bot,tok_app,tok_acme,tok_globex"]
    with running(emulate, environment=environment, log=work / "emulator.log") as first:
        wait_until(lambda: "tokens" in first.said(), first)
        with running(front, environment=environment, log=work / "proxy.log") as second:
            wait_until(lambda: "http" in second.said(), second)
            yield GitHub(url=url, app_key=work / "app.pem")


def wait_until(holds: Callable[[], bool], *processes: Process, seconds: float = 60) -> None:
    """Wait for it; what the processes said is in the failure."""
    give_up = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up:
            said = "\n".join(process.said()[-4000:] for process in processes)
            raise AssertionError(f"It did not happen within {seconds:.0f} s.\n{said}")
        time.sleep(0.2)
