"""Tries the trials of a plan here and now, one after the other."""

import dataclasses

from reproducers.engine.environments import obtain
from reproducers.engine.events import Cancelled, Emit
from reproducers.engine.job import Job
from reproducers.engine.report import Report
from reproducers.engine.run import Obtain, run_job
from reproducers.engine.trials import Trial
from reproducers.engine.verdicts import Verdict


class LocalExecutor:
    """Answers a plan's questions with `job`, put into the environment that each trial names.

    `reports` keeps what each trial came to. Give `answer` to `plans.plan.drive`.
    """

    def __init__(
        self, job: Job, *, emit: Emit, cancelled: Cancelled, obtain: Obtain = obtain
    ) -> None:
        self.reports: dict[Trial, Report] = {}
        self._job = job
        self._emit = emit
        self._cancelled = cancelled
        self._obtain = obtain

    def answer(self, trial: Trial) -> Verdict:
        """Run the trial; raises what `run_job` raises."""
        report = run_job(
            job_of(self._job, trial),
            emit=self._emit,
            cancelled=self._cancelled,
            obtain=self._obtain,
        )
        self.reports[trial] = report
        return report.verdict


def job_of(job: Job, trial: Trial) -> Job:
    """The job in the environment of a trial; what a trial leaves open stays as the job has it."""
    asked = job.environment
    environment = dataclasses.replace(
        asked,
        dask=trial.dask,
        python=trial.python or asked.python,
        as_of=trial.as_of or asked.as_of,
    )
    return dataclasses.replace(job, environment=environment)
