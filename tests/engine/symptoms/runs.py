"""Scripts in real sandboxes, several at once: most of what they do is to stand still."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Job, RunPolicy
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.verdicts import Symptom
from tests.engine.builds import build

OLDEST, MIDDLE, NEWEST = "2022.12.1", "2024.5.2", "2026.8.0"
AT_ONCE = 9


def run(
    script: Path,
    dask: str,
    *,
    kind: Symptom | None = None,
    kept: dict[str, bytes] | None = None,
    **policy: Any,
) -> Report:
    """`kept` is filled with the files that the run left."""
    environment = EnvironmentSpec(requirements=("dask[complete]",), dask=dask, python="3.11")
    build(environment)
    job = Job(
        script=script.read_text(),
        environment=environment,
        expected=ExpectedSymptom(kind=kind),
        policy=RunPolicy(**policy),
    )
    keep = None if kept is None else kept.__setitem__
    return run_job(job, emit=lambda event: None, cancelled=lambda: False, keep=keep)


def together(scripts: Iterable[Path], dask: str, **facts: Any) -> dict[str, Report]:
    """The reports by the names of the scripts."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {script.stem: pool.submit(run, script, dask, **facts) for script in scripts}
        return {name: future.result() for name, future in running.items()}
