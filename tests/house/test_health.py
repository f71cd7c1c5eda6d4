"""Health checks: well when it works, not well when it does not."""

import os
import socket
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import health
from reproducers.models import Runner
from tests.house.waiting import wait_until
from tests.processes import Process, Site


def test_web_is_well_when_the_sign_in_page_answers(
    site: Site, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(urlsplit(site.url).port))
    assert health.main("web") == 0


def test_web_is_not_well_when_nobody_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "1")
    assert health.main("web") == 1
    assert capsys.readouterr().err == "web is not well\n"


def test_a_worker_is_well_when_it_answers_through_the_broker(worker: Process) -> None:
    wait_until(health.worker, process=worker)


def test_a_worker_that_is_not_there_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ANSWER_SECONDS", 0.2)
    assert not health.worker()


def test_beat_is_well_while_it_writes_its_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "BEAT_FILE", tmp_path / "beat")
    assert not health.beat()
    written = tmp_path / "beat.db"
    written.touch()
    assert health.beat()
    long_ago = time.time() - health.BEAT_SECONDS - 1
    os.utime(written, (long_ago, long_ago))
    assert not health.beat()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "heard_ago", "is_well"),
    [
        (socket.gethostname(), timedelta(seconds=1), True),
        (socket.gethostname(), timedelta(minutes=2), False),
        ("another-host", timedelta(seconds=1), False),
    ],
    ids=["heard just now", "silent", "another host's"],
)
def test_a_runner_is_well_when_it_was_heard(name: str, heard_ago: timedelta, is_well: bool) -> None:
    now = datetime.now(tz=UTC)
    Runner.objects.create(
        name=name, session=uuid.uuid4(), registered_at=now, heartbeat_at=now - heard_ago
    )
    assert health.runner() is is_well
