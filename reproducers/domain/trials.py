"""The life of a trial: queued, leased by a runner, heard of, and recorded exactly once.

A lease is a token with an end. Whoever holds the token of a trial's present lease may speak for
it; everybody else is refused, so that a runner that was given up cannot record a second verdict.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from reproducers.domain.artifacts import keep_artifacts
from reproducers.domain.reports import own_report, read_report, refusal_report, storable
from reproducers.domain.shares import ORGANIZATION_CAP, next_trial
from reproducers.domain.wakeups import CANCEL, wake_runners
from reproducers.engine.errors import EngineError
from reproducers.engine.events import NOTE_CHARACTERS, Event
from reproducers.engine.report import Report
from reproducers.models import Experiment, Runner, Trial
from web.errors import HeadwaterError

LEASE: Final = timedelta(seconds=30)
ATTEMPTS: Final = 3

_LEASED: Final = (
    "state",
    "runner",
    "lease_token",
    "lease_expires_at",
    "attempts",
    "started_at",
    "progress",
)


class LeaseLost(HeadwaterError):
    """Another runner has this trial, or nobody any more."""

    code = "lease-lost"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "This trial is no longer leased to you.",
            remedy="Drop what you have of it: it was requeued, recorded or cancelled.",
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a heartbeat learns. `cancel`: end the run; `lost`: end it and say nothing more."""

    cancel: bool
    lost: bool


@transaction.atomic
def lease_trial(
    *,
    runner: Runner,
    now: datetime,
    lease_for: timedelta = LEASE,
    organization_cap: int = ORGANIZATION_CAP,
) -> Trial | None:
    """Give `runner` the trial that is next: of the organization with the fewest running, the
    oldest. None where nothing is ready, or nothing that this runner can run."""
    trial = next_trial(runner=runner, now=now, organization_cap=organization_cap)
    if trial is None:
        return None
    trial.state = Trial.State.LEASED
    trial.runner = runner
    trial.lease_token = uuid.uuid4()
    trial.lease_expires_at = now + lease_for
    trial.attempts += 1
    trial.started_at = now
    trial.progress = None
    trial.save(update_fields=_LEASED)
    Experiment.objects.filter(pk=trial.experiment_id, state=Experiment.State.QUEUED).update(
        state=Experiment.State.RUNNING
    )
    return trial


@transaction.atomic
def heartbeat(
    *,
    trial: Trial,
    lease_token: uuid.UUID,
    progress: Event | None,
    now: datetime,
    lease_for: timedelta = LEASE,
) -> Answer:
    """Keep the lease and write the newest event."""
    held = _held(trial.pk, lease_token)
    if held is None:
        return Answer(cancel=False, lost=True)
    held.lease_expires_at = now + lease_for
    if progress is not None:
        held.progress = _with_beginning(progress, held.progress)
    held.save(update_fields=["lease_expires_at", "progress"])
    return Answer(cancel=held.cancel_requested_at is not None, lost=False)


@transaction.atomic
def record_trial(
    *,
    trial_id: int,
    lease_token: uuid.UUID,
    report_json: bytes,
    now: datetime,
    artifacts: Mapping[str, bytes] | None = None,
) -> Trial:
    """Write down what a trial came to, once. The report and the files are taken as hostile.

    Raises LeaseLost where the token is not that of the present lease. A trial that is to be
    cancelled is cancelled, whatever its report says.
    """
    trial = _held(trial_id, lease_token)
    if trial is None:
        raise LeaseLost
    if trial.cancel_requested_at is not None:
        return _cancel(trial, now)
    _end(trial, read_report(report_json), now)
    keep_artifacts(trial=trial, files=artifacts or {})
    return trial


@transaction.atomic
def give_back_trial(
    *,
    trial_id: int,
    lease_token: uuid.UUID,
    now: datetime,
    failure: str = "",
    retry_after: timedelta = timedelta(0),
) -> Trial:
    """Return a trial that was not judged, for another attempt from `retry_after` on.

    `failure` says in a sentence what went wrong on our side: it counts, and the third ends the
    trial. Without one (the runner stops) the attempt does not count. Raises LeaseLost.
    """
    trial = _held(trial_id, lease_token)
    if trial is None:
        raise LeaseLost
    if not failure:
        trial.attempts -= 1
    return _requeue(trial, failure, now, ready_at=now + retry_after)


def end_unprepared(*, trial: Trial, error: EngineError, now: datetime) -> Trial:
    """End a new trial that no Job could be made for."""
    report = refusal_report(code=error.code, message=error.message, remedy=error.remedy)
    return _end(trial, report, now)


@transaction.atomic
def requeue_lost_trials(*, now: datetime) -> list[Trial]:
    """Take back the trials of runners that were not heard in time; those that changed."""
    lost = Trial.objects.lost(now).select_for_update(skip_locked=True, no_key=True)
    failure = "Its runner was not heard of again."
    return [_requeue(trial, failure, now, ready_at=now) for trial in lost]


@transaction.atomic
def cancel_trials(*, experiment: Experiment, now: datetime) -> None:
    """Cancel what of an experiment waits, and ask for the end of what runs."""
    for trial in experiment.trials.select_for_update(no_key=True).order_by("pk"):
        if trial.state == Trial.State.QUEUED:
            _cancel(trial, now)
        elif trial.state == Trial.State.LEASED:
            trial.cancel_requested_at = now
            trial.save(update_fields=["cancel_requested_at"])
    wake_runners(CANCEL)


def _held(trial_id: int, lease_token: uuid.UUID) -> Trial | None:
    """The trial, locked, if that is the token of its present lease."""
    leased: QuerySet[Trial] = Trial.objects.running().select_for_update(no_key=True)
    return leased.filter(pk=trial_id, lease_token=lease_token).first()


def _with_beginning(event: Event, previous: dict[str, Any] | None) -> dict[str, Any]:
    """The event as JSON, with `since`: when its phase began."""
    goes_on = previous is not None and previous["phase"] == event.phase
    note = storable(event.note[:NOTE_CHARACTERS])
    since = previous["since"] if previous is not None and goes_on else event.at
    return {**asdict(event), "note": note, "since": since}


def _requeue(trial: Trial, failure: str, now: datetime, *, ready_at: datetime) -> Trial:
    if trial.cancel_requested_at is not None:
        return _cancel(trial, now)
    if failure and trial.attempts >= ATTEMPTS:
        reason = f"{failure} It was tried {trial.attempts} times; the fault is ours."
        return _end(trial, own_report(reason), now)
    trial.ready_at = ready_at
    trial.runner = trial.started_at = None
    wake_runners()
    return _release(trial, Trial.State.QUEUED)


def _end(trial: Trial, report: Report, now: datetime) -> Trial:
    trial.verdict = report.verdict
    trial.report = storable(report.as_dict())
    trial.ended_at = now
    return _release(trial, Trial.State.ENDED)


def _cancel(trial: Trial, now: datetime) -> Trial:
    trial.ended_at = now
    return _release(trial, Trial.State.CANCELLED)


def _release(trial: Trial, state: Trial.State) -> Trial:
    """Put the trial into a state in which nobody holds it."""
    trial.state = state
    trial.lease_token = trial.lease_expires_at = trial.progress = None
    trial.save()
    return trial
