"""Wake-up calls: each may come twice, late, or not at all."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import time_machine
from celery.signals import worker_ready
from django.test import TestCase

from config.celery import app
from reproducers.domain.releases import NEWEST
from reproducers.domain.trials import record_trial
from reproducers.models import DaskRelease, Experiment, Trial
from reproducers.tasks import refresh_releases, sweep
from tests.factories import NOW
from tests.reproducers.factories import later, lease, make_experiment, make_releases, report_json

pytestmark = pytest.mark.django_db

LISTED = {
    "meta": {"api-version": "1.1"},
    "name": "dask",
    "files": [
        {
            "filename": f"dask-{version}-py3-none-any.whl",
            "url": f"dask-{version}-py3-none-any.whl",
            "hashes": {},
            "requires-python": ">=3.9",
            "upload-time": f"2025-0{month}-01T00:00:00Z",
            "yanked": False,
        }
        for month, version in ((1, "2025.1.0"), (5, "2025.5.1"))
    ],
}


class Index(http.server.BaseHTTPRequestHandler):
    """A simple index that has one project."""

    def do_GET(self) -> None:
        content = json.dumps(LISTED).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


Queued = list[tuple[str, list[int]]]


@contextmanager
def queued() -> Iterator[Queued]:
    """What is given to the broker in the block, read back from the real one."""
    found: Queued = []
    with app.connection_for_read() as broker:
        queue = broker.SimpleQueue(app.conf.task_default_queue)
        queue.clear()
        with TestCase.captureOnCommitCallbacks(execute=True):
            yield found
        with suppress(queue.Empty):
            while True:
                message = queue.get_nowait()
                message.ack()
                found.append((message.headers["task"].rpartition(".")[2], message.payload[0]))
        queue.close()


def carry_out(tasks: Queued) -> None:
    for name, arguments in tasks:
        app.tasks[f"reproducers.tasks.{name}"](*arguments)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real index on loopback; nothing of it is kept from another test."""
    monkeypatch.setenv("REPRO_HOME", str(tmp_path))
    with http.server.HTTPServer(("127.0.0.1", 0), Index) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/simple"
        monkeypatch.setenv("REPRO_INDEX_URL", url)
        yield url
        server.shutdown()
        thread.join()


@pytest.fixture
def no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_HOME", str(tmp_path))
    monkeypatch.setenv("REPRO_INDEX_URL", "http://127.0.0.1:9/simple")


def test_an_experiment_that_waits_for_the_releases_goes_on_once_they_are_read(index: str) -> None:
    experiment = make_experiment("2025.1.0", NEWEST)

    with queued() as tasks:
        refresh_releases()
    carry_out(tasks)

    assert [trial.dask for trial in experiment.trials.all()] == ["2025.1.0", "2025.5.1"]


def test_while_the_index_is_away_it_goes_on_waiting_and_the_sweep_asks_again(
    no_index: None, caplog: pytest.LogCaptureFixture
) -> None:
    experiment = make_experiment(NEWEST)

    refresh_releases()
    with queued() as tasks:
        sweep()

    assert "The releases of Dask were not read" in caplog.text
    assert tasks == [("advance_experiment_task", [experiment.pk]), ("refresh_releases", [])]


def test_the_index_is_read_again_only_once_the_list_is_stale(index: str) -> None:
    make_releases("2024.1.0", seen_at=NOW)
    with time_machine.travel(NOW):
        refresh_releases()
    assert list(DaskRelease.objects.values_list("version", flat=True)) == ["2024.1.0"]

    with time_machine.travel(later(seconds=3600)):
        refresh_releases()

    current = DaskRelease.objects.current().values_list("version", flat=True)
    assert sorted(current) == ["2025.1.0", "2025.5.1"]


def test_a_verdict_that_nobody_heard_of_ends_the_experiment_once_it_is_swept() -> None:
    make_releases()
    experiment = make_experiment()
    trial, token = lease()
    record_trial(trial_id=trial.pk, lease_token=token, report_json=report_json(), now=NOW)

    with queued() as tasks:
        sweep()
    carry_out(tasks)
    carry_out(tasks)

    assert tasks == [("advance_experiment_task", [experiment.pk])]
    assert Experiment.objects.get(pk=experiment.pk).state == "ended"
    with queued() as tasks:
        sweep()
    assert tasks == []


def test_a_worker_that_starts_has_the_releases_read() -> None:
    with queued() as tasks:
        worker_ready.send(sender=None)

    assert ("refresh_releases", []) in tasks


def test_the_sweep_takes_back_what_a_runner_lost() -> None:
    make_experiment()
    lease(now=NOW)

    with time_machine.travel(later(seconds=30)):
        sweep()

    assert Trial.objects.get().state == "queued"
