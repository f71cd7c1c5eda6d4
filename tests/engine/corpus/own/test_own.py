"""Kinds of problems beyond the shared corpus, judged as a maintainer would."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reproducers.engine.prepare import make_job
from reproducers.engine.report import Report
from reproducers.engine.run import run_job
from reproducers.engine.script import read_script_file
from reproducers.engine.verdicts import Symptom, Verdict
from tests.engine.builds import build

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.cluster,
    pytest.mark.index,
    pytest.mark.soak,
]

FOLDER = Path(__file__).parent / "scripts"


class Told(NamedTuple):
    """What the report has to say; `owner` of a repository of Dask's without its first part."""

    verdict: Verdict
    symptom: Symptom | None = None
    owner: str = "unknown"
    kind: str | None = None


CLEAN = Told(Verdict.CLEAN)
DISTRIBUTED_RAISES = Told(Verdict.REPRODUCED, Symptom.EXCEPTION, "dask/distributed")
DASK_RAISES = Told(Verdict.REPRODUCED, Symptom.EXCEPTION, "dask/dask")
WARNS = Told(Verdict.REPRODUCED, Symptom.WARNING)
KILLED = Told(Verdict.REPRODUCED, Symptom.KILLED_WORKER, "dask/distributed", "SIGSEGV")
HANGS = Told(Verdict.REPRODUCED, Symptom.HANG, "dask/distributed", "unrunnable")
WRONG = Told(Verdict.REPRODUCED, Symptom.WRONG_RESULT)

SAYS_WARNING = {"symptom": Symptom.WARNING}
SAYS_HANG = {"symptom": Symptom.HANG, "timeout_seconds": 60.0}


def run(name: str, dask: str, said: dict[str, Any]) -> Report:
    script = read_script_file(FOLDER / f"{name}.py")
    for release in filter(None, (dask, said.get("against"))):
        build(make_job(script, dask=release, python="3.11").environment)
    job = make_job(script, dask=dask, python="3.11", **said)
    return run_job(job, emit=lambda event: None, cancelled=lambda: False)


@pytest.mark.parametrize(
    ("name", "dask", "said", "told"),
    [
        ("unpicklable_argument", "2022.12.1", {}, DISTRIBUTED_RAISES),
        ("unpicklable_argument", "2026.8.0", {}, DISTRIBUTED_RAISES),
        ("unpicklable_value", "2024.1.1", {}, DISTRIBUTED_RAISES),
        ("not_deterministic", "2022.12.1", {}, DASK_RAISES),
        ("not_deterministic", "2026.8.0", {}, DASK_RAISES),
        ("segfault_in_task", "2022.12.1", {}, KILLED),
        ("segfault_in_task", "2026.8.0", {}, KILLED),
        ("astype_on_cluster", "2022.12.1", {}, DASK_RAISES),
        ("astype_on_cluster", "2026.8.0", {}, DASK_RAISES),
        ("large_graph", "2022.12.1", SAYS_WARNING, CLEAN),
        ("large_graph", "2026.8.0", SAYS_WARNING, WARNS),
        ("deprecated_dataframe", "2024.1.1", SAYS_WARNING, CLEAN),
        ("deprecated_dataframe", "2024.2.1", SAYS_WARNING, WARNS),
        ("p2p_objects", "2022.12.1", {}, CLEAN),
        ("p2p_objects", "2023.10.1", {}, DISTRIBUTED_RAISES),
        ("deep_token", "2022.12.1", {}, CLEAN),
        ("deep_token", "2026.8.0", {}, DASK_RAISES),
        ("order_of_counts", "2026.8.0", {"against": "2023.10.1"}, WRONG),
        ("order_of_counts", "2026.8.0", {"against": "2024.9.0"}, CLEAN),
        ("unrunnable", "2024.1.1", SAYS_HANG, HANGS),
        ("numpy_too_new", "2022.12.1", {}, Told(Verdict.BAD_ENVIRONMENT)),
        ("numpy_too_new", "2023.12.1", {}, CLEAN),
    ],
)  # fmt: skip
def test_a_kind_of_problem_is_judged_as_a_maintainer_would(
    name: str, dask: str, said: dict[str, Any], told: Told
) -> None:
    report = run(name, dask, said)
    found = Told(report.verdict, report.symptom, report.owner, report.kind)
    assert found == told, report.reason
