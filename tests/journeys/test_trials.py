"""From a script to its verdict through real processes: worker, runner, sandbox, cluster."""

import random
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reproducers.domain.experiments import cancel_experiment, start_experiment
from reproducers.domain.releases import NEWEST
from reproducers.domain.reproducers import record_reproducer
from reproducers.domain.watching import watch_trials
from reproducers.engine import releases
from reproducers.models import Experiment, Runner, Trial
from reproducers.tasks import advance_experiment_task
from tests.processes import Process, running

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sandbox,
    pytest.mark.cluster,
    pytest.mark.index,
]

BUILD_SECONDS = 400.0

FAILS_ON_THE_CLUSTER = b"""\
# /// script
# dependencies = ["dask[distributed]"]
# ///
import time

from distributed import Client


def inverse(number):
    return 1 / number


time.sleep(4)  # the newest event is written once a second: long enough to be seen
print(Client().submit(inverse, 0).result())
"""

SLEEPS = b"""\
# /// script
# dependencies = ["dask[distributed]"]
# ///
import time

time.sleep(%d)
"""


def clock() -> datetime:
    return datetime.now(tz=UTC)


def request(script: bytes, *, name: str = "script.py") -> Experiment:
    """As an edge does: one call into the domain, then a word to the worker."""
    now = clock()
    experiment = start_experiment(
        reproducer=record_reproducer(script=script, name=name, now=now),
        organization=None,
        releases=[NEWEST],
        requested_by=None,
        now=now,
    )
    advance_experiment_task.delay(experiment.pk)
    return experiment


def wait_for(
    holds: Callable[[], bool], *processes: Process, seconds: float = BUILD_SECONDS
) -> float:
    """Seconds until `holds`; fails when it takes too long, or one of `processes` ends."""
    began = time.monotonic()
    while not holds():
        said = "\n".join(process.said() for process in processes)
        assert time.monotonic() - began < seconds, said
        assert {process.popen.poll() for process in processes} <= {None}, said
        time.sleep(0.1)
    return time.monotonic() - began


def inside(name: str) -> list[str]:
    """The processes in sandboxes that run the script `name`."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = process.read_bytes()
        except OSError:
            continue
        if name.encode() in said:
            found.append(said.decode(errors="replace"))
    return found


def phases_of(experiment: Experiment) -> list[str]:
    trials = experiment.trials.select_related("experiment")
    return [each.phase for each in watch_trials(trials=trials, now=clock()).values()]


def state_of(experiment: Experiment) -> str:
    return Experiment.objects.get(pk=experiment.pk).state


def test_a_script_becomes_a_verdict_that_was_seen_coming(runner: Process, worker: Process) -> None:
    experiment = request(FAILS_ON_THE_CLUSTER)
    seen: set[str] = set()

    def is_over() -> bool:
        seen.update(phases_of(experiment))
        return state_of(experiment) == "ended"

    wait_for(is_over, runner, worker)

    trial = experiment.trials.get()
    assert (trial.verdict, trial.dask) == ("reproduced", releases.newest().version)
    assert trial.report is not None
    assert trial.report["exception"]["type"] == "ZeroDivisionError"
    assert "in inverse" in trial.report["exception"]["traceback"]
    assert trial.report["environment"]["dask"] == trial.dask
    assert trial.report["isolation"] == "bubblewrap"
    assert trial.report["seconds"]["script"] > 0
    assert trial.report["tries"][0]["peak_memory_bytes"] > 10_000_000
    assert "exception.json" in {each.name for each in trial.artifacts.all()}
    assert "script" in seen


def test_cancelling_empties_the_sandbox_within_two_seconds(
    runner: Process, worker: Process
) -> None:
    name = f"sleeper_{uuid.uuid4().hex}.py"
    experiment = request(SLEEPS % 300, name=name)
    wait_for(lambda: "script" in phases_of(experiment), runner, worker)
    assert inside(name) != []

    cancel_experiment(experiment=experiment, actor=None, now=clock())

    assert wait_for(lambda: inside(name) == [], runner) < 2.0
    assert wait_for(lambda: experiment.trials.get().state == "cancelled", runner) < 2.0


def test_a_runner_killed_in_the_middle_leaves_nothing_and_its_trial_is_judged_once(
    worker: Process, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    name = f"sleeper_{uuid.uuid4().hex}.py"
    experiment = request(SLEEPS % 4, name=name)
    command = [sys.executable, "manage.py", "runner", "--name"]
    with running(
        [*command, "first"], environment=process_environment, log=tmp_path / "first.log"
    ) as first:
        wait_for(lambda: "script" in phases_of(experiment), first, worker)
        assert inside(name) != []

        first.popen.kill()
        first.popen.wait()

    wait_for(lambda: inside(name) == [], seconds=5)
    assert experiment.trials.get().state == "leased"
    # As if the half minute of its lease were over.
    Trial.objects.running().update(lease_expires_at=clock())
    with running(
        [*command, "second"], environment=process_environment, log=tmp_path / "second.log"
    ) as second:
        wait_for(lambda: state_of(experiment) == "ended", second, worker)
    trial = experiment.trials.get()
    assert (trial.verdict, trial.attempts) == ("clean", 2)
    assert trial.runner == Runner.objects.get(name="second")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_a_runner_killed_at_any_instant_leaves_nothing_and_its_trial_is_judged_once(
    seed: int, worker: Process, process_environment: Mapping[str, str], tmp_path: Path
) -> None:
    name = f"sleeper_{uuid.uuid4().hex}.py"
    experiment = request(SLEEPS % 2, name=name)
    command = [sys.executable, "manage.py", "runner", "--name"]
    with running(
        [*command, "first"], environment=process_environment, log=tmp_path / "first.log"
    ) as first:
        wait_for(lambda: experiment.trials.filter(state="leased").exists(), first, worker)
        time.sleep(random.Random(seed).uniform(0.0, 5.0))
        first.popen.kill()
        first.popen.wait()

    # Its half minute is real here; nobody touches the lease.
    with running(
        [*command, "second"], environment=process_environment, log=tmp_path / "second.log"
    ) as second:
        wait_for(lambda: state_of(experiment) == "ended", second, worker)
    assert inside(name) == []
    trial = experiment.trials.get()
    assert (trial.verdict, trial.attempts <= 2) == ("clean", True)


def test_a_runner_that_is_stopped_ends_its_sandbox_and_gives_the_trial_back(
    runner: Process, worker: Process
) -> None:
    name = f"sleeper_{uuid.uuid4().hex}.py"
    experiment = request(SLEEPS % 300, name=name)
    wait_for(lambda: "script" in phases_of(experiment), runner, worker)

    runner.popen.terminate()

    assert runner.popen.wait(10) == 0
    assert inside(name) == []
    trial = experiment.trials.get()
    assert (trial.state, trial.attempts) == ("queued", 0)


def test_a_release_that_does_not_exist_says_so_and_names_its_neighbours(
    runner: Process, worker: Process
) -> None:
    now = clock()
    experiment = start_experiment(
        reproducer=record_reproducer(script=SLEEPS % 0, name="script.py", now=now),
        organization=None,
        releases=["2025.5.99"],
        requested_by=None,
        now=now,
    )

    wait_for(lambda: state_of(experiment) == "ended", runner, worker)

    trial = experiment.trials.get()
    assert trial.verdict == "unsatisfiable"
    assert trial.report is not None
    assert trial.report["reason"].startswith("There is no Dask 2025.5.99. Nearest are ")
