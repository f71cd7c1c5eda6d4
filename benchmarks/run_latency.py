"""How long a script waits for its result: bare, in a cold sandbox, and in one that was kept ready.

`uv run` bare, as uv leaves it (imports uncompiled) and compiled, against `repro run --cold` of the
same script in each sandbox that works here. Then, for sandboxes that waited, the seconds from the
script's delivery to its first task: without a cluster, with one that has to be started, and with
one that was up.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.comparison import Side, Target, arguments, in_turns, median, ratio, report
from benchmarks.start import AS_OF, DASK, SCRIPT, seconds_of
from reproducers.engine.environments import obtain
from reproducers.engine.job import EnvironmentSpec, Isolation, Job
from reproducers.engine.trial_run import Watcher
from reproducers.engine.warm.kinds import Kind, kind_of
from reproducers.engine.warm.sandbox import prepare

UNCOMPILED, COMPILED = "uv run, uncompiled", "uv run, compiled"
BUBBLEWRAP, GVISOR = "cold, bubblewrap", "cold, gVisor"
ALONE, STARTING, UP = "warm", "warm, cluster starts", "warm, cluster up"
PROGRAMS = Path(sys.executable).parent

# The first task says when it runs, by the clock that all processes of the machine share.
WITHOUT_CLUSTER = """\
import dask
import dask.array
import time

if __name__ == "__main__":
    print(dask.delayed(time.monotonic)().compute())
"""
WITH_CLUSTER = """\
import dask
import dask.array
from dask.distributed import Client
import time

if __name__ == "__main__":
    with Client() as client:
        print(client.submit(time.monotonic).result())
"""


def job_of(script: str) -> Job:
    spec = EnvironmentSpec(requirements=("dask[complete]",), dask=DASK, python="3.11")
    return Job(script=script, environment=spec)


def first_task(script: str, *, is_up: bool) -> Callable[[], float]:
    """Seconds from the delivery of `script` to its first task; getting ready is not measured."""
    job = job_of(script)
    found = kind_of(job)
    assert found is not None
    kind = dataclasses.replace(found, has_cluster=is_up)
    return lambda: _delivered(job, kind)


def _delivered(job: Job, kind: Kind) -> float:
    watcher = Watcher(lambda event: None, lambda: False, total=60, note="")
    with (
        obtain(job.environment, emit=lambda event: None, cancelled=lambda: False) as environment,
        prepare(kind, environment, is_wanted=lambda: True) as waiting,
    ):
        assert waiting.is_alive()
        made = waiting.attempt(job, watcher)
        outcome = made.outcome
        if outcome.exit_status != 0:
            raise SystemExit(f"a warm script failed: {outcome.stderr[-2000:].decode()}")
        return float(outcome.stdout) - waiting.delivered_at


def cold(script: Path, isolation: Isolation) -> list[str]:
    flags = ["--cold", "--isolation", isolation]
    return [str(PROGRAMS / "repro"), "run", str(script), *flags]


def gvisor_works(script: Path) -> bool:
    """Whether the script runs there; why not is said."""
    if shutil.which("runsc") is None:
        sys.stderr.write(f"  {GVISOR}: skipped, runsc is not installed\n")
        return False
    command = [*cold(script, "gvisor"), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    told = json.loads(done.stdout or "{}")
    if told.get("verdict") == "clean":
        return True
    why = told.get("reason") or told.get("error", {}).get("message") or done.stderr[-300:]
    sys.stderr.write(f"  {GVISOR}: skipped, the script does not run there: {why}\n")
    return False


def sides(work: Path) -> list[Side]:
    """All sides. Each bare script has a folder of its own: uv keeps an environment for each."""
    scripts = {name: work / name.replace(", ", "-").replace(" ", "-") for name in _BARE}
    for folder in scripts.values():
        folder.mkdir()
        (folder / "script.py").write_text(SCRIPT)
    own = work / "script.py"
    own.write_text(SCRIPT)
    uv_run = [str(PROGRAMS / "uv"), "run", "--no-config", "--exclude-newer", AS_OF, "--script"]

    def bare(name: str) -> Side:
        command = [*uv_run, str(scripts[name] / "script.py")]
        return Side(name, lambda: seconds_of(command, **_BARE[name]))

    measured = [bare(name) for name in _BARE]
    measured.append(Side(BUBBLEWRAP, lambda: seconds_of(cold(own, "bubblewrap"))))
    if gvisor_works(own):
        measured.append(Side(GVISOR, lambda: seconds_of(cold(own, "gvisor"))))
    return [
        *measured,
        Side(ALONE, first_task(WITHOUT_CLUSTER, is_up=False)),
        Side(STARTING, first_task(WITH_CLUSTER, is_up=False)),
        Side(UP, first_task(WITH_CLUSTER, is_up=True)),
    ]


_BARE = {
    UNCOMPILED: {"PYTHONDONTWRITEBYTECODE": "1"},
    COMPILED: {"UV_COMPILE_BYTECODE": "1"},
}

TARGETS = [
    Target("cold bubblewrap / bare uncompiled", ratio(BUBBLEWRAP, to=UNCOMPILED), 0.6),
    Target("cold bubblewrap / bare compiled", ratio(BUBBLEWRAP, to=COMPILED), 1.1),
    Target("first task after delivery, warm", median(ALONE), 0.25, " s"),
    Target("first task after delivery, cluster up", median(UP), 0.1, " s"),
]


def main() -> int:
    given = arguments(__doc__ or "")
    # Not in a private folder: as root the sandboxes run as somebody else.
    work = Path(tempfile.mkdtemp(prefix="headwater-bench-"))
    work.chmod(0o711)
    try:
        measured = sides(work)
        for side in measured:
            side.measure()  # once unmeasured: builds environments and fills caches
        rounds = 3 if given.quick else 9
        return report(in_turns(measured, rounds=rounds), TARGETS, check=given.check)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.exit(main())
