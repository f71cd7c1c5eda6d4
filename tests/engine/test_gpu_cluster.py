"""The cluster that RAPIDS' users have, on a machine that only seems to have GPUs.

It shows everything but what a GPU computes: the environment, the devices inside, and that dask-cuda
starts one worker for each, which our observer watches. CUDA itself cannot start here.
"""

import base64
from pathlib import Path

import pytest

from reproducers.engine import gpus
from reproducers.engine.job import EnvironmentSpec, Job, RunPolicy
from reproducers.engine.run import run_job
from tests.engine import drivers
from tests.engine.builds import build

SCRIPT = """
import os, time
from dask.distributed import Client

if __name__ == "__main__":
    client = Client(timeout=60)
    end = time.monotonic() + 60
    while sum("observer-worker" in name for name in os.listdir("/output")) < 2:
        assert time.monotonic() < end
        time.sleep(0.1)
    seen = client.run(lambda: os.environ["CUDA_VISIBLE_DEVICES"])
    print(sorted(seen.values()), client.submit(sum, [1, 2]).result(timeout=30))
"""


@pytest.mark.soak
@pytest.mark.index
@pytest.mark.sandbox
@pytest.mark.cluster
def test_the_private_cluster_is_dask_cudas_with_a_worker_for_each_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = gpus.look(drivers.machine(tmp_path / "machine", gpus=2))
    monkeypatch.setattr(gpus, "look", lambda: machine)
    stand_in = (Path(__file__).parent / "nvml_stand_in.py").read_bytes()
    spec = EnvironmentSpec(requirements=("dask",), gpus=True)
    build(spec)
    report = run_job(
        Job(
            script=SCRIPT,
            environment=spec,
            policy=RunPolicy(gpus=2),
            files={"pynvml.py": base64.b64encode(stand_in).decode()},
        ),
        emit=lambda event: None,
        cancelled=lambda: False,
    )
    assert (report.verdict, report.output.splitlines()[0]) == ("clean", "['0,1', '1,0'] 3")
    assert report.environment is not None
    assert {"dask-cuda", "cupy-cuda12x", "rapids-dask-dependency"} <= set(
        report.environment.packages
    )
    assert "rapids-dask-dependency is installed: it patches Dask whenever Python starts." in (
        report.notes
    )
    assert any("GPUs: Small 0, Small 1;" in note for note in report.notes)
