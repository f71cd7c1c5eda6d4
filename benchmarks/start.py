"""How long one waits: for the first page of `make run`, and for a script's result.

The second `make run` (everything set up, migrated and filled) to its first page. Then `repro run`
of one script with its environment built, against `uv run` of the same, bare: as uv leaves it
(imports uncompiled) and compiled.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.comparison import Side, Target, arguments, in_turns, median, ratio, report

CHECKOUT = Path(__file__).resolve().parent.parent
DASK = "2024.5.2"
AS_OF = "2024-05-31"  # a week after that release, as `repro` has it
SCRIPT = f"""\
# /// script
# requires-python = "==3.11.*"
# dependencies = ["dask[complete]=={DASK}", "distributed=={DASK}"]
# ///
import dask.array as da
from dask.distributed import Client

if __name__ == "__main__":
    with Client():
        assert da.ones((1000, 1000), chunks=100).sum().compute() == 1_000_000
"""
MAKE_RUN, REPRO = "second make run", "repro run"
UNCOMPILED, COMPILED = "uv run, uncompiled", "uv run, compiled"


class Headwater:
    """`make run` with a state folder and a port of its own, so that nobody's is disturbed."""

    def __init__(self, state: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._environment = {
            **os.environ,
            "HEADWATER_STATE": str(state),
            "PORT": str(self.port),
        }

    def first_page(self) -> float:
        """Seconds from the command to the first page; then it is stopped."""
        began = time.monotonic()
        running = subprocess.Popen(
            ["make", "run"], cwd=CHECKOUT, env=self._environment, stdout=subprocess.DEVNULL
        )
        try:
            while not self._answers():
                assert running.poll() is None, "make run ended"
                time.sleep(0.02)
            return time.monotonic() - began
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=30)
        try:
            connection.request("GET", "/sign-in/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def seconds_of(command: list[str], **environment: str) -> float:
    began = time.monotonic()
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd="/", env=os.environ | environment
    )
    took = time.monotonic() - began
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
    return took


def sides(work: Path) -> list[Side]:
    """All sides. Each script has a folder of its own: uv keeps an environment for each path."""
    programs = Path(sys.executable).parent
    scripts = {}
    for name in (REPRO, UNCOMPILED, COMPILED):
        scripts[name] = work / name.replace(", ", "-").replace(" ", "-") / "script.py"
        scripts[name].parent.mkdir()
        scripts[name].write_text(SCRIPT)
    uv_run = [str(programs / "uv"), "run", "--no-config", "--exclude-newer", AS_OF]
    state = work / "state"
    state.mkdir()
    return [
        Side(MAKE_RUN, Headwater(state).first_page),
        Side(REPRO, lambda: seconds_of([str(programs / "repro"), "run", str(scripts[REPRO])])),
        Side(
            UNCOMPILED,
            lambda: seconds_of(
                [*uv_run, "--script", str(scripts[UNCOMPILED])], PYTHONDONTWRITEBYTECODE="1"
            ),
        ),
        Side(
            COMPILED,
            lambda: seconds_of(
                [*uv_run, "--script", str(scripts[COMPILED])], UV_COMPILE_BYTECODE="1"
            ),
        ),
    ]


TARGETS = [
    Target("second make run to the first page", median(MAKE_RUN), 10, " s"),
    Target("repro run / uv run, uncompiled", ratio(REPRO, to=UNCOMPILED), 0.6),
    Target("repro run / uv run, compiled", ratio(REPRO, to=COMPILED), 1.1),
]


def main() -> int:
    given = arguments(__doc__ or "")
    # Not in a private folder: as root the engines run as somebody else.
    work = Path(tempfile.mkdtemp(prefix="headwater-bench-"))
    work.chmod(0o711)
    try:
        measured = sides(work)
        for side in measured:
            side.measure()  # once unmeasured: builds environments, fills caches and the database
        return report(
            in_turns(measured, rounds=2 if given.quick else 5), TARGETS, check=given.check
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
