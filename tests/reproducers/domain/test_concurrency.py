"""What happens when two do it at once, on real connections of their own."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, transaction

from reproducers.domain.experiments import advance_experiment, cancel_experiment
from reproducers.domain.trials import LeaseLost, lease_trial, record_trial, requeue_lost_trials
from reproducers.models import Experiment, Runner, Trial
from tests.factories import NOW, make_organization
from tests.reproducers.factories import later, lease, make_experiment, make_runner, report_json

pytestmark = pytest.mark.django_db(transaction=True)

Answer = TypeVar("Answer")


def at_once(*calls: Callable[[], Answer]) -> list[Answer | Exception]:
    """What each of `calls` answers or raises when all of them start together."""
    barrier = threading.Barrier(len(calls))

    def begin(call: Callable[[], Answer]) -> Answer | Exception:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def take_all(runner: Runner, *, cap: int = 8) -> list[int]:
    taken = []
    while trial := lease_trial(runner=runner, now=NOW, organization_cap=cap):
        taken.append(trial.pk)
    return taken


def test_no_trial_is_leased_twice_and_none_is_left() -> None:
    for month in range(1, 5):
        bank = make_organization()
        make_experiment(*[f"2025.{month}.{patch}" for patch in range(5)], organization=bank)
    runners = [make_runner() for _ in range(4)]

    taken = at_once(*[lambda runner=runner: take_all(runner) for runner in runners])

    counts = Counter(pk for pks in taken for pk in pks)  # type: ignore[union-attr]
    assert counts == Counter(Trial.objects.values_list("pk", flat=True))


def test_two_runners_at_once_keep_to_an_organizations_cap() -> None:
    make_experiment(*[f"2025.{month}.0" for month in range(1, 9)], organization=make_organization())
    runners = [make_runner() for _ in range(4)]

    at_once(*[lambda runner=runner: take_all(runner, cap=3) for runner in runners])

    assert Trial.objects.running().count() == 3


def test_a_report_that_arrives_twice_at_once_is_recorded_once() -> None:
    make_experiment()
    trial, token = lease()

    def record() -> Trial:
        return record_trial(
            trial_id=trial.pk, lease_token=token, report_json=report_json(), now=NOW
        )

    answers = at_once(record, record, record)

    assert sorted(type(answer).__name__ for answer in answers) == ["LeaseLost"] * 2 + ["Trial"]


def test_a_report_and_the_end_of_its_lease_at_once_have_one_winner() -> None:
    make_experiment()
    trial, token = lease()

    report, requeued = at_once(
        lambda: record_trial(
            trial_id=trial.pk, lease_token=token, report_json=report_json(), now=NOW
        ),
        lambda: requeue_lost_trials(now=later(seconds=60)),
    )

    kept = Trial.objects.get(pk=trial.pk)
    if isinstance(report, LeaseLost):
        assert (kept.state, requeued) == ("queued", [trial])
    else:
        assert (kept.state, requeued) == ("ended", [])


def test_cancelling_while_runners_take_trials_leaves_nothing_to_take() -> None:
    experiment = make_experiment(*[f"2025.{month}.0" for month in range(1, 9)])
    runner = make_runner()

    def cancel() -> list[int]:
        cancel_experiment(experiment=experiment, actor=None, now=NOW)
        return []

    answers = at_once(cancel, lambda: take_all(runner), lambda: take_all(runner))

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    open_trials = Trial.objects.open()
    assert {trial.state for trial in open_trials} <= {"leased"}
    assert all(trial.cancel_requested_at == NOW for trial in open_trials)


def test_an_experiment_is_ended_once_by_many_that_advance_it() -> None:
    experiment = make_experiment()
    trial, token = lease()
    record_trial(trial_id=trial.pk, lease_token=token, report_json=report_json(), now=NOW)

    answers = at_once(
        *[lambda: advance_experiment(experiment=experiment, now=NOW).state for _ in range(4)]
    )

    assert answers == ["ended"] * 4
    assert Experiment.objects.get(pk=experiment.pk).ended_at == NOW


def test_nobody_waits_for_an_experiment_that_somebody_is_busy_with() -> None:
    busy = make_experiment("2025.1.0")
    make_experiment("2025.2.0", now=later(seconds=1))
    runner = make_runner()

    with transaction.atomic():
        Experiment.objects.select_for_update().get(pk=busy.pk)
        (taken,) = at_once(lambda: lease_trial(runner=runner, now=later(seconds=2)))

    assert isinstance(taken, Trial)
    assert taken.dask == "2025.2.0"


def test_a_token_of_nobody_records_nothing() -> None:
    make_experiment()
    trial, _ = lease()

    with pytest.raises(LeaseLost):
        record_trial(
            trial_id=trial.pk, lease_token=uuid.uuid4(), report_json=report_json(), now=NOW
        )
