"""What one try gets of the GPUs: shown by what a sandbox sees, with devices that are none."""

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reproducers.engine import gpu_share, gpus
from reproducers.engine.environments import Environment
from reproducers.engine.environments.locks import Lease
from reproducers.engine.errors import MissingGpu
from reproducers.engine.gpu_share import GpuShare
from reproducers.engine.gpus import Machine
from reproducers.engine.job import Isolation, Job, RunPolicy
from reproducers.engine.report import EnvironmentFacts
from reproducers.engine.sandbox import launch
from reproducers.engine.sandbox.policy import SandboxSpec
from tests.engine import drivers

CUDA = "lib/python3.11/site-packages/nvidia"
BINDINGS = """
from types import SimpleNamespace

def nvmlInit(): pass
def nvmlDeviceGetCount(): return 2
def nvmlDeviceGetHandleByIndex(index): return f"device {index}"
def nvmlDeviceGetMinorNumber(device): return {"device 0": 1, "device 1": 0}[device]
def nvmlDeviceGetMemoryInfo(device):
    return SimpleNamespace(used={"device 0": 3 * 2**30, "device 1": 2**30}[device])
"""


def never() -> bool:
    return False


def go_on(_seconds: float) -> bool:
    return True


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return gpus.look(drivers.machine(tmp_path / "machine"))


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Environment]:
    """An environment with wheels of CUDA's, one of them with a name that would split a path."""
    tree = tmp_path / "tree"
    for name in ("cublas/lib", "cuda_runtime/lib", "a:b/lib"):
        (tree / CUDA / name).mkdir(parents=True)
    facts = EnvironmentFacts(python="3.11.7", dask=None, distributed=None, as_of="", lock="")
    with Environment(
        key="key",
        folder=tree,
        python="/env/bin/python",
        mounts=(),
        variables={},
        facts=facts,
        lease=Lease.take(tmp_path / "lease"),
    ) as held:
        yield held


def share(machine: Machine, environment: Environment, *, minors: tuple[int, ...]) -> GpuShare:
    mine = tuple(gpu for gpu in machine.gpus if gpu.minor in minors)
    return GpuShare(gpus=mine, machine=machine, environment=environment)


def spec(isolation: Isolation = "bubblewrap") -> SandboxSpec:
    return SandboxSpec(argv=("true",), isolation=isolation, environment={"A": "1"})


def test_a_job_without_gpus_gets_nothing(environment: Environment) -> None:
    gpu_share.check(RunPolicy())
    with gpu_share.held(Job(script=""), environment, cancelled=never) as nothing:
        assert nothing.added(spec()) == spec()
        assert nothing.watching(go_on) is go_on
        assert nothing.notes() == ()


def test_a_job_with_gpus_is_refused_where_there_are_none() -> None:
    with pytest.raises(MissingGpu, match="This machine has no NVIDIA GPU"):
        gpu_share.check(RunPolicy(gpus=1), Machine())


def test_gvisor_shows_none(machine: Machine) -> None:
    gpu_share.check(RunPolicy(gpus=2), machine)
    with pytest.raises(MissingGpu, match="gVisor"):
        gpu_share.check(RunPolicy(gpus=1, isolation="gvisor"), machine)


def test_cuda_finds_the_driver_and_its_libraries(
    machine: Machine, environment: Environment
) -> None:
    added = share(machine, environment, minors=(1,)).added(spec())
    assert added.environment == {
        "A": "1",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": "0",
        "CUDA_PATH": f"/env/{CUDA}/cuda_runtime",
        "LD_LIBRARY_PATH": f"/driver:/env/{CUDA}/cublas/lib:/env/{CUDA}/cuda_runtime/lib",
    }
    assert [mount.target for mount in added.mounts if mount.device] == [
        "/dev/nvidia1",
        "/dev/nvidiactl",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
    ]


def test_without_a_sandbox_the_devices_keep_their_numbers(
    machine: Machine, environment: Environment
) -> None:
    added = share(machine, environment, minors=(1,)).added(spec("none"))
    assert added.mounts == ()
    assert added.environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert "/driver" not in added.environment["LD_LIBRARY_PATH"]


def test_an_environment_without_cuda_keeps_its_own_path(
    machine: Machine, environment: Environment
) -> None:
    bare = dataclasses.replace(environment, folder=environment.folder / "lib")
    own = dataclasses.replace(spec(), environment={"LD_LIBRARY_PATH": "/python/lib"})
    added = share(machine, bare, minors=(0, 1)).added(own)
    assert added.environment["LD_LIBRARY_PATH"] == "/driver:/python/lib"
    assert added.environment["CUDA_VISIBLE_DEVICES"] == "0,1"
    assert "CUDA_PATH" not in added.environment


def test_memory_of_gpus_is_watched_where_nvml_is_there(
    machine: Machine, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pynvml.py").write_text(BINDINGS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    job = Job(script="", policy=RunPolicy(gpus=1))
    locks = tmp_path / "locks"
    locks.mkdir()
    with gpu_share.held(job, environment, cancelled=never, machine=machine, locks=locks) as mine:
        assert mine.watching(go_on)(1.0) is True
        assert mine.notes()[0] == (
            "GPUs: Small 0; at most 1 GiB of their memory were seen in use, and no limit of ours "
            "holds there."
        )
    monkeypatch.delitem(sys.modules, "pynvml")


def test_a_look_that_fails_ends_nothing(machine: Machine, environment: Environment) -> None:
    class Broken:
        def used_bytes(self, minor: int) -> int:
            raise OSError

    mine = share(machine, environment, minors=(0,))
    mine.nvml = Broken()
    assert mine.watching(go_on)(1.0) is True
    assert "is not known" in mine.notes()[0]


def test_without_its_bindings_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpu_share.nvml() is None


@pytest.mark.sandbox
def test_a_script_opens_its_device_and_no_other(
    machine: Machine, environment: Environment, tmp_path: Path
) -> None:
    looks = (
        "for f in /dev/nvidia* /driver/*; do echo $f; done; "
        "echo x > /dev/nvidia1 && echo written; cat /driver/libcuda.so.1; "
        "touch /driver/new || echo closed"
    )
    seen = share(machine, environment, minors=(1,)).added(
        SandboxSpec(argv=("/bin/sh", "-c", looks), environment={"PATH": "/usr/bin:/bin"})
    )
    outcome = launch.run(seen, go_on)
    assert outcome.stdout.decode().split("\n") == [
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
        "/dev/nvidia1",
        "/dev/nvidiactl",
        "/driver/libcuda.so.1",
        "/driver/libcuda.so.555.1",
        "/driver/libnvidia-ml.so.1",
        "written",
        "a libraryclosed",
        "",
    ]


def test_the_cluster_has_a_worker_for_each_gpu() -> None:
    policy = RunPolicy(gpus=4, workers=2, memory_bytes=20 * 2**30)
    assert (policy.cluster_workers, policy.worker_memory_bytes) == (4, 4 * 2**30)
    assert json.loads(Job(script="", policy=policy).to_json())["policy"]["gpus"] == 4
