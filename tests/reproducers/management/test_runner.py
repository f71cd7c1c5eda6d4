"""The runner's loop with real PostgreSQL, real Redis and real children that run no sandbox."""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from reproducers.domain.experiments import cancel_experiment
from reproducers.domain.runners import register_runner
from reproducers.domain.trials import lease_trial
from reproducers.engine.executors.process import child_environment
from reproducers.engine.job import Job
from reproducers.management.runner.process import NameTaken, RunnerProcess, in_isolation
from reproducers.models import Experiment, Runner, Trial
from tests.reproducers.factories import make_experiment, make_reproducer
from tests.reproducers.fake_runner import OFFER, start_fake

pytestmark = pytest.mark.django_db(transaction=True)


def ask(words: str, *releases: str) -> Experiment:
    """An experiment whose script is an order to the fake engine."""
    return make_experiment(*releases, reproducer=make_reproducer(words), now=timezone.now())


def run_once(*, slots: int = 1) -> None:
    RunnerProcess(name="here", offer=OFFER, slots=slots, once=True, start=start_fake).serve()


@contextmanager
def serving(*, slots: int = 1) -> Iterator[RunnerProcess]:
    """A runner in a thread beside the test; it is stopped and must have left in time."""
    runner = RunnerProcess(name="here", offer=OFFER, slots=slots, start=start_fake)
    thread = threading.Thread(target=runner.serve)
    thread.start()
    try:
        yield runner
    finally:
        runner.stop()
        thread.join(20)
        assert not thread.is_alive()


def only_trial() -> Trial:
    return Trial.objects.get()


def wait_for(holds: Callable[[], bool], *, seconds: float = 15) -> float:
    """Seconds until `holds`; fails when it takes too long."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def is_running() -> bool:
    return only_trial().progress is not None


def test_a_trial_is_run_and_recorded_with_its_files() -> None:
    ask("report reproduced")

    run_once()

    trial = only_trial()
    assert (trial.state, trial.verdict, trial.attempts) == ("ended", "reproduced", 1)
    assert [(each.name, bytes(each.content)) for each in trial.artifacts.all()] == [
        ("output.txt", b"hello")
    ]
    runner = Runner.objects.get()
    assert runner.stopped_at is not None
    assert (runner.isolation, runner.limits) == (OFFER.isolation, OFFER.limits)


def test_many_trials_are_run_side_by_side_and_each_once() -> None:
    ask("nap 1.5", *[f"2025.{month}.0" for month in range(1, 5)])
    began = time.monotonic()

    run_once(slots=4)

    assert time.monotonic() - began < 4 * 1.5
    assert [(each.verdict, each.attempts) for each in Trial.objects.all()] == [("clean", 1)] * 4


def test_a_child_sees_no_secret_and_no_address() -> None:
    ask("surroundings")

    run_once()

    report = only_trial().report
    assert report is not None
    assert "SECRET_KEY" in os.environ
    seen = set(json.loads(report["reason"]))
    assert "PATH" in seen
    assert not {name for name in seen if re.search("SECRET|TOKEN|KEY|URL|DATABASE|STATE", name)} - {
        "REPRO_INDEX_URL"
    }
    assert seen <= {"LC_CTYPE", *child_environment(os.environ)}


REFUSALS = {
    "refuse unknown-release never": ("ended", "unsatisfiable", 1),
    "refuse no-sandbox never": ("ended", "infrastructure", 1),
    "refuse environment-service later": ("queued", "", 1),
}


@pytest.mark.parametrize("order", REFUSALS)
def test_what_the_engine_refuses_is_recorded_or_tried_later(order: str) -> None:
    ask(order)

    run_once()

    trial = only_trial()
    assert (trial.state, trial.verdict, trial.attempts) == REFUSALS[order]
    if trial.state == "queued":
        assert (trial.ready_at - timezone.now()).total_seconds() > 20
    else:
        assert trial.report is not None
        assert trial.report["reason"] == "It cannot be had. Ask again."


def test_a_script_that_takes_the_engine_down_is_tried_three_times() -> None:
    ask("die")

    run_once()

    trial = only_trial()
    assert (trial.state, trial.verdict, trial.attempts) == ("ended", "infrastructure", 3)
    assert trial.report is not None
    assert trial.report["reason"].startswith("Its process went down without a report.")


def test_work_that_is_queued_while_it_sleeps_wakes_it() -> None:
    with serving():
        wait_for(Runner.objects.exists)
        time.sleep(0.3)
        ask("report clean")

        assert wait_for(lambda: only_trial().state == "ended") < 1.5


@pytest.mark.parametrize("order", ["sleep", "late"])
def test_cancelling_takes_effect_within_two_seconds(order: str) -> None:
    experiment = ask(order)
    with serving():
        wait_for(is_running)

        cancel_experiment(experiment=experiment, actor=None, now=timezone.now())

        assert wait_for(lambda: only_trial().state == "cancelled") < 2.0


def test_a_child_that_does_not_listen_is_ended_by_force() -> None:
    experiment = ask("stubborn")
    with serving():
        wait_for(is_running)

        cancel_experiment(experiment=experiment, actor=None, now=timezone.now())

        wait_for(lambda: only_trial().state == "cancelled", seconds=8)


def test_a_runner_that_is_stopped_gives_its_trials_back_at_once() -> None:
    ask("sleep")
    with serving() as runner:
        wait_for(is_running)

        runner.stop()

        assert wait_for(lambda: only_trial().state == "queued") < 2.0
    trial = only_trial()
    assert (trial.attempts, trial.lease_token, trial.progress) == (0, None, None)


def test_a_trial_that_was_taken_away_is_dropped_by_its_first_runner() -> None:
    ask("sleep")
    with serving():
        wait_for(is_running)
        elsewhere = register_runner(name="there", slots=1, now=timezone.now())
        Trial.objects.update(lease_expires_at=timezone.now())
        Trial.objects.update(state="queued", lease_token=None, lease_expires_at=None)
        lease_trial(runner=elsewhere, now=timezone.now())
        time.sleep(2.0)

    assert (only_trial().state, only_trial().runner) == ("leased", elsewhere)


def test_the_runner_chooses_the_sandbox_of_its_jobs() -> None:
    job = Job(script="print(1)\n")
    chosen = Job.from_json(in_isolation(job.to_json(), "gvisor"))
    assert chosen.policy.isolation == "gvisor"
    assert Job.from_json(in_isolation(chosen.to_json(), "bubblewrap")) == job


def test_heartbeats_go_on_while_a_child_talks_without_a_pause() -> None:
    ask("chatter 6")
    leases = set()
    with serving():
        wait_for(is_running)
        while (trial := only_trial()).state != "ended":
            leases.add(trial.lease_expires_at)
            time.sleep(0.2)

    assert len(leases - {None}) > 1


def test_a_second_process_takes_the_name_and_the_first_says_so() -> None:
    runner = RunnerProcess(name="here", offer=OFFER, slots=1, start=start_fake)
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            runner.serve()
        except NameTaken as error:
            failures.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    wait_for(Runner.objects.exists)
    register_runner(name="here", slots=3, now=timezone.now())
    thread.join(15)

    assert len(failures) == 1
    assert Runner.objects.get().stopped_at is None


def test_a_runner_takes_back_what_another_lost() -> None:
    ask("report clean")
    elsewhere = register_runner(name="there", slots=1, now=timezone.now())
    lease_trial(runner=elsewhere, now=timezone.now())
    Trial.objects.update(lease_expires_at=timezone.now())

    run_once()

    assert (only_trial().verdict, only_trial().attempts) == ("clean", 2)


def test_connections_that_are_cut_are_made_again_and_nothing_is_lost() -> None:
    ask("nap 2.5", "2025.1.0", "2025.2.0")
    with serving(slots=2):
        wait_for(lambda: Trial.objects.running().count() == 2)
        for _ in range(3):
            cut_all_connections()
            time.sleep(0.4)
        wait_for(lambda: Trial.objects.filter(state="ended").count() == 2)

    assert {(each.verdict, each.attempts) for each in Trial.objects.all()} == {("clean", 1)}


def cut_all_connections() -> None:
    """As a restart of PostgreSQL does, but for this test's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
