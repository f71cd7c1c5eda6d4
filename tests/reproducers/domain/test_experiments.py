from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from reproducers.domain.experiments import (
    ExperimentOver,
    advance_experiment,
    cancel_experiment,
    start_experiment,
)
from reproducers.domain.releases import NEWEST
from reproducers.domain.trials import give_back_trial, record_trial
from reproducers.engine.job import Job
from reproducers.engine.verdicts import Symptom, Verdict
from reproducers.models import Experiment, Trial
from reproducers.signals import experiment_ended
from tests.factories import NOW, make_customer, make_engineer
from tests.reproducers.factories import (
    NEWEST_RELEASE,
    SCRIPT,
    later,
    lease,
    make_experiment,
    make_releases,
    make_reproducer,
    report_json,
)

pytestmark = pytest.mark.django_db

Told = list[tuple[Experiment, datetime]]


@contextmanager
def ends_heard() -> Iterator[Told]:
    told: Told = []

    def hear(sender: object, experiment: Experiment, now: datetime, **_: object) -> None:
        told.append((experiment, now))

    experiment_ended.connect(hear)
    try:
        yield told
    finally:
        experiment_ended.disconnect(hear)


def fresh(experiment: Experiment) -> Experiment:
    return Experiment.objects.get(pk=experiment.pk)


def answer(verdict: Verdict = Verdict.CLEAN) -> Trial:
    trial, token = lease()
    return record_trial(
        trial_id=trial.pk, lease_token=token, report_json=report_json(verdict), now=NOW
    )


def releases_of(experiment: Experiment) -> list[str]:
    return [trial.dask for trial in experiment.trials.order_by("position")]


def test_the_reported_release_and_the_newest_are_queued_at_once() -> None:
    make_releases()
    customer, engineer = make_customer(), make_engineer()

    experiment = start_experiment(
        reproducer=make_reproducer(),
        organization=customer.organization,
        releases=["2025.5.1", NEWEST],
        python="3.11.7",
        requested_by=engineer,
        now=NOW,
    )

    kept = fresh(experiment)
    assert (kept.state, kept.requested_by, kept.created_at) == ("queued", engineer, NOW)
    assert releases_of(kept) == ["2025.5.1", NEWEST_RELEASE]
    assert {(each.state, each.python) for each in kept.trials.all()} == {("queued", "3.11")}


def test_a_trial_carries_the_whole_job_as_the_engine_reads_it() -> None:
    reproducer = make_reproducer(symptom="exception", match="KeyError", timeout_seconds=30.0)
    experiment = make_experiment("2025.5.1", reproducer=reproducer)

    job = Job.from_json(experiment.trials.get().job_json())

    assert (job.script, job.environment.dask, job.environment.python) == (SCRIPT, "2025.5.1", None)
    assert job.environment.requirements == ("dask[complete]",)
    assert (job.expected.kind, job.expected.match) == (Symptom.EXCEPTION, "KeyError")
    assert (job.policy.timeout_seconds, job.policy.isolation) == (30.0, "bubblewrap")


ASKED = {
    "nothing asked is the newest": ([], [NEWEST_RELEASE]),
    "blanks are nothing": (["", "  "], [NEWEST_RELEASE]),
    "the newest, twice named, is tried once": ([NEWEST_RELEASE, NEWEST], [NEWEST_RELEASE]),
    "one release in two spellings is tried once": (["v2025.5.1", "2025.05.1 "], ["2025.5.1"]),
}


@pytest.mark.parametrize("case", ASKED)
def test_what_was_asked_becomes_releases(case: str) -> None:
    make_releases()
    asked, tried = ASKED[case]

    experiment = make_experiment(*asked) if asked else _without_releases()

    assert releases_of(experiment) == tried


def _without_releases() -> Experiment:
    return start_experiment(
        reproducer=make_reproducer(), organization=None, releases=[], requested_by=None, now=NOW
    )


def test_the_newest_waits_until_the_index_was_read_and_then_stays_the_same() -> None:
    experiment = make_experiment("2025.5.1", NEWEST)
    assert releases_of(experiment) == []
    assert list(Experiment.objects.to_advance()) == [experiment]

    make_releases("2025.9.0")
    advance_experiment(experiment=experiment, now=NOW)
    make_releases("2025.11.0")
    advance_experiment(experiment=experiment, now=NOW)

    assert releases_of(experiment) == ["2025.5.1", "2025.9.0"]


def test_an_experiment_ends_with_its_last_verdict_and_says_so_once() -> None:
    experiment = make_experiment("2025.5.1", "2025.10.0")

    with ends_heard() as told:
        answer()
        advance_experiment(experiment=experiment, now=later(seconds=1))
        assert (fresh(experiment).state, told) == ("running", [])
        answer()
        for _ in range(2):
            advance_experiment(experiment=experiment, now=later(seconds=2))

    assert told == [(experiment, later(seconds=2))]
    assert (fresh(experiment).state, fresh(experiment).ended_at) == ("ended", later(seconds=2))


def test_a_receiver_that_fails_leaves_the_experiment_for_the_next_advance() -> None:
    experiment = make_experiment()
    answer()

    def fail(**_: object) -> None:
        raise ValueError("no room")

    experiment_ended.connect(fail)
    try:
        with pytest.raises(ValueError, match="no room"):
            advance_experiment(experiment=experiment, now=NOW)
    finally:
        experiment_ended.disconnect(fail)

    assert fresh(experiment).state == "running"
    assert list(Experiment.objects.to_advance()) == [experiment]
    assert advance_experiment(experiment=experiment, now=NOW).state == "ended"


def test_what_the_plan_has_not_heard_is_to_be_advanced_and_nothing_else() -> None:
    heard, unheard = make_experiment("2025.1.0", "2025.2.0"), make_experiment("2025.3.0")
    assert list(Experiment.objects.to_advance()) == []

    answer()
    answer()
    answer()
    assert set(Experiment.objects.to_advance()) == {heard, unheard}
    advance_experiment(experiment=heard, now=NOW)

    assert list(Experiment.objects.to_advance()) == [unheard]


IMPOSSIBLE = {
    "no version at all": (["the newest"], "", "'the newest' is no release of Dask."),
    "another language": (["2025.5.1"], "pypy", "'pypy' is no version of Python"),
    "a Python of another time": (["2025.5.1"], "2.7", "'2.7' is no version of Python"),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_exist_is_recorded_at_once_with_the_reason(case: str) -> None:
    releases, python, reason = IMPOSSIBLE[case]

    with ends_heard() as told:
        experiment = start_experiment(
            reproducer=make_reproducer(),
            organization=None,
            releases=releases,
            python=python,
            requested_by=None,
            now=NOW,
        )

    trial = experiment.trials.get()
    assert (trial.state, trial.verdict, trial.job) == ("ended", "unsatisfiable", None)
    assert trial.report is not None
    assert trial.report["reason"].startswith(reason)
    assert told == [(experiment, NOW)]


def test_one_impossible_release_does_not_keep_the_others_from_being_tried() -> None:
    experiment = make_experiment("nonsense", "2025.5.1")
    assert fresh(experiment).state == "queued"

    answer()

    assert advance_experiment(experiment=experiment, now=NOW).state == "ended"


def test_cancelling_ends_what_waits_asks_what_runs_and_says_so() -> None:
    experiment = make_experiment("2025.1.0", "2025.2.0")
    trial, token = lease()
    actor = make_engineer()

    with ends_heard() as told:
        cancel_experiment(experiment=experiment, actor=actor, now=later(seconds=1))

    kept = fresh(experiment)
    assert (kept.state, kept.cancelled_by, kept.ended_at) == ("cancelled", actor, later(seconds=1))
    assert [each.state for each in kept.trials.order_by("position")] == ["leased", "cancelled"]
    assert told == [(experiment, later(seconds=1))]
    give_back_trial(trial_id=trial.pk, lease_token=token, now=later(seconds=2))
    assert {each.state for each in kept.trials.all()} == {"cancelled"}


def test_what_is_over_is_not_cancelled_and_stays_as_it_is() -> None:
    experiment = make_experiment()
    answer()
    advance_experiment(experiment=experiment, now=NOW)

    with pytest.raises(ExperimentOver) as refusal:
        cancel_experiment(experiment=experiment, actor=None, now=NOW)

    assert refusal.value.remedy != ""
    assert fresh(experiment).state == "ended"
    with pytest.raises(Exception, match="nothing changes it"):
        Experiment.objects.filter(pk=experiment.pk).update(state="queued", ended_at=None)


def test_what_already_ended_stays_when_the_rest_is_cancelled() -> None:
    experiment = make_experiment("2025.1.0", "2025.2.0")
    answer(Verdict.REPRODUCED)

    cancel_experiment(experiment=experiment, actor=None, now=NOW)

    assert [each.state for each in experiment.trials.order_by("position")] == ["ended", "cancelled"]
