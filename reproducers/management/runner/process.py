"""The runner's main loop: it sleeps, takes what is ready while a slot is free, and stops tidily."""

import json
import logging
import os
import time
from typing import Final

from django.db import connection
from django.utils import timezone

from reproducers.domain.runners import heartbeat_runner, register_runner, stop_runner
from reproducers.domain.trials import (
    LeaseLost,
    give_back_trial,
    lease_trial,
    requeue_lost_trials,
)
from reproducers.domain.wakeups import CANCEL
from reproducers.engine.executors.offer import Offer
from reproducers.engine.executors.process import JobProcess
from reproducers.engine.sandbox.properties import Enclosure
from reproducers.management.runner.listening import Listener
from reproducers.management.runner.run import DATABASE_IS_AWAY, Start, TrialRun
from reproducers.management.runner.spares import Spares
from reproducers.models import Runner, Trial
from reproducers.tasks import advance_experiment_task
from web.wakeups import wake

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 2.0
HEARTBEAT_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 1.0
STOP_SECONDS: Final = 12.0


def start_child(job_json: str, *, isolation: Enclosure = "bubblewrap") -> JobProcess:
    """The engine in a child that knows none of our secrets, with the sandbox of this runner."""
    return JobProcess(in_isolation(job_json, isolation), environ=os.environ)


def in_isolation(job_json: str, isolation: Enclosure) -> str:
    """The Job with this kind of sandbox: the runner chooses it, whoever made the Job."""
    facts = json.loads(job_json)
    facts["policy"]["isolation"] = isolation
    return json.dumps(facts)


class NameTaken(Exception):
    """Another process registered under the same name."""


class RunnerProcess:
    """Runs up to `slots` trials at once until `stop`, or, with `once`, until none is ready.

    `offer` is what the host has for sandboxes; `start` gives a Job, as JSON, to a process, unless
    `spares` does.
    """

    def __init__(
        self,
        *,
        name: str,
        slots: int,
        offer: Offer,
        once: bool = False,
        start: Start = start_child,
        spares: Spares | None = None,
    ) -> None:
        self._name, self._slots, self._offer = name, slots, offer
        self._once, self._spares = once, spares or Spares(start_cold=start, most=0)
        self._listener = Listener()
        self._runs: set[TrialRun] = set()
        self._runner: Runner | None = None
        self._is_stopping = self._is_over = self._is_database_away = False
        self._next_heartbeat = 0.0

    def stop(self) -> None:
        """End soon. Safe in a signal handler."""
        self._is_stopping = True
        self._listener.call()

    def serve(self) -> None:
        """Work until it is over. Raises NameTaken when another process takes the name."""
        try:
            while not (self._is_stopping or self._is_over):
                self._turn()
        finally:
            self._leave()

    def _turn(self) -> None:
        try:
            runner = self._runner or self._register()
            self._keep_up(runner)
            self._fill(runner)
            self._is_over = self._once and not self._runs
            if not self._is_over:
                self._sleep()
        except DATABASE_IS_AWAY as error:
            self._go_without_database(error)
        else:
            self._note_database_is_back()

    def _register(self) -> Runner:
        self._runner = register_runner(
            name=self._name,
            slots=self._slots,
            isolation=self._offer.isolation,
            limits=self._offer.limits,
            gpus=self._offer.gpus,
            now=timezone.now(),
        )
        logger.info("Runner %s is there with %s slots", self._name, self._slots)
        return self._runner

    def _keep_up(self, runner: Runner) -> None:
        """Say that it is there, and take back what other runners lost."""
        if time.monotonic() < self._next_heartbeat:
            return
        if not heartbeat_runner(runner=runner, now=timezone.now()):
            raise NameTaken
        for trial in requeue_lost_trials(now=timezone.now()):
            logger.warning("Trial %s lost its runner and is %s", trial.pk, trial.state)
            wake(advance_experiment_task, trial.experiment_id)
        self._spares.keep_up()
        self._next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS

    def _fill(self, runner: Runner) -> None:
        while len(self._runs) < self._slots and not self._is_stopping:
            trial = lease_trial(runner=runner, now=timezone.now())
            if trial is None:
                return
            self._start(trial)

    def _start(self, trial: Trial) -> None:
        logger.info("Trial %s starts, attempt %s", trial.pk, trial.attempts)
        try:
            run = TrialRun(trial, start=self._spares.start, when_over=self._when_over)
        except OSError as error:
            _return_unstarted(trial, error)
        else:
            self._runs.add(run)
            run.start()

    def _when_over(self, run: TrialRun) -> None:
        """Called in the run's own thread, as the last thing it does."""
        try:
            wake(advance_experiment_task, run.trial.experiment_id)
        except DATABASE_IS_AWAY:
            logger.warning("Experiment %s waits for the sweep", run.trial.experiment_id)
        finally:
            connection.close()
            self._runs.discard(run)
            self._listener.call()

    def _sleep(self) -> None:
        payloads = self._listener.wait(seconds=POLL_SECONDS)
        if CANCEL in payloads:
            for run in [*self._runs]:
                run.look_now()

    def _go_without_database(self, error: Exception) -> None:
        if not self._is_database_away:
            reason = str(error).partition("\n")[0]
            logger.warning("The database does not answer, trying until it does: %s", reason)
        self._is_database_away = True
        connection.close()
        self._listener.rest(seconds=RETRY_SECONDS)

    def _note_database_is_back(self) -> None:
        if self._is_database_away:
            logger.info("The database answers again")
        self._is_database_away = False

    def _leave(self) -> None:
        runs = [*self._runs]
        for run in runs:
            run.stop()
        self._spares.close()
        give_up_at = time.monotonic() + STOP_SECONDS
        for run in runs:
            run.join(max(give_up_at - time.monotonic(), 0.0))
        try:
            if self._runner is not None:
                stop_runner(runner=self._runner, now=timezone.now())
        except DATABASE_IS_AWAY:
            logger.warning("Left while the database is away; leases will end by themselves")
        connection.close()
        self._listener.close()


def _return_unstarted(trial: Trial, error: OSError) -> None:
    assert trial.lease_token is not None
    try:
        give_back_trial(
            trial_id=trial.pk,
            lease_token=trial.lease_token,
            failure=f"No process could be started for it: {error.strerror}.",
            now=timezone.now(),
        )
    except LeaseLost:
        logger.info("Trial %s is no longer this runner's", trial.pk)
