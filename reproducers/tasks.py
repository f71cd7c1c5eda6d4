"""Wake-up calls. The work stands in PostgreSQL: a lost task is made good by `sweep`."""

import logging
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from reproducers.domain.experiments import advance_experiment
from reproducers.domain.releases import are_releases_stale, newest_release, record_releases
from reproducers.domain.trials import requeue_lost_trials
from reproducers.engine import releases
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.models import Experiment
from web.wakeups import wake

logger = logging.getLogger(__name__)


@shared_task
def advance_experiment_task(experiment_id: int) -> None:
    """Carry an experiment on after a verdict, or begin it where it waits for the releases."""
    now = timezone.now()
    if newest_release() is None:
        read_releases(now)
    advance_experiment(experiment=Experiment.objects.get(pk=experiment_id), now=now)


@shared_task
def sweep() -> None:
    """Every few seconds: take back what lost its runner, advance what nobody advanced."""
    now = timezone.now()
    requeue_lost_trials(now=now)
    for experiment in Experiment.objects.to_advance():
        wake(advance_experiment_task, experiment.pk)


@shared_task
def refresh_releases() -> None:
    """Read the index again once what is known has become stale."""
    now = timezone.now()
    if are_releases_stale(now=now):
        read_releases(now)


def read_releases(now: datetime) -> None:
    """Read the releases of Dask off the index and keep them; the old list serves meanwhile."""
    try:
        found = releases.known_releases(refresh=True)
    except EnvironmentServiceError as error:
        logger.warning("The releases of Dask were not read: %s", error)
        return
    record_releases(releases=found, now=now)
