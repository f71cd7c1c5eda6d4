"""Experiments: a plan is begun, carried on as verdicts come in, ended or cancelled."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from contracts.models import Organization, User
from reproducers.domain.plans import carry_on
from reproducers.domain.releases import NEWEST
from reproducers.domain.trials import cancel_trials
from reproducers.models import Experiment, Reproducer
from reproducers.signals import experiment_ended
from web.errors import HeadwaterError

RELEASE_CHARACTERS: Final = 32


class ExperimentOver(HeadwaterError):
    """It has ended or was cancelled: nothing can be done to it any more."""

    code = "experiment-over"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "This experiment has ended already.", remedy="Start another one for a new answer."
        )


@transaction.atomic
def start_experiment(
    *,
    reproducer: Reproducer,
    organization: Organization | None,
    releases: Sequence[str],
    requested_by: User | None,
    now: datetime,
    python: str = "",
) -> Experiment:
    """Have `reproducer` tried on each of `releases`: versions of Dask, or NEWEST.

    `python` is a version such as "3.11" or "3.11.4"; empty: the one that fits each release.
    `organization` is whose share of the runners it uses, None for our own suite. Trials stand at
    once where the list of releases was ever read, else as soon as it is.
    """
    asked = [name[:RELEASE_CHARACTERS] for name in map(str.strip, releases) if name]
    experiment = Experiment.objects.create(
        reproducer=reproducer,
        organization=organization,
        plan_arguments={"asked": asked or [NEWEST], "python": _minor(python)},
        requested_by=requested_by,
        created_at=now,
    )
    return _advance(experiment, now)


@transaction.atomic
def advance_experiment(*, experiment: Experiment, now: datetime) -> Experiment:
    """Tell the plan what was recorded, queue what it wants next, and end it when it is done.

    Repeatable: nothing new recorded, nothing changes.
    """
    locked = _locked(experiment)
    return _advance(locked, now) if locked.is_open else locked


@transaction.atomic
def cancel_experiment(*, experiment: Experiment, actor: User | None, now: datetime) -> Experiment:
    """End it without an answer; what runs is stopped within two seconds. Raises ExperimentOver."""
    locked = _locked(experiment)
    if not locked.is_open:
        raise ExperimentOver
    cancel_trials(experiment=locked, now=now)
    locked.cancelled_by = actor
    return _end(locked, Experiment.State.CANCELLED, now)


def _locked(experiment: Experiment) -> Experiment:
    return Experiment.objects.select_for_update(no_key=True).get(pk=experiment.pk)


def _advance(experiment: Experiment, now: datetime) -> Experiment:
    is_done = carry_on(experiment=experiment, now=now)
    if is_done:
        return _end(experiment, Experiment.State.ENDED, now)
    experiment.save()
    return experiment


def _end(experiment: Experiment, state: Experiment.State, now: datetime) -> Experiment:
    experiment.state = state
    experiment.ended_at = now
    experiment.save()
    experiment_ended.send(sender=Experiment, experiment=experiment, now=now)
    return experiment


def _minor(python: str) -> str:
    """3.11 of 3.11.4; what is no version of Python stays, for the runner to refuse by name."""
    match = re.match(r"\s*(?:[Pp]ython\s*)?(3\.[0-9]{1,2})\b", python)
    return match[1] if match else python.strip()[:16]
