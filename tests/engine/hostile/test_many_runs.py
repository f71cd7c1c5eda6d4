"""No state outlives a run: a hundred of them, honest and hostile, leave the host as it was."""

import statistics
import time
from pathlib import Path

import pytest

from reproducers.engine.job import Job, RunPolicy
from reproducers.engine.verdicts import Verdict
from tests.engine.hostile import attacks
from tests.engine.hostile.door import LIMITS, StandardLibrary, ran, shown
from tests.engine.hostile.footprint import footprint, is_soon
from tests.engine.sandbox.remains import abandoned

pytestmark = [pytest.mark.sandbox, pytest.mark.soak]

RUNS = 100
QUICK = (
    *("survivors", "poison_the_environment", "shared_memory", "keyring", "forks", "threads"),
    *("odd_names", "many_outputs", "disk_bomb", "core_dump", "links_in_output", "printed_flood"),
    *("memory_of_many", "set_user_id", "signal_the_first", "says_nothing", "pages_and_pickles"),
)
HONEST = "import library\nassert library.ANSWER == 42\nprint(library.__file__, library.__cached__)"
SLACK_SECONDS = 1.0
"""What a busy machine may take more between two measurements."""


def honest(folder: Path) -> float:
    """How long a script takes that finds everything as it was made."""
    began = time.monotonic()
    seen = ran(Job(script=HONEST, policy=RunPolicy(**LIMITS)), StandardLibrary(folder))
    assert seen.verdict == Verdict.CLEAN, seen.says
    assert "/env/site/library.py /env/site/__pycache__/library" in seen.says
    return time.monotonic() - began


def test_a_hundred_runs_leave_nothing_and_slow_nothing_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_HOME", str(tmp_path / "home"))
    before = [honest(tmp_path) for _ in range(7)]
    was, others = footprint(tmp_path), abandoned()
    for number in range(RUNS // 2):
        attack = attacks.attack(QUICK[number % len(QUICK)])
        assert not shown(attack, tmp_path).is_as(attack.harm), attack.name
        honest(tmp_path)
    assert footprint(tmp_path) == was
    assert is_soon(lambda: not set(abandoned()) - set(others))
    after = [honest(tmp_path) for _ in range(7)]
    assert statistics.median(after) < 2 * statistics.median(before) + SLACK_SECONDS
