"""A Job is what the script says, unless the caller says otherwise."""

from datetime import date

import pytest

from reproducers.engine.errors import MetadataError
from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Job, RunPolicy
from reproducers.engine.prepare import make_job
from reproducers.engine.script import read_script
from reproducers.engine.verdicts import Symptom

SCRIPT = read_script(
    b"""\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]"]
# [tool.repro]
# symptom = "exception"
# match = "KeyError"
# accept = "not supported"
# workers = 3
# threads = 2
# memory = "1GiB"
# timeout = "30s"
# gpus = 1
# tries = 5
# config = { "array.chunk-size" = "1MiB" }
# env = { OMP_NUM_THREADS = "1" }
# ///
import dask
""",
    name="bug.py",
)


def test_without_any_wish_the_job_is_the_scripts() -> None:
    assert make_job(SCRIPT) == Job(
        script=SCRIPT.text,
        script_name="bug.py",
        environment=EnvironmentSpec(
            requirements=("dask[complete]",), requires_python=">=3.10", gpus=True
        ),
        policy=RunPolicy(timeout_seconds=30.0, memory_bytes=1024**3, workers=3, threads=2, gpus=1),
        expected=ExpectedSymptom(kind=Symptom.EXCEPTION, match="KeyError", accept="not supported"),
        config={"array.chunk-size": "1MiB"},
        env={"OMP_NUM_THREADS": "1"},
        tries=5,
    )


def test_a_wish_wins_over_the_script() -> None:
    assert make_job(
        SCRIPT,
        dask="2024.1.0",
        python="3.12",
        as_of=date(2024, 2, 1),
        requirements=["Pandas==2.0.3"],
        symptom=Symptom.HANG,
        match="stuck",
        accept="fine",
        workers=1,
        threads=1,
        memory_bytes=2 * 1024**3,
        timeout_seconds=10.0,
        gpus=0,
        tries=1,
        isolation="none",
        files={"a.csv": "YQ=="},
    ) == Job(
        script=SCRIPT.text,
        script_name="bug.py",
        environment=EnvironmentSpec(
            requirements=("dask[complete]", "pandas==2.0.3"),
            requires_python=">=3.10",
            dask="2024.1.0",
            python="3.12",
            as_of=date(2024, 2, 1),
        ),
        policy=RunPolicy(
            isolation="none",
            timeout_seconds=10.0,
            memory_bytes=2 * 1024**3,
            workers=1,
            threads=1,
            gpus=0,
        ),
        expected=ExpectedSymptom(kind=Symptom.HANG, match="stuck", accept="fine"),
        config={"array.chunk-size": "1MiB"},
        env={"OMP_NUM_THREADS": "1"},
        files={"a.csv": "YQ=="},
        tries=1,
    )


def test_where_nobody_says_anything_the_defaults_hold() -> None:
    job = make_job(read_script(b"import dask\n"), floating=True)
    assert (job.policy, job.expected, job.tries) == (RunPolicy(), ExpectedSymptom(), 1)
    assert job.environment.floating


def test_a_requirement_on_top_is_held_to_the_same_rules() -> None:
    with pytest.raises(MetadataError, match="asked for from an address"):
        make_job(SCRIPT, requirements=["dask @ https://evil.example/dask.whl"])
