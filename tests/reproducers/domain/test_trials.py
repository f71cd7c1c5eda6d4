"""The life of one trial, as a table of what may happen to it in each state."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reproducers.domain.experiments import cancel_experiment
from reproducers.domain.trials import (
    ATTEMPTS,
    LEASE,
    Answer,
    LeaseLost,
    give_back_trial,
    heartbeat,
    lease_trial,
    record_trial,
    requeue_lost_trials,
)
from reproducers.engine.events import Event
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment, Trial
from tests.factories import NOW, make_organization
from tests.reproducers.factories import (
    later,
    lease,
    make_experiment,
    make_reproducer,
    make_runner,
    report_json,
)

pytestmark = pytest.mark.django_db

LOST = later(seconds=LEASE.total_seconds())


def fresh(trial: Trial) -> Trial:
    return Trial.objects.get(pk=trial.pk)


def test_a_trial_is_leased_to_a_runner_for_half_a_minute() -> None:
    experiment = make_experiment()
    runner = make_runner()

    trial = lease_trial(runner=runner, now=NOW)

    assert trial is not None
    kept = fresh(trial)
    assert (kept.state, kept.runner, kept.attempts) == (Trial.State.LEASED, runner, 1)
    assert (kept.started_at, kept.lease_expires_at) == (NOW, NOW + timedelta(seconds=30))
    assert kept.lease_token == trial.lease_token
    assert Experiment.objects.get(pk=experiment.pk).state == Experiment.State.RUNNING


def test_nothing_ready_is_no_trial() -> None:
    assert lease_trial(runner=make_runner(), now=NOW) is None


def test_a_leased_trial_is_not_leased_again() -> None:
    make_experiment()
    lease()

    assert lease_trial(runner=make_runner(), now=NOW) is None


def test_the_report_ends_the_trial_with_its_verdict() -> None:
    make_experiment()
    trial, token = lease()

    record_trial(
        trial_id=trial.pk, lease_token=token, report_json=report_json(), now=later(seconds=9)
    )

    kept = fresh(trial)
    assert (kept.state, kept.verdict) == (Trial.State.ENDED, "reproduced")
    assert (kept.ended_at, kept.lease_token, kept.progress) == (later(seconds=9), None, None)
    assert kept.report is not None
    assert kept.report["reason"] == "It failed."


def record(trial: Trial, token: uuid.UUID) -> object:
    return record_trial(trial_id=trial.pk, lease_token=token, report_json=report_json(), now=NOW)


def give_back(trial: Trial, token: uuid.UUID) -> object:
    return give_back_trial(trial_id=trial.pk, lease_token=token, now=NOW)


def lose(trial: Trial, token: uuid.UUID) -> object:
    return requeue_lost_trials(now=LOST)


def take_elsewhere(trial: Trial, token: uuid.UUID) -> object:
    requeue_lost_trials(now=LOST)
    return lease(now=LOST)


@pytest.mark.parametrize("what_came_before", [record, give_back, lose, take_elsewhere])
@pytest.mark.parametrize("verb", [record, give_back])
def test_whoever_lost_the_lease_is_refused_and_changes_nothing(
    what_came_before: Callable[[Trial, uuid.UUID], object],
    verb: Callable[[Trial, uuid.UUID], object],
) -> None:
    make_experiment()
    trial, token = lease()
    what_came_before(trial, token)
    before = Trial.objects.values().get(pk=trial.pk)

    with pytest.raises(LeaseLost):
        verb(trial, token)

    assert Trial.objects.values().get(pk=trial.pk) == before
    answer = heartbeat(trial=trial, lease_token=token, progress=None, now=NOW)
    assert answer == Answer(cancel=False, lost=True)


def test_an_ended_trial_cannot_be_changed_not_even_past_the_domain() -> None:
    make_experiment()
    trial, token = lease()
    record(trial, token)

    with pytest.raises(Exception, match="nothing changes it"):
        Trial.objects.filter(pk=trial.pk).update(verdict="clean")


def event(phase: str, *, at: float, done: int = 0, note: str = "") -> Event:
    return Event(phase=phase, done=done, total=40, at=at, note=note)  # type: ignore[arg-type]


def test_a_heartbeat_keeps_the_lease_and_the_newest_event() -> None:
    make_experiment()
    trial, token = lease()

    answer = heartbeat(
        trial=trial,
        lease_token=token,
        progress=event("environment", at=5.0, done=3, note="a\x00b"),
        now=later(seconds=1),
    )

    kept = fresh(trial)
    assert answer == Answer(cancel=False, lost=False)
    assert kept.lease_expires_at == later(seconds=1) + LEASE
    assert kept.progress == {
        "phase": "environment", "done": 3, "total": 40, "at": 5.0, "note": "a\ufffdb", "since": 5.0,
    }  # fmt: skip


def test_progress_remembers_when_its_phase_began() -> None:
    make_experiment()
    trial, token = lease()
    since = []

    for told in (
        event("environment", at=5.0),
        event("environment", at=6.0),
        None,
        event("start", at=9.0),
    ):
        heartbeat(trial=trial, lease_token=token, progress=told, now=NOW)
        progress = fresh(trial).progress
        assert progress is not None
        since.append(progress["since"])

    assert since == [5.0, 5.0, 5.0, 9.0]


def test_a_trial_given_back_is_as_it_was_before() -> None:
    make_experiment()
    trial, token = lease()

    give_back_trial(trial_id=trial.pk, lease_token=token, now=later(seconds=3))

    kept = fresh(trial)
    assert (kept.state, kept.attempts, kept.runner) == (Trial.State.QUEUED, 0, None)
    assert (kept.ready_at, kept.started_at, kept.progress) == (later(seconds=3), None, None)


def test_after_a_failure_of_ours_it_rests_and_is_tried_again() -> None:
    make_experiment()
    trial, token = lease()

    give_back_trial(
        trial_id=trial.pk,
        lease_token=token,
        failure="The index does not answer.",
        retry_after=timedelta(seconds=30),
        now=NOW,
    )

    assert lease_trial(runner=make_runner(), now=later(seconds=29)) is None
    again, _ = lease(now=later(seconds=30))
    assert (again.pk, again.attempts) == (trial.pk, 2)


def test_the_third_failure_ends_it_with_the_reason() -> None:
    make_experiment()
    for _ in range(ATTEMPTS):
        trial, token = lease()
        give_back_trial(trial_id=trial.pk, lease_token=token, failure="The disk is full.", now=NOW)

    kept = fresh(trial)
    assert (kept.state, kept.verdict) == (Trial.State.ENDED, "infrastructure")
    assert kept.report is not None
    assert kept.report["reason"] == "The disk is full. It was tried 3 times; the fault is ours."


def test_stopping_runners_give_a_trial_back_as_often_as_they_like() -> None:
    make_experiment()
    for _ in range(ATTEMPTS + 1):
        trial, token = lease()
        give_back(trial, token)

    assert fresh(trial).state == Trial.State.QUEUED


def test_a_lost_lease_is_requeued_at_its_end_and_not_before() -> None:
    make_experiment()
    trial, _ = lease()

    assert requeue_lost_trials(now=LOST - timedelta(seconds=1)) == []
    assert requeue_lost_trials(now=LOST) == [trial]

    assert fresh(trial).state == Trial.State.QUEUED


def test_a_trial_that_takes_its_runner_down_thrice_ends() -> None:
    make_experiment()
    for attempt in range(ATTEMPTS):
        trial, _ = lease(now=later(seconds=60 * attempt))
        requeue_lost_trials(now=later(seconds=60 * attempt + 30))

    kept = fresh(trial)
    assert kept.verdict == "infrastructure"
    assert kept.report is not None
    assert kept.report["reason"].startswith("Its runner was not heard of again.")


@pytest.mark.parametrize("verb", [record, give_back, lose])
def test_once_it_is_to_be_cancelled_every_end_is_a_cancellation(
    verb: Callable[[Trial, uuid.UUID], object],
) -> None:
    experiment = make_experiment()
    trial, token = lease()
    cancel_experiment(experiment=experiment, actor=None, now=NOW)

    answer = heartbeat(trial=trial, lease_token=token, progress=None, now=NOW)
    verb(trial, token)

    assert answer == Answer(cancel=True, lost=False)
    kept = fresh(trial)
    assert (kept.state, kept.verdict, kept.report) == (Trial.State.CANCELLED, "", None)
    assert kept.ended_at is not None


def test_a_report_that_is_no_report_says_so_and_is_ours() -> None:
    make_experiment()
    trial, token = lease()

    record_trial(trial_id=trial.pk, lease_token=token, report_json=b"{", now=NOW)

    kept = fresh(trial)
    assert (kept.state, kept.verdict) == (Trial.State.ENDED, "infrastructure")


def test_a_hostile_report_is_kept_harmless() -> None:
    make_experiment()
    trial, token = lease()
    hostile = {
        "schema": 1,
        "verdict": "clean",
        "reason": "a\x00b\ud800c",
        "output": "\x00" * 10,
        "rate": float("inf"),
        "exception": {"type": "E\x00", "message": "\udfff" * 5, "traceback": "t" * 10_000_000},
        "isolation": ["no", "text"],
    }

    record_trial(
        trial_id=trial.pk,
        lease_token=token,
        report_json=json.dumps(hostile).encode(),
        artifacts={
            "state.json": b"{}",
            "../escape.txt": b"x",
            "page.html": b"<script>",
            "big.txt": b"x" * (4 * 1024**2 + 1),
        },
        now=NOW,
    )

    kept = fresh(trial)
    assert kept.state == Trial.State.ENDED
    assert kept.report is not None
    assert len(json.dumps(kept.report)) < 200_000
    assert "\x00" not in json.dumps(kept.report, ensure_ascii=False)
    (artifact,) = kept.artifacts.all()
    assert (artifact.name, bytes(artifact.content), artifact.size) == ("state.json", b"{}", 2)


def test_the_organization_with_the_fewest_running_comes_first() -> None:
    busy, quiet = make_organization("Busy"), make_organization("Quiet")
    make_experiment("2025.1.0", "2025.2.0", "2025.3.0", organization=busy)
    make_experiment("2025.1.0", organization=quiet, now=later(seconds=60))
    runner = make_runner()

    taken = [lease(runner=runner, now=later(seconds=61))[0] for _ in range(4)]

    assert [trial.experiment.organization for trial in taken] == [busy, quiet, busy, busy]


def test_within_an_organization_the_oldest_comes_first() -> None:
    bank = make_organization()
    make_experiment("2025.2.0", organization=bank, now=later(seconds=5))
    make_experiment("2025.1.0", organization=bank)

    assert [lease(now=later(seconds=9))[0].dask for _ in range(2)] == ["2025.1.0", "2025.2.0"]


def test_no_organization_runs_more_than_its_cap_and_our_own_suite_neither() -> None:
    bank = make_organization()
    make_experiment(*[f"2025.{month}.0" for month in range(1, 5)], organization=bank)
    make_experiment(*[f"2024.{month}.0" for month in range(1, 5)])
    runner = make_runner()

    taken = []
    while trial := lease_trial(runner=runner, now=NOW, organization_cap=2):
        taken.append(trial.experiment.organization)

    assert sorted(taken, key=bool) == [None, None, bank, bank]


def test_a_gpu_trial_waits_for_a_runner_with_gpus() -> None:
    make_experiment(reproducer=make_reproducer(gpus=1))

    assert lease_trial(runner=make_runner(gpus=0), now=NOW) is None
    assert lease_trial(runner=make_runner(gpus=1), now=NOW) is not None


def test_a_runner_gives_no_gpu_twice() -> None:
    for _ in range(2):
        make_experiment(reproducer=make_reproducer(gpus=1))
    one, other = make_runner(gpus=1), make_runner(gpus=1)

    first = lease_trial(runner=one, now=NOW)
    assert lease_trial(runner=one, now=NOW) is None
    second = lease_trial(runner=other, now=NOW)
    assert None not in {first, second}

    make_experiment()
    assert lease_trial(runner=one, now=NOW) is not None


def test_the_database_refuses_a_lease_without_a_token() -> None:
    make_experiment()

    with pytest.raises(Exception, match="a_trial_is_leased_with_a_token_until_an_instant"):
        Trial.objects.update(state=Trial.State.LEASED)


def test_a_lease_takes_five_statements_however_many_trials_wait() -> None:
    make_experiment(*[f"2025.{month}.0" for month in range(1, 10)])
    runner = make_runner()

    with CaptureQueriesContext(connection) as captured:
        lease_trial(runner=runner, now=NOW)

    statements = [query["sql"].split()[0] for query in captured.captured_queries]
    assert statements == ["SAVEPOINT", *["SELECT"] * 3, "UPDATE", "UPDATE", "RELEASE"]


def test_verdicts_of_the_engine_and_of_the_records_are_the_same_words() -> None:
    assert {str(verdict) for verdict in Verdict} == set(Trial.Verdict.values)
