"""Dask's own report: of long runs on the private cluster, where there is time and memory for it."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.inside import performance
from reproducers.engine.inside.settings import Settings
from reproducers.engine.job import EnvironmentSpec, ExpectedSymptom, Job, RunPolicy
from reproducers.engine.outputs import NO_PERFORMANCE, PERFORMANCE
from reproducers.engine.run import run_job
from reproducers.engine.verdicts import Symptom, Verdict

LONG = """
import time
from dask.distributed import Client

def a_second(number):
    time.sleep(1)
    return number

client = Client()
print(sum(client.gather(client.map(a_second, range(50)))))
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a run that began 30 seconds ago and has 90 left; its private cluster is up."""
    (tmp_path / "private").write_text("tcp://127.0.0.1:1")
    found = Settings(
        script=str(tmp_path / "bug.py"),
        output=str(tmp_path),
        private=str(tmp_path / "private"),
        workers=2,
        threads=1,
        worker_memory_bytes=2**40,
        timeout_seconds=120.0,
        warnings=False,
        performance=True,
    )
    began(found, 30.0)
    return found


def began(settings: Settings, seconds_ago: float) -> None:
    start = time.monotonic() - seconds_ago
    facts = {"monotonic": start, "stop_at": start + settings.timeout_seconds}
    Path(settings.output, "started.json").write_text(json.dumps(facts))


def is_asked_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(performance, "PATIENCE_SECONDS", 0.0)
    performance.ask(settings)
    return Path(performance.wanted(settings)).exists()


def test_of_a_long_run_it_is_asked_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_asked_for(settings, monkeypatch)


@pytest.mark.parametrize("seconds", [1.0, 113.0, 300.0])
def test_of_a_short_one_or_one_without_time_left_it_is_not(
    settings: Settings, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(settings, seconds)
    assert not is_asked_for(settings, monkeypatch)


def test_where_it_is_not_wished_it_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.performance = False
    assert not is_asked_for(settings, monkeypatch)


@pytest.mark.parametrize("content", [None, ""])
def test_without_the_private_cluster_it_is_not(
    settings: Settings, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(settings.private).unlink()
    if content is not None:
        Path(settings.private).write_text(content)
    assert not is_asked_for(settings, monkeypatch)


@pytest.mark.parametrize("written", [None, "{", "[]", '{"monotonic": "now"}'])
def test_a_script_that_spoils_its_mark_is_not_waited_for(
    settings: Settings, written: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = Path(settings.output, "started.json")
    mark.unlink()
    if written is not None:
        mark.write_text(written)
    assert not is_asked_for(settings, monkeypatch)


def test_the_script_waits_until_it_is_made(settings: Settings) -> None:
    made = threading.Timer(0.2, performance.write, (performance.made(settings), ""))
    made.start()
    performance.ask(settings)
    assert Path(performance.made(settings)).exists()
    made.join()


def test_without_bokeh_there_is_none(settings: Settings) -> None:
    performance.serve(None, settings)
    assert not Path(performance.made(settings)).exists()


def test_why_it_could_not_be_made_is_written_down(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bokeh").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    performance.write(performance.wanted(settings), "")
    performance.serve(None, settings)
    told = (tmp_path / performance.FAILED).read_text()
    assert told.startswith("ModuleNotFoundError: No module named 'distributed'")
    assert Path(performance.made(settings)).exists()


def test_it_needs_room(settings: Settings) -> None:
    assert performance.has_room(settings)
    settings.worker_memory_bytes = 1
    assert not performance.has_room(settings)


def test_the_names_inside_are_those_outside() -> None:
    assert (performance.NAME, performance.FAILED) == (PERFORMANCE, NO_PERFORMANCE)


@pytest.mark.soak
@pytest.mark.sandbox
@pytest.mark.cluster
@pytest.mark.index
@pytest.mark.parametrize("dask", ["2022.12.1", "2024.3.0", "2026.8.0"])
def test_on_every_release_a_long_run_leaves_it(dask: str) -> None:
    tried = (files_of(LONG, dask=dask) for _ in range(3))  # a busy machine may be too slow for it
    kept = next(files for files in tried if PERFORMANCE in files)
    page = kept[PERFORMANCE].decode()
    assert page.startswith("<!doctype html><meta http-equiv")
    assert "number of tasks: 50" in page


@pytest.mark.soak
@pytest.mark.sandbox
@pytest.mark.cluster
@pytest.mark.index
def test_where_memory_is_measured_there_is_none() -> None:
    kept = files_of(LONG.replace("50", "24"), expected=ExpectedSymptom(kind=Symptom.MEMORY))
    assert PERFORMANCE not in kept


def files_of(script: str, *, dask: str = "2026.8.0", **facts: Any) -> dict[str, bytes]:
    """What a run in the real sandbox leaves."""
    kept: dict[str, bytes] = {}
    expected = facts.pop("expected", ExpectedSymptom())
    job = Job(
        script=script,
        environment=EnvironmentSpec(requirements=("dask[complete]",), dask=dask),
        policy=RunPolicy(**facts),
        expected=expected,
    )
    report = run_job(job, emit=lambda event: None, cancelled=lambda: False, keep=kept.__setitem__)
    assert report.verdict in {Verdict.CLEAN, Verdict.LIMIT}, report.reason
    return kept
