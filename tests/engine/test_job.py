"""A Job travels as JSON and comes back as it was."""

import json
from datetime import date

import pytest

from reproducers.engine.errors import UsageError
from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Job, RunPolicy
from reproducers.engine.protections import Protection
from reproducers.engine.verdicts import Symptom, Verdict

FULL = Job(
    script="pass",
    script_name="bug.py",
    environment=EnvironmentSpec(
        requirements=("dask[complete]",), dask="2026.8.0", as_of=date(2026, 9, 1)
    ),
    policy=RunPolicy(isolation="none", workers=3),
    expected=ExpectedSymptom(kind=Symptom.HANG, match="x"),
    config={"distributed": {"worker": {"resources": {"GPU": 2}}}},
    env={"TZ": "UTC"},
    files={"a.csv": "YQ=="},
    tries=3,
)


@pytest.mark.parametrize("job", [FULL, Job(script="")])
def test_a_job_read_back_is_the_job(job: Job) -> None:
    assert Job.from_json(job.to_json()) == job


def test_a_job_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema"):
        Job.from_json(json.dumps({**json.loads(FULL.to_json()), "schema": 99}))


def test_a_job_that_switches_a_protection_off_is_not_taken_from_elsewhere() -> None:
    policy = RunPolicy(without=(Protection.NETWORK,))
    with pytest.raises(UsageError, match="switches protections of the sandbox off"):
        Job.from_json(Job(script="pass", policy=policy).to_json())


def test_what_is_no_plain_data_has_no_place_in_a_job() -> None:
    with pytest.raises(TypeError, match="set has no place in a Job"):
        Job(script="", config={"x": {1}}).to_json()


def test_the_private_workers_share_four_fifths_of_the_memory() -> None:
    assert RunPolicy(memory_bytes=1000, workers=4).worker_memory_bytes == 200


def test_only_two_verdicts_are_evidence() -> None:
    assert {verdict for verdict in Verdict if verdict.is_evidence} == {
        Verdict.REPRODUCED,
        Verdict.CLEAN,
    }
