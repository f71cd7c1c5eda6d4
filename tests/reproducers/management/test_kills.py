"""A runner that is killed at any moment loses nothing and records nothing twice."""

import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from django.utils import timezone

from reproducers.domain.experiments import advance_experiment
from reproducers.models import Experiment, Runner, Trial
from reproducers.signals import experiment_ended
from reproducers.tasks import sweep
from tests.processes import Process, running
from tests.reproducers.factories import make_experiment, make_reproducer

pytestmark = pytest.mark.django_db(transaction=True)

_logs = count(1)


@contextmanager
def a_runner(
    environment: Mapping[str, str], folder: Path, *, name: str, slots: int = 1
) -> Iterator[Process]:
    command = [sys.executable, "-m", "tests.reproducers.fake_runner", name, str(slots)]
    log = folder / f"runner-{next(_logs)}.log"
    with running(command, environment=environment, log=log) as process:
        yield process


def wait_for(holds: Callable[[], bool], *, process: Process, seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, process.said()
        time.sleep(0.05)


def is_running() -> bool:
    return Trial.objects.filter(progress__isnull=False).exists()


def is_leased_or_all_over() -> bool:
    return Trial.objects.running().exists() or not Trial.objects.open().exists()


def end_leases() -> None:
    """As if the half minute were over."""
    Trial.objects.running().update(lease_expires_at=timezone.now())


def engine_of(trial: Trial) -> Path:
    assert trial.progress is not None
    return Path(f"/proc/{trial.progress['note']}")


def test_a_killed_runner_takes_its_children_along_and_the_next_one_does_its_work(
    process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    make_experiment(reproducer=make_reproducer("nap 2"))
    with a_runner(process_environment, tmp_path, name="first") as first:
        wait_for(is_running, process=first)
        engine = engine_of(Trial.objects.get())
        assert engine.exists()

        first.popen.kill()
        first.popen.wait()

    trial = Trial.objects.get()
    assert (trial.state, trial.attempts) == ("leased", 1)
    end_leases()
    with a_runner(process_environment, tmp_path, name="second") as second:
        wait_for(lambda: Trial.objects.get().state == "ended", process=second)
    trial = Trial.objects.get()
    assert (trial.verdict, trial.attempts) == ("clean", 2)
    assert trial.runner == Runner.objects.get(name="second")
    assert not engine.exists()


def test_a_runner_that_is_asked_to_stop_gives_back_and_leaves_within_seconds(
    process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    make_experiment(reproducer=make_reproducer("sleep"))
    with a_runner(process_environment, tmp_path, name="only") as process:
        wait_for(is_running, process=process)
        engine = engine_of(Trial.objects.get())
        began = time.monotonic()

        process.popen.terminate()

        assert process.popen.wait(10) == 0
        assert time.monotonic() - began < 5
    trial = Trial.objects.get()
    assert (trial.state, trial.attempts) == ("queued", 0)
    assert not Runner.objects.alive(timezone.now()).exists()
    assert not engine.exists()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_runners_killed_at_any_instant_record_each_trial_once(
    seed: int, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    chance = random.Random(seed)
    ended: list[int] = []

    def hear(sender: object, experiment: Experiment, **_: object) -> None:
        ended.append(experiment.pk)

    experiments = [
        make_experiment("2025.1.0", "2025.2.0", reproducer=make_reproducer("nap 0.6"))
        for _ in range(5)
    ]
    experiment_ended.connect(hear)
    try:
        while Trial.objects.open().exists():
            with a_runner(process_environment, tmp_path, name="mortal", slots=2) as process:
                wait_for(is_leased_or_all_over, process=process)
                time.sleep(chance.uniform(0.0, 1.0))
                process.popen.kill()
                process.popen.wait()
            end_leases()
            sweep()
            for experiment in Experiment.objects.to_advance():
                advance_experiment(experiment=experiment, now=timezone.now())
    finally:
        experiment_ended.disconnect(hear)

    assert sorted(ended) == sorted(experiment.pk for experiment in experiments)
    trials = Trial.objects.all()
    assert {trial.state for trial in trials} == {"ended"}
    assert max(trial.attempts for trial in trials) > 1
    for trial in trials:
        assert trial.verdict == "clean" or trial.attempts == 3
