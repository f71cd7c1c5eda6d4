"""Wake-up calls. The work stands in PostgreSQL: a lost task is made good by `sweep`."""

import logging

from celery import shared_task
from celery.signals import worker_ready
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
    """Carry an experiment on after a verdict, or begin it once the releases are known."""
    experiment = Experiment.objects.get(pk=experiment_id)
    advance_experiment(experiment=experiment, now=timezone.now())


@shared_task
def sweep() -> None:
    """Every few seconds: take back what lost its runner, advance what nobody advanced."""
    requeue_lost_trials(now=timezone.now())
    advance_the_rest()
    if newest_release() is None:
        wake(refresh_releases)


@shared_task
def refresh_releases() -> None:
    """Read the releases of Dask off the index, unless that was done lately.

    Where the index does not answer the old list serves on.
    """
    now = timezone.now()
    if not are_releases_stale(now=now):
        return
    try:
        found = releases.known_releases()
    except EnvironmentServiceError as error:
        logger.warning("The releases of Dask were not read: %s", error)
        return
    record_releases(releases=found, now=now)
    advance_the_rest()


def advance_the_rest() -> None:
    for experiment in Experiment.objects.to_advance():
        wake(advance_experiment_task, experiment.pk)


@worker_ready.connect
def read_at_the_start(**_: object) -> None:
    """A first start shall not wait for beat before it knows a release."""
    wake(refresh_releases)
