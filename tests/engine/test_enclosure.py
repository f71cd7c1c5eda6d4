"""What a script sees and is told, as data: the same on every machine in a sandbox."""

import json
from pathlib import Path

import pytest

from reproducers.engine import enclosure
from reproducers.engine.enclosure import Places
from reproducers.engine.job import Job, RunPolicy
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.policy import SandboxSpec
from tests.engine.unsandboxed import OwnPython


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "try"
    made.mkdir()
    return made


def spec_of(job: Job, folder: Path) -> SandboxSpec:
    enclosure.stage(job, folder)
    obtain = OwnPython(folder.parent)
    with obtain(
        job.environment, emit=lambda event: None, cancelled=lambda: False, isolation="bubblewrap"
    ) as environment:
        return enclosure.sandbox_spec(job, environment, folder)


def test_in_a_sandbox_no_path_of_the_host_is_told(folder: Path) -> None:
    spec = spec_of(Job(script="pass", env={"TZ": "UTC"}), folder)
    told = json.dumps([spec.argv[1:4] + spec.argv[5:], dict(spec.environment)])
    assert str(folder.parent) not in told
    assert (spec.working_directory, spec.network, spec.output) == (
        "/work",
        False,
        folder / "output",
    )


def test_script_and_data_are_shown_read_only_each_for_itself(folder: Path) -> None:
    spec = spec_of(Job(script="pass", files={"a.csv": "YQ=="}), folder)
    assert [(mount.target, mount.writable) for mount in spec.mounts] == [
        ("/repro/reproducers/engine/inside", False),
        ("/work/a.csv", False),
        ("/work/script.py", False),
    ]


def test_limits_are_those_of_the_policy(folder: Path) -> None:
    policy = RunPolicy(timeout_seconds=9.0, memory_bytes=10**9, pids=77, workers=3)
    spec = spec_of(Job(script="pass", policy=policy), folder)
    assert (spec.wall_seconds, spec.memory_bytes, spec.pids) == (9.0, 10**9, 77)
    settings = json.loads(spec.argv[-1])
    assert (settings["workers"], settings["worker_memory_bytes"]) == (3, 266_666_666)


def test_protections_that_are_switched_off_are_so_in_the_sandbox(folder: Path) -> None:
    policy = RunPolicy(without=(Protection.FIRST_PROCESS, Protection.CPU), cpus=0.5)
    spec = spec_of(Job(script="pass", policy=policy), folder)
    assert (spec.without, spec.cpus) == (policy.without, 0.5)
    assert spec.argv[1].endswith("/entry.py")


def test_no_wish_of_the_script_touches_what_observes_it(folder: Path) -> None:
    env = {
        "DASK_DISTRIBUTED__WORKER__PRELOAD": "mine.py",
        "REPRO_OBSERVER_FOLDER": "/elsewhere",
        "PATH": "/mine",
        "OMP_NUM_THREADS": "1",
    }
    variables = spec_of(Job(script="pass", env=env), folder).environment
    assert variables["DASK_DISTRIBUTED__WORKER__PRELOAD"].endswith("/cluster_observer.py']")
    assert (variables["REPRO_OBSERVER_FOLDER"], variables["OMP_NUM_THREADS"]) == ("/output", "1")
    assert variables["PATH"] == "/usr/bin:/bin"


def test_without_a_sandbox_the_paths_are_the_hosts(folder: Path) -> None:
    places = Places.of(Job(script="pass", policy=RunPolicy(isolation="none")), folder)
    assert (places.work, places.output) == (f"{folder}/work", f"{folder}/output")
