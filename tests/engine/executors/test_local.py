"""A plan carried out here and now."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.environments import Environment
from reproducers.engine.executors.local import LocalExecutor, job_of
from reproducers.engine.job import EnvironmentSpec, Job
from reproducers.engine.plans.matrix import reported_and_newest
from reproducers.engine.plans.plan import drive
from reproducers.engine.trials import Trial
from reproducers.engine.verdicts import Verdict
from tests.engine.unsandboxed import OwnPython, job


class OldPython(OwnPython):
    """Tells the script which release it was asked for."""

    def __call__(self, spec: EnvironmentSpec, **rest: Any) -> Environment:
        environment = super().__call__(spec, **rest)
        object.__setattr__(environment, "variables", {"RELEASE": str(spec.dask)})
        return environment


@pytest.mark.usefixtures("home")
def test_each_trial_is_run_in_the_environment_it_names(tmp_path: Path) -> None:
    script = "import os\nassert os.environ['RELEASE'] != '2024.1.0', 'wrong'"
    executor = LocalExecutor(
        job(script),
        emit=lambda event: None,
        cancelled=lambda: False,
        obtain=OldPython(tmp_path),
    )
    cells = drive(reported_and_newest("2024.1.0", "2026.8.0"), executor.answer)
    assert [(cell.trial.dask, cell.verdict) for cell in cells] == [
        ("2024.1.0", Verdict.REPRODUCED),
        ("2026.8.0", Verdict.CLEAN),
    ]
    assert [report.verdict for report in executor.reports.values()] == [
        Verdict.REPRODUCED,
        Verdict.CLEAN,
    ]


def test_what_a_trial_leaves_open_stays_as_the_job_has_it() -> None:
    asked = EnvironmentSpec(dask="2023.1.0", python="3.10", as_of=date(2024, 1, 1))
    made = job_of(Job(script="", environment=asked), Trial(dask="2024.1.0"))
    assert made.environment == EnvironmentSpec(
        dask="2024.1.0", python="3.10", as_of=date(2024, 1, 1)
    )


def test_what_a_trial_names_counts() -> None:
    trial = Trial(dask="2024.1.0", python="3.12", as_of=date(2025, 1, 1))
    made = job_of(Job(script="", environment=EnvironmentSpec(python="3.10")), trial)
    assert made.environment == EnvironmentSpec(
        dask="2024.1.0", python="3.12", as_of=date(2025, 1, 1)
    )
