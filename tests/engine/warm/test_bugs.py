"""Real bugs on real releases: a sandbox that waited finds what a cold one finds."""

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.environments import Environment
from reproducers.engine.prepare import make_job
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.script import read_script_file
from reproducers.engine.warm.kinds import Kind, kind_of
from reproducers.engine.warm.sandbox import NotWarm, WarmSandbox, prepare
from tests.engine.builds import built

pytestmark = [pytest.mark.sandbox, pytest.mark.cluster, pytest.mark.index]

BUGS = Path(__file__).parents[1] / "bugs"
OLD, NEW = "2022.12.1", "2026.8.0"


def both(name: str, dask: str) -> tuple[Report, Report]:
    """The reports of a cold and of a warm run."""
    job = make_job(read_script_file(BUGS / name), dask=dask, python="3.11")
    kind = kind_of(job)
    assert kind is not None
    with built(job.environment) as environment:
        spare = prepared(kind, environment)
    own: dict[str, Any] = {"emit": lambda event: None, "cancelled": lambda: False}
    with spare:
        cold = run_job(dataclasses.replace(job, cold=True), **own)
        return cold, run_job(job, spare=spare, **own)


def prepared(kind: Kind, environment: Environment) -> WarmSandbox:
    """On a machine that is busy, a cluster that starts complains, and is not kept."""
    for _ in range(3):
        with contextlib.suppress(NotWarm):
            return prepare(kind, environment, is_wanted=lambda: True)
    raise AssertionError("none gets ready")


def told(report: Report) -> tuple[Any, ...]:
    exception = report.exception and (report.exception.type, report.exception.message)
    return (
        *(report.verdict, report.reason, report.symptom, report.kind, exception),
        *(report.fingerprint, report.script_fingerprint, report.owner),
    )


@pytest.mark.parametrize(
    ("name", "dask"),
    [
        ("groupby_cov.py", OLD),
        pytest.param("exception_class_lost.py", NEW, marks=pytest.mark.soak),
        pytest.param("groupby_cov.py", NEW, marks=pytest.mark.soak),
        pytest.param("asarray_dtype.py", OLD, marks=pytest.mark.soak),
        pytest.param("asarray_dtype.py", NEW, marks=pytest.mark.soak),
        pytest.param("map_large_keyword.py", OLD, marks=pytest.mark.soak),
        pytest.param("map_large_keyword.py", NEW, marks=pytest.mark.soak),
    ],
)
def test_a_bug_is_found_warm_as_it_is_cold(name: str, dask: str) -> None:
    cold, warm = both(name, dask)
    assert told(warm) == told(cold)
    assert not cold.tries[0].warm
    assert warm.tries[0].warm


def test_a_cluster_that_warns_while_it_starts_is_not_kept() -> None:
    # With a `match` every warning is shown, and this release starts with one.
    job = make_job(read_script_file(BUGS / "exception_class_lost.py"), dask=OLD, python="3.11")
    kind = kind_of(job)
    assert kind is not None
    with built(job.environment) as environment, pytest.raises(NotWarm):
        prepare(kind, environment, is_wanted=lambda: True)
