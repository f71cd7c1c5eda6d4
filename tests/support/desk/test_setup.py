"""The set-up page checks itself."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from threading import Thread

import pytest
from celery import Celery
from django.test import Client
from pytest_django.fixtures import Settings

from contracts.models import User
from reproducers.domain.known_bug import judge_known_bug
from reproducers.domain.runners import register_runner
from reproducers.engine.verdicts import Verdict
from support.desk import checks
from support.models import Delivery
from tests.factories import NOW
from tests.support.pages import sentence, signed_in, words
from tests.support.tickets import know_releases, report, run_all


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "PING_SECONDS", 0.05)


@pytest.fixture
def client(mira: User) -> Client:
    return signed_in(mira)


def test_every_line_says_what_it_found_and_the_remedy(client: Client) -> None:
    page = client.get("/desk/setup/")

    said = words(page)
    assert sentence(page).startswith("4 of 9 do not work: worker, runner, releases of dask")
    assert "Database works PostgreSQL 1" in said
    assert "Redis works It answers." in said
    assert "Worker does not work None answered within a second. Start one." in said
    assert "Runner does not work None was ever here. Start one on a Linux host" in said
    assert "Mail switched off Mails are kept in var/mail" in said
    assert "GitHub switched off No credentials are set" in said
    assert "Webhook switched off Without a secret every delivery is refused." in said


def test_a_runner_that_is_heard_works_and_weak_limits_are_told() -> None:
    register_runner(name="a", slots=1, gpus=0, isolation="bubblewrap", limits="weak", now=NOW)

    check = checks.check_runners(now=NOW)

    assert (check.is_ok, check.found) == (True, "a, bubblewrap with weak limits.")
    assert check.remedy.startswith("Weak limits")


def test_a_runner_that_went_silent_is_told_with_when_it_was_heard() -> None:
    register_runner(name="a", slots=1, gpus=0, isolation="bubblewrap", limits="weak", now=NOW)

    check = checks.check_runners(now=NOW + timedelta(minutes=5))

    assert (check.is_ok, check.found, check.at) == (False, "The last one was heard", NOW)


class TestTheKnownBug:
    def test_it_is_judged_by_a_press_and_the_page_says_what_it_came_to(
        self, client: Client
    ) -> None:
        assert "Known bug never judged" in words(client.get("/desk/setup/"))

        client.post("/desk/setup/known-bug/")
        assert "Known bug is being judged" in words(client.get("/desk/setup/"))

        run_all([report(Verdict.REPRODUCED), report(Verdict.CLEAN)])
        said = words(client.get("/desk/setup/"))
        assert "Known bug works Reproduced on 2025.4.1, clean on 2025.5.0, just now." in said

    def test_where_it_does_not_show_something_is_wrong(self, mira: User) -> None:
        judge_known_bug(actor=mira, now=NOW)
        run_all([report(Verdict.INFRASTRUCTURE), report(Verdict.CLEAN)])

        check = checks.check_known_bug()

        assert (check.is_ok, check.at, check.action) == (False, NOW, "Judge it again")
        assert check.found == "Could not be judged on 2025.4.1, clean on 2025.5.0,"


def test_the_list_of_releases_says_when_it_was_read() -> None:
    know_releases("2025.5.1", "2026.8.0")

    check = checks.check_releases()

    assert (check.is_ok, check.at) == (True, NOW)
    assert check.found.startswith("2 releases, the newest")


def test_a_redis_that_is_away_is_told(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }

    assert checks.check_redis().is_ok is False


def test_a_worker_that_answers_works(monkeypatch: pytest.MonkeyPatch) -> None:
    class Control:
        def ping(self, timeout: float) -> list[dict[str, object]]:
            return [{"celery@host": {"ok": "pong"}}]

    app = Celery("other", set_as_current=False)
    app.control = Control()
    monkeypatch.setattr(checks, "current_app", app)

    assert checks.check_worker() == checks.Check(name="Worker", is_ok=True, found="1 answered.")


def test_a_mail_server_that_does_not_answer_is_told(settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://localhost:1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    check = checks.check_mail()

    assert check.is_ok is False
    assert check.remedy.startswith("Look at EMAIL_URL")


@pytest.fixture
def mail_port() -> Iterator[int]:
    """A mail server that greets one caller and says goodbye."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def greet() -> None:
            caller, _ = server.accept()
            with caller, caller.makefile("rb") as lines:
                caller.sendall(b"220 mail.example\r\n")
                for line in lines:
                    caller.sendall(b"221 bye\r\n" if line[:4] == b"quit" else b"250 ok\r\n")

        Thread(target=greet, daemon=True).start()
        yield server.getsockname()[1]


def test_a_mail_server_that_answers_works(settings: Settings, mail_port: int) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_port

    assert checks.check_mail().is_ok is True


def test_a_github_that_does_not_answer_is_told(settings: Settings) -> None:
    settings.GITHUB_TOKEN, settings.GITHUB_API_URL = "token", "http://127.0.0.1:1"

    check = checks.check_github()

    assert check.is_ok is False
    assert check.found.startswith("GitHub did not answer")


def test_the_webhook_is_seen_once_one_was_received(settings: Settings) -> None:
    settings.GITHUB_WEBHOOK_SECRETS = ["secret"]
    assert checks.check_webhook().found == "None was ever received."
    Delivery.objects.create(endpoint="github", guid="1", event="ping", body=b"{}", received_at=NOW)

    check = checks.check_webhook()

    assert (check.is_ok, check.found, check.at) == (True, "The last one came", NOW)
