"""How far trials are, read in a fixed number of queries however many there are."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from reproducers.domain.progress import READY_SECONDS, Progress, Sample, expected, running, waiting
from reproducers.models import Runner, Trial

SAMPLES: Final = 200
NO_RUNNER: Final = "No runner is there; it starts as soon as one is."
NO_GPU: Final = "It waits for a runner with GPUs, and none is there."
NEXT: Final = "It waits for a free place on a runner."


def watch_trials(*, trials: Iterable[Trial], now: datetime) -> dict[int, Progress]:
    """The progress of those of `trials` that are open, by their keys. `experiment` is joined."""
    watched = [trial for trial in trials if trial.is_open]
    earlier = _earlier(watched)
    gpus = list(Runner.objects.alive(now).values_list("gpus", flat=True))
    return {trial.pk: _progress(trial, earlier, gpus, now) for trial in watched}


def _progress(
    trial: Trial, earlier: list[Mapping[str, Any]], gpus: list[int], now: datetime
) -> Progress:
    if trial.started_at is None:
        return waiting(queued_at=trial.queued_at, now=now, note=_why_it_waits(trial, gpus))
    usual = expected([_sample(trial, other) for other in earlier])
    return running(event=trial.progress, started_at=trial.started_at, now=now, usual=usual)


def _why_it_waits(trial: Trial, gpus: list[int]) -> str:
    if not gpus:
        return NO_RUNNER
    return NEXT if max(gpus) >= trial.gpus else NO_GPU


def _earlier(watched: list[Trial]) -> list[Mapping[str, Any]]:
    """Recorded trials of the same environments or the same reproducers, the newest first."""
    if not watched:
        return []
    alike = Q(dask__in={trial.dask for trial in watched}) | Q(
        experiment__reproducer__in={trial.experiment.reproducer_id for trial in watched}
    )
    ended = Trial.objects.filter(
        alike, state=Trial.State.ENDED, report__environment__isnull=False
    ).exclude(report__environment=None)
    return list(
        ended.order_by("-ended_at").values(
            "dask", "python", "as_of", "experiment__reproducer", "report__seconds"
        )[:SAMPLES]
    )


def _sample(trial: Trial, other: Mapping[str, Any]) -> Sample:
    """What another trial tells about this one: its environment stands, its script takes as long."""
    mine = (trial.dask, trial.python, trial.as_of)
    is_same_environment = mine == (other["dask"], other["python"], other["as_of"])
    is_same_script = other["experiment__reproducer"] == trial.experiment.reproducer_id
    seconds = other["report__seconds"]
    return Sample(
        environment=READY_SECONDS if is_same_environment else None,
        start=seconds["start"] if is_same_environment else None,
        script=seconds["script"] if is_same_script else None,
    )
