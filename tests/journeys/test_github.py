"""A customer who only uses GitHub, through a third-party emulator of it."""

import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from contracts.models import User
from reproducers.domain.known_bug import SCRIPT
from support.domain.experiments import rerun_on
from support.domain.tickets import reply
from support.models import Delivery, Message, OutgoingChange, Ticket
from tests.factories import (
    make_contract,
    make_engineer,
    make_organization,
    make_project,
    make_seat,
    make_user,
)
from tests.journeys.standins import APP_ID, OWNER, GitHub, github, needs_standins, wait_until
from tests.processes import Process, running, site

pytestmark = [needs_standins, pytest.mark.django_db(transaction=True)]

ACME = f"{OWNER}/customer-acme"
BODY = """It never returns since we moved to 2025.5.1.

```python
import dask
print(dask.__version__)
```
"""


NEEDS = '# dependencies = ["dask[distributed]"]\n'
REPORTED = SCRIPT.replace(NEEDS, f'{NEEDS}# [tool.repro]\n# reported = "2025.4.1"\n')
SHOWN = f"Since 2025.4.1.\n\n```python\n{REPORTED}```\n"
BUILD = 400
"""Seconds for two environments on a busy machine."""


def free_ports() -> tuple[int, int]:
    """Two that follow one another for the emulator (its first is returned), one for the proxy."""
    while True:
        with ExitStack() as stack, suppress(OSError):
            first, second, proxy = (stack.enter_context(socket.socket()) for _ in range(3))
            first.bind(("127.0.0.1", 0))
            second.bind(("127.0.0.1", first.getsockname()[1] + 1))
            proxy.bind(("127.0.0.1", 0))
            return first.getsockname()[1], proxy.getsockname()[1]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHub]:
    with github(tmp_path_factory.mktemp("github"), ports=free_ports()) as answering:
        yield answering


@dataclass(frozen=True)
class Desk:
    """Our processes, set up as the App, with GitHub's webhooks coming in."""

    hub: GitHub
    worker: Process
    customer: User
    engineer: User

    def open_issue(self, title: str, body: str = BODY) -> int:
        path = f"/repos/{ACME}/issues"
        made = self.hub.ask("POST", path, "tok_acme", {"title": title, "body": body})
        return int(made["number"])

    def say(self, number: int, body: str, token: str = "tok_acme") -> None:
        path = f"/repos/{ACME}/issues/{number}/comments"
        self.hub.ask("POST", path, token, {"body": body})

    def ticket(self, number: int) -> Ticket:
        wait_until(
            lambda: Ticket.objects.filter(tracked_issue__number=number).exists(), self.worker
        )
        return Ticket.objects.get(tracked_issue__number=number)

    def wait(self, holds: Any) -> None:
        wait_until(holds, self.worker)


@pytest.fixture
def desk(
    hub: GitHub,
    transactional_db: None,
    process_environment: Mapping[str, str],
    settings: Settings,
    tmp_path: Path,
) -> Iterator[Desk]:
    secret = secrets.token_hex(16)
    configured = {
        "GITHUB_API_URL": hub.url,
        "GITHUB_APP_ID": APP_ID,
        "GITHUB_APP_PRIVATE_KEY": str(hub.app_key),
        "GITHUB_WEBHOOK_SECRETS": f"{secret},the-next-one",
    }
    for name in ("GITHUB_API_URL", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"):
        setattr(settings, name, configured[name])
    environment = {**process_environment, **configured}
    command = ["celery", "--app", "config", "--quiet", "worker", "--pool", "threads", "--beat"]
    command += ["--schedule", str(tmp_path / "schedule"), "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle"]
    with (
        site(environment=environment, log=tmp_path / "web.log") as web,
        running(command, environment=environment, log=tmp_path / "worker.log") as worker,
    ):
        customer, engineer = people()
        call_command("connect_tracker", "acme", ACME)
        hub.control("chaos", {"drop": 0, "duplicate": 0, "delay": 0})
        hub.control("app_hook", {"url": f"{web.url}/webhooks/github", "secret": secret})
        yield Desk(hub=hub, worker=worker, customer=customer, engineer=engineer)


def people() -> tuple[User, User]:
    organization = make_organization("Acme Robotics", slug="acme")
    project = make_project(organization)
    make_contract(organization)
    customer = make_user("Ines Okafor", organization=organization, github_login="acme-dev")
    make_seat(customer, project=project)
    return customer, make_engineer()


def test_an_issue_becomes_a_ticket_and_our_answer_a_comment(desk: Desk) -> None:
    number = desk.open_issue("Gather hangs")
    ticket = desk.ticket(number)
    assert (ticket.title, ticket.opened_by) == ("Gather hangs", desk.customer)
    (first,) = ticket.messages.filter(author_role="customer")
    assert first.body == BODY
    assert (datetime.now(UTC) - ticket.opened_at).total_seconds() < 60

    desk.say(number, "It is worse on Tuesdays.")
    desk.wait(lambda: ticket.messages.filter(body="It is worse on Tuesdays.").exists())

    reply(ticket=ticket, actor=desk.engineer, body="We see the same.", now=datetime.now(UTC))
    desk.wait(lambda: "We see the same." in said_on_github(desk, number))
    desk.wait(lambda: not OutgoingChange.objects.unsettled().exists())
    assert said_on_github(desk, number).count("We see the same.") == 1
    assert ticket.messages.filter(body__contains="We see the same.").count() == 1


def test_doubled_and_late_webhooks_make_every_message_once(desk: Desk) -> None:
    desk.hub.control("chaos", {"drop": 0, "duplicate": 0.9, "delay": 0.5, "seed": 7})
    number = desk.open_issue("Doubled")
    for one in range(5):
        desk.say(number, f"comment {one}")
    ticket = desk.ticket(number)
    customer = ticket.messages.filter(author=desk.customer)
    desk.wait(lambda: customer.count() == 6)
    desk.wait(lambda: not Delivery.objects.pending().exists())
    said = list(customer.order_by("comment_id").values_list("body", flat=True))
    assert sorted(said) == sorted([BODY, *(f"comment {one}" for one in range(5))])
    assert Ticket.objects.filter(title="Doubled").count() == 1


def test_a_colleague_without_a_seat_is_kept_and_answered_once(desk: Desk) -> None:
    number = desk.open_issue("With a guest")
    ticket = desk.ticket(number)
    for one in range(2):
        desk.say(number, f"I see it too, {one}.", token="tok_bot")
    guest = ticket.messages.filter(author_role=Message.AuthorRole.COLLEAGUE)
    desk.wait(lambda: guest.count() == 2)
    desk.wait(lambda: "Please ask one of your contacts" in said_on_github(desk, number))
    assert said_on_github(desk, number).count("Please ask one of your contacts") == 1


def test_a_github_that_fails_loses_nothing_and_doubles_nothing(desk: Desk) -> None:
    number = desk.open_issue("On a bad day")
    ticket = desk.ticket(number)
    desk.hub.control("rules", [{"method": "GET", "path": "/issues/", "times": 2, "status": 500}])
    desk.say(number, "Are you there?")
    desk.wait(lambda: ticket.messages.filter(body="Are you there?").exists())
    rule = {"method": "POST", "path": "/comments$", "times": 1, "status": 502, "apply": True}
    desk.hub.control("rules", [rule])
    reply(ticket=ticket, actor=desk.engineer, body="Still with you.", now=datetime.now(UTC))
    desk.wait(lambda: not OutgoingChange.objects.unsettled().exists())
    assert said_on_github(desk, number).count("Still with you.") == 1


@pytest.mark.sandbox
@pytest.mark.cluster
@pytest.mark.index
def test_a_script_in_an_issue_is_run_and_its_verdict_is_one_comment_edited_in_place(
    desk: Desk, runner: Process
) -> None:
    number = desk.open_issue("Futures inside lists are not results", SHOWN)
    ticket = desk.ticket(number)
    wait_until(lambda: has_run(ticket), desk.worker, runner, seconds=BUILD)
    desk.wait(lambda: "**Reproduced on 2025.4.1, 1 of 1 run. Clean" in said_on_github(desk, number))
    (first,) = desk.hub.comments(ACME, number)
    assert "TypeError" in first["body"]
    desk.wait(lambda: "reproduced" in labels_on_github(desk, number))

    rerun_on(ticket=ticket, release="2025.5.0", actor=desk.engineer, now=datetime.now(UTC))
    wait_until(lambda: has_run(ticket), desk.worker, runner, seconds=BUILD)
    desk.wait(lambda: "| 2025.5.0 | clean |" in said_on_github(desk, number))
    (edited,) = desk.hub.comments(ACME, number)
    assert edited["id"] == first["id"]


def has_run(ticket: Ticket) -> bool:
    experiments = ticket.ticket_experiments
    return experiments.exists() and not experiments.filter(experiment__ended_at=None).exists()


def labels_on_github(desk: Desk, number: int) -> set[str]:
    issue = desk.hub.ask("GET", f"/repos/{ACME}/issues/{number}", "tok_owner")
    return {label["name"] for label in issue["labels"]}


def said_on_github(desk: Desk, number: int) -> str:
    return "\n".join(one["body"] for one in desk.hub.comments(ACME, number))
