"""Typed factories of experiments and what they need."""

import hashlib
import uuid
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import count

from contracts.models import Organization
from reproducers.domain.experiments import start_experiment
from reproducers.domain.runners import register_runner
from reproducers.domain.trials import lease_trial
from reproducers.engine.metadata import RunTable
from reproducers.engine.report import Report
from reproducers.engine.verdicts import Verdict
from reproducers.models import DaskRelease, Experiment, Reproducer, Runner, Trial
from tests.factories import NOW

SCRIPT = """\
# /// script
# requires-python = ">=3.10"
# dependencies = ["dask[complete]"]
# ///
import dask

print(dask.__version__)
"""
NEWEST_RELEASE = "2026.7.1"

_numbers = count(1)


def make_releases(*versions: str, seen_at: datetime = NOW) -> list[DaskRelease]:
    """Releases as the index was last read; the newest is NEWEST_RELEASE unless told otherwise."""
    return [
        DaskRelease.objects.create(
            version=version, uploaded_at=datetime(2025, 1, 1, tzinfo=UTC), seen_at=seen_at
        )
        for version in versions or ("2025.5.1", "2025.10.0", NEWEST_RELEASE)
    ]


def make_reproducer(script: str = SCRIPT, **table: object) -> Reproducer:
    """A row as `record_reproducer` leaves it, without the process that parses a stranger's code."""
    return Reproducer.objects.create(
        script=script,
        sha256=hashlib.sha256(script.encode()).hexdigest(),
        has_metadata=True,
        requirements=["dask[complete]"],
        table=asdict(RunTable()) | table,
        created_at=NOW,
    )


def make_experiment(
    *releases: str,
    organization: Organization | None = None,
    reproducer: Reproducer | None = None,
    now: datetime = NOW,
) -> Experiment:
    """An experiment on `releases`, or one trial on 2025.5.1, for our own suite unless told."""
    return start_experiment(
        reproducer=reproducer or make_reproducer(),
        organization=organization,
        releases=releases or ["2025.5.1"],
        requested_by=None,
        now=now,
    )


def make_runner(name: str = "", *, slots: int = 2, gpus: int = 0, now: datetime = NOW) -> Runner:
    name = name or f"runner-{next(_numbers)}"
    return register_runner(name=name, slots=slots, gpus=gpus, now=now)


def lease(*, runner: Runner | None = None, now: datetime = NOW) -> tuple[Trial, uuid.UUID]:
    """A trial that is ready, leased, and its token."""
    trial = lease_trial(runner=runner or make_runner(now=now), now=now)
    assert trial is not None
    assert trial.lease_token is not None
    return trial, trial.lease_token


def report_json(verdict: Verdict = Verdict.REPRODUCED, reason: str = "It failed.") -> bytes:
    return Report(verdict=verdict, reason=reason).to_json().encode()


def later(*, seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)
