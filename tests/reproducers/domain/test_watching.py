import dataclasses
from collections.abc import Callable

import pytest

from reproducers.domain.progress import Progress
from reproducers.domain.trials import heartbeat, record_trial
from reproducers.domain.watching import NEXT, NO_GPU, NO_RUNNER, watch_trials
from reproducers.engine.events import Event
from reproducers.engine.report import EnvironmentFacts, Phases, Report
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment, Trial
from tests.factories import NOW
from tests.reproducers.factories import (
    later,
    lease,
    make_experiment,
    make_reproducer,
    make_runner,
)

pytestmark = pytest.mark.django_db

FACTS = EnvironmentFacts(
    python="3.11.7", dask="2025.5.1", distributed="2025.5.1", as_of="2025-06-01", lock="0"
)
RAN = Report(
    verdict=Verdict.CLEAN,
    reason="It ran.",
    environment=FACTS,
    seconds=Phases(environment=60.0, start=2.0, script=8.0),
)


def watch(experiment: Experiment, *, seconds: float = 0.0) -> list[Progress]:
    trials = experiment.trials.select_related("experiment").order_by("position")
    return list(watch_trials(trials=trials, now=later(seconds=seconds)).values())


def record(report: Report) -> None:
    trial, token = lease()
    record_trial(
        trial_id=trial.pk, lease_token=token, report_json=report.to_json().encode(), now=NOW
    )


def begin(phase: str, *, after: float) -> Trial:
    trial, token = lease()
    event = Event(phase=phase, done=0, total=0, at=later(seconds=after).timestamp())  # type: ignore[arg-type]
    heartbeat(trial=trial, lease_token=token, progress=event, now=later(seconds=after))
    return trial


def test_a_waiting_trial_says_for_how_long_and_what_it_waits_for() -> None:
    experiment = make_experiment()
    assert watch(experiment, seconds=7) == [Progress(phase="waiting", seconds=7.0, note=NO_RUNNER)]

    make_runner()
    (progress,) = watch(experiment)
    assert progress.note == NEXT


def test_a_gpu_trial_says_that_no_runner_has_one() -> None:
    make_runner(gpus=0)
    experiment = make_experiment(reproducer=make_reproducer(gpus=1))
    assert [each.note for each in watch(experiment)] == [NO_GPU]

    make_runner(gpus=1)
    assert [each.note for each in watch(experiment)] == [NEXT]


def test_what_is_over_is_not_watched() -> None:
    experiment = make_experiment()
    record(RAN)

    assert watch(experiment) == []


def test_nothing_like_it_ran_so_what_is_left_is_unknown() -> None:
    experiment = make_experiment()
    begin("start", after=1)

    assert watch(experiment, seconds=4) == [Progress(phase="start", seconds=3.0, left=None)]


def test_an_earlier_run_of_the_same_script_there_tells_what_is_left() -> None:
    reproducer = make_reproducer()
    make_experiment("2025.5.1", reproducer=reproducer)
    record(RAN)
    again = make_experiment("2025.5.1", reproducer=reproducer)
    begin("environment", after=0)

    (progress,) = watch(again)

    # The environment stands by now; then 2 s of start, 8 s of script and a second of collecting.
    assert progress.left == 1.0 + 2.0 + 8.0 + 1.0


def test_another_release_of_the_same_script_tells_of_the_script_alone() -> None:
    reproducer = make_reproducer()
    make_experiment("2025.1.0", reproducer=reproducer)
    record(RAN)
    other = make_experiment("2025.5.1", reproducer=reproducer)
    begin("script", after=0)

    assert [each.left for each in watch(other, seconds=3)] == [8.0 - 3.0 + 1.0]


def test_a_trial_that_never_got_an_environment_tells_nothing() -> None:
    reproducer = make_reproducer()
    make_experiment("2025.5.1", reproducer=reproducer)
    record(dataclasses.replace(RAN, verdict=Verdict.UNSATISFIABLE, environment=None))
    again = make_experiment("2025.5.1", reproducer=reproducer)
    begin("script", after=0)

    assert [each.left for each in watch(again)] == [None]


@pytest.mark.parametrize("releases", [1, 3])
def test_watching_takes_three_queries_however_many_trials_there_are(
    releases: int, django_assert_num_queries: Callable[[int], object]
) -> None:
    experiment = make_experiment(*[f"2025.{number}.0" for number in range(1, releases + 1)])

    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        assert len(watch(experiment)) == releases
