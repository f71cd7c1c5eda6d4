"""Plans are pure and forget, rows remember: a plan is rebuilt, asked, and what it wants queued."""

import json
from collections import Counter
from datetime import datetime

from packaging.version import InvalidVersion, Version

from reproducers.domain.preparation import prepare_job
from reproducers.domain.releases import NEWEST, newest_release
from reproducers.domain.trials import end_unprepared
from reproducers.domain.wakeups import wake_runners
from reproducers.engine.errors import EngineError
from reproducers.engine.plans.matrix import Matrix
from reproducers.engine.trials import Trial as PlannedTrial
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment, Trial


def carry_on(*, experiment: Experiment, now: datetime) -> bool:
    """Replay what is recorded into the plan and queue what it wants next; True once it is done.

    The caller holds the experiment's row, and saves it.
    """
    releases = _releases(experiment)
    if releases is None:
        return False
    plan = Matrix(_cells(releases, experiment.plan_arguments["python"] or None))
    rows = list(experiment.trials.order_by("position"))
    _replay(plan, rows)
    while wanted := _wanted(plan, rows):
        made = [
            _make_trial(experiment, planned, position=position, now=now)
            for position, planned in enumerate(wanted, start=len(rows))
        ]
        _replay(plan, made)
        rows += made
    experiment.replayed = sum(row.state == Trial.State.ENDED for row in rows)
    if any(row.state == Trial.State.QUEUED for row in rows):
        wake_runners()
    return plan.result() is not None


def _replay(plan: Matrix, rows: list[Trial]) -> None:
    for row in rows:
        if row.state == Trial.State.ENDED:
            plan.record(_planned(row), Verdict(row.verdict))


def _wanted(plan: Matrix, rows: list[Trial]) -> list[PlannedTrial]:
    """What the plan is ready for and nobody was asked for yet."""
    waiting = Counter(_planned(row) for row in rows if row.is_open)
    return list((Counter(plan.ready()) - waiting).elements())


def _make_trial(
    experiment: Experiment, planned: PlannedTrial, *, position: int, now: datetime
) -> Trial:
    """Queue one trial; one that cannot even be prepared ends at once, with the reason."""
    trial = Trial(
        experiment=experiment,
        position=position,
        dask=planned.dask,
        python=planned.python or "",
        as_of=planned.as_of,
        queued_at=now,
        ready_at=now,
    )
    try:
        job = prepare_job(reproducer=experiment.reproducer, planned=planned)
    except EngineError as error:
        end_unprepared(trial=trial, error=error, now=now)
    else:
        trial.job = json.loads(job.to_json())
        trial.gpus = job.policy.gpus
        trial.save()
    return trial


def _releases(experiment: Experiment) -> list[str] | None:
    """The releases to try, each once; None while NEWEST stands for nothing yet.

    What NEWEST stood for is kept: a release that appears meanwhile does not change the plan.
    """
    arguments = experiment.plan_arguments
    if "releases" not in arguments:
        newest = newest_release() if NEWEST in arguments["asked"] else None
        if NEWEST in arguments["asked"] and newest is None:
            return None
        named = [newest if asked == NEWEST else _normal(asked) for asked in arguments["asked"]]
        arguments["releases"] = list(dict.fromkeys(named))
    releases: list[str] = arguments["releases"]
    return releases


def _normal(release: str) -> str:
    """2025.5.1 for v2025.05.1; what is no version stays, to be refused by its name."""
    try:
        return str(Version(release))
    except InvalidVersion:
        return release


def _cells(releases: list[str], python: str | None) -> list[PlannedTrial]:
    return [PlannedTrial(dask=release, python=python) for release in releases]


def _planned(row: Trial) -> PlannedTrial:
    return PlannedTrial(dask=row.dask, python=row.python or None, as_of=row.as_of)
