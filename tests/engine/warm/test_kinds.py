"""What has to be the same for one sandbox to suit two jobs, and which jobs it never suits."""

from typing import Any

import pytest

from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Job, RunPolicy
from reproducers.engine.verdicts import Symptom
from reproducers.engine.warm.kinds import Kind, kind_of, wanted, wanting

SCRIPT = "import dask.array\nfrom dask.distributed import Client\nwith Client(): pass\n"


def kind(script: str = SCRIPT, **facts: Any) -> Kind | None:
    return kind_of(Job(script=script, **facts))


def test_a_kind_knows_all_but_the_script() -> None:
    found = kind(
        script_name="bug.py",
        environment=EnvironmentSpec(dask="2024.3.0"),
        env={"OMP_NUM_THREADS": "1"},
        config={"array": {"chunk-size": "1MiB"}},
        tries=5,
    )
    assert found is not None
    assert (found.modules, found.has_cluster) == (("dask.array", "dask.distributed"), True)
    assert found.job == Job(
        script="",
        environment=EnvironmentSpec(dask="2024.3.0"),
        env={"OMP_NUM_THREADS": "1"},
        config={"array": {"chunk-size": "1MiB"}},
    )


def test_another_script_with_the_same_beginning_is_of_the_same_kind() -> None:
    assert kind(f"{SCRIPT}\nprint(2)") == kind(f"'''About.'''\n{SCRIPT}")


@pytest.mark.parametrize(
    "facts",
    [
        {"environment": EnvironmentSpec(dask="2024.3.0")},
        {"policy": RunPolicy(memory_bytes=1024**3)},
        {"policy": RunPolicy(workers=3)},
        {"policy": RunPolicy(timeout_seconds=5.0)},
        {"env": {"DASK_ARRAY__CHUNK_SIZE": "1MiB"}},
        {"config": {"array": {"chunk-size": "1MiB"}}},
        {"expected": ExpectedSymptom(match="x")},
        {"script": "import pandas\n"},
        {"script": "import dask.array\nfrom dask.distributed import Client\n"},
    ],
)
def test_another_policy_environment_or_setting_is_another_kind(facts: dict[str, Any]) -> None:
    found = kind(**facts)
    assert found is not None
    assert found != kind()


def test_what_else_is_expected_makes_no_other_kind() -> None:
    assert kind(expected=ExpectedSymptom(kind=Symptom.EXCEPTION)) == kind()
    assert kind(expected=ExpectedSymptom(match="a")) == kind(expected=ExpectedSymptom(match="b"))


@pytest.mark.parametrize(
    "facts",
    [
        {"cold": True},
        {"policy": RunPolicy(isolation="none")},
        {"policy": RunPolicy(gpus=1)},
        {"files": {"a.csv": ""}},
        {"against": "2024.3.0"},
        {"is_sync_control": True},
        {"expected": ExpectedSymptom(kind=Symptom.SLOW)},
        {"expected": ExpectedSymptom(kind=Symptom.WARNING)},
    ],
)
def test_what_brings_more_than_a_script_or_is_measured_has_no_kind(facts: dict[str, Any]) -> None:
    assert kind(**facts) is None


@pytest.mark.parametrize(
    "facts",
    [
        {"config": {"distributed": {"scheduler": {"idle-timeout": "5s"}}}},
        {"config": {"distributed.worker.lifetime.duration": "5s"}},
        {"env": {"DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT": "5s"}},
    ],
)
def test_a_cluster_that_a_job_configures_is_not_started_before_it(facts: dict[str, Any]) -> None:
    found = kind(**facts)
    assert found is not None
    assert not found.has_cluster


def test_a_kind_travels_to_a_child_in_a_line_that_is_no_job() -> None:
    found = kind()
    assert found is not None
    assert wanted(wanting(found).encode()) == found
    assert wanted(Job(script=SCRIPT).to_json().encode()) is None
    assert wanted(b"") is None
