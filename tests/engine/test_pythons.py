"""The private cluster and the observer on the Pythons that old and new releases are for."""

import pytest

from reproducers.engine import interpreters
from reproducers.engine.job import EnvironmentSpec, Job
from reproducers.engine.run import run_job
from tests.engine.builds import build

SCRIPT = """
import sys
import dask.array as da
from dask.distributed import Client

if __name__ == "__main__":
    with Client() as client:
        told = client.submit(lambda: "%d.%d" % sys.version_info[:2]).result()
        print(told, da.ones(10, chunks=5).sum().compute())
"""


@pytest.mark.soak
@pytest.mark.index
@pytest.mark.sandbox
@pytest.mark.cluster
@pytest.mark.parametrize(
    ("dask", "python"),
    [
        ("2022.11.0", "3.8"),
        ("2022.11.0", "3.9"),
        ("2023.5.0", "3.8"),
        ("2024.8.0", "3.9"),
        ("2024.12.1", "3.13"),
        ("2026.8.0", "3.13"),
    ],
)
def test_a_release_runs_on_each_python_that_it_is_for(dask: str, python: str) -> None:
    if not interpreters.installed(python):
        pytest.skip(f"Python {python} is not on this machine")
    spec = EnvironmentSpec(requirements=("dask[complete]",), dask=dask, python=python)
    build(spec)
    report = run_job(
        Job(script=SCRIPT, environment=spec), emit=lambda event: None, cancelled=lambda: False
    )
    assert (report.verdict, report.output) == ("clean", f"{python} 10.0")
