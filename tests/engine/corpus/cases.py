"""The cases of ../shared/corpus: a script, and what was observed of it without Headwater."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reproducers.engine.job import EnvironmentSpec, Job
from reproducers.engine.prepare import make_job
from reproducers.engine.script import read_script_file
from reproducers.engine.verdicts import Symptom

FOLDER = Path(__file__).parents[3].parent / "shared" / "corpus" / "cases"

STATED = {"slow", "hang", "warning"}
OWNED = {"exception", "killed-worker", "crash", "hang"}
FLAKY_TRIES = 10
"""At the lowest rate of the corpus, 0.42, all of them miss in 4 of 1,000."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One script on one release; `is_bad`: that release has the bug."""

    name: str
    truth: dict[str, Any]
    dask: str
    is_bad: bool

    @property
    def id(self) -> str:
        return f"{self.name} on {self.dask}"

    @property
    def job(self) -> Job:
        """As the reporter puts it: nothing is said that they would not say."""
        kind = self.truth["kind"]
        as_of = self.truth.get("exclude_newer")
        return make_job(
            read_script_file(FOLDER / self.name / "script.py"),
            dask=self.dask,
            python=self.truth.get("python"),
            as_of=date.fromisoformat(as_of) if as_of else None,
            symptom=Symptom(kind) if kind in STATED else None,
            timeout_seconds=self.truth["timeout_s"] if kind == "slow" else None,
            tries=FLAKY_TRIES if kind == "flaky" else None,
        )

    @property
    def environment(self) -> EnvironmentSpec:
        return self.job.environment

    @property
    def symptom(self) -> Symptom:
        """What the bad release shows: of a flaky case and a control, by its exception."""
        if self.truth["kind"] not in ("flaky", "control"):
            return Symptom(self.truth["kind"])
        is_assert = self.truth["exception"] == "AssertionError"
        return Symptom.WRONG_RESULT if is_assert else Symptom.EXCEPTION


def cases() -> Iterator[Case]:
    """Every good and bad release of every case; none where the corpus is not there."""
    for folder in sorted(FOLDER.glob("*")):
        truth = tomllib.loads((folder / "truth.toml").read_text())
        for word in ("bad", "good"):
            if word in truth:
                yield Case(name=folder.name, truth=truth, dask=truth[word], is_bad=word == "bad")
