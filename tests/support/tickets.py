"""Tickets and trials for tests, made by the verbs that people use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.models import User
from reproducers.domain.experiments import advance_experiment
from reproducers.domain.releases import record_releases
from reproducers.domain.runners import register_runner
from reproducers.domain.trials import lease_trial, record_trial
from reproducers.engine.releases import Release
from reproducers.engine.report import EnvironmentFacts, ExceptionFacts, Phases, Report, Try
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment
from support.domain.tickets import open_ticket
from support.models import Ticket, TrackedIssue, Tracker
from support.models.tickets import Channel
from tests.factories import NOW, make_customer

SCRIPT = b"import dask\n\nassert dask.delayed(sum)([1, 2]).compute() == 4\n"
NEWEST_RELEASE = "2026.8.0"
MINUTE = timedelta(minutes=1)


def later(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def make_ticket(customer: User | None = None, **facts: Any) -> Ticket:
    """A ticket of a seat holder, opened in the portal without a script unless told otherwise."""
    opener = customer or make_customer()
    assert opener.organization is not None
    values: dict[str, Any] = {
        "organization": opener.organization,
        "project": None,
        "opened_by": opener,
        "title": "Workers stay paused",
        "body": "After a shuffle no worker takes tasks any more.",
        "channel": Channel.PORTAL,
        "now": NOW,
    }
    return open_ticket(**(values | facts))


def track(ticket: Ticket) -> TrackedIssue:
    """Make it the ticket of an issue in the organization's tracker."""
    tracker, _ = Tracker.objects.get_or_create(
        repository_id=7000 + ticket.organization_id,
        defaults={
            "organization": ticket.organization,
            "full_name": "acme/support",
            "connected_at": NOW,
        },
    )
    return TrackedIssue.objects.create(
        tracker=tracker, issue_id=9000 + ticket.pk, number=ticket.pk, ticket=ticket
    )


def know_releases(*versions: str) -> None:
    """The index has these releases of Dask."""
    record_releases(
        releases=[Release(version=version, uploaded_at=NOW) for version in versions], now=NOW
    )


def report(verdict: Verdict, **facts: Any) -> Report:
    """A report as the engine would write it."""
    is_hit = verdict == Verdict.REPRODUCED
    values: dict[str, Any] = {
        "reason": f"It was {verdict}.",
        "hits": int(is_hit),
        "runs": 1,
        "tries": (Try(verdict=verdict, seconds=1.5, peak_memory_bytes=300 * 1024**2),),
        "seconds": Phases(environment=2.0, start=0.8, script=1.5),
    }
    if is_hit:
        values["exception"] = ExceptionFacts(
            type="AssertionError", message="", traceback="Traceback: line 3\nAssertionError"
        )
    return Report(verdict=verdict, **(values | facts))


def environment(dask: str) -> EnvironmentFacts:
    return EnvironmentFacts(
        python="3.11.9",
        dask=dask,
        distributed=dask,
        as_of="2026-08-01",
        lock="0123abcd",
        packages={"dask": dask, "pandas": "2.2.3"},
    )


def run_all(reports: Sequence[Report], *, now: datetime = NOW) -> list[Experiment]:
    """Have a runner take as many trials as there are reports, and carry their plans on."""
    runner = register_runner(
        name="test", slots=8, gpus=0, isolation="bubblewrap", limits="cgroup-v2", now=now
    )
    experiments = {}
    for one in reports:
        trial = lease_trial(runner=runner, now=now)
        assert trial is not None, "there are fewer trials than reports"
        assert trial.lease_token is not None
        record_trial(
            trial_id=trial.pk,
            lease_token=trial.lease_token,
            report_json=one.to_json().encode(),
            now=now,
        )
        experiments[trial.experiment_id] = trial.experiment
    return [advance_experiment(experiment=each, now=now) for each in experiments.values()]
