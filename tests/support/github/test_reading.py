"""An issue becomes a ticket and a comment a message, each once, at GitHub's instants."""

import hmac
import json
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from contracts.models import User
from support.domain import inbox, outbox
from support.domain.reading import read_next_hint
from support.domain.sending import send_next_change
from support.models import Delivery, Message, Ticket, TrackedIssue, Tracker
from tests.factories import make_contract, make_engineer, make_project, make_seat, make_user
from tests.support.github.conftest import NOW, REPOSITORY
from tests.support.github.fake import FakeGitHub, user
from tests.support.github.test_inbox import store

State = Delivery.State


@pytest.fixture
def ines(tracker: Tracker) -> User:
    """A seat holder of the tracker's organization, known to us by the name of her account."""
    make_contract(tracker.organization)
    person = make_user("Ines Okafor", organization=tracker.organization, github_login="Ines")
    make_seat(person, project=make_project(tracker.organization))
    return person


def read_all(tracker: Tracker, guid: str, number: int = 1, now: datetime = NOW) -> None:
    store(tracker, guid, number=number)
    while read_next_hint(now=now):
        pass


def test_an_issue_becomes_a_ticket_of_its_author(
    tracker: Tracker, github: FakeGitHub, ines: User
) -> None:
    issue = github.open_issue(REPOSITORY, "ines", "Gather hangs", "It never returns.\r\n")
    read_all(tracker, "a")
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.opened_by, ticket.channel) == ("Gather hangs", ines, "github")
    assert ticket.opened_at == datetime.fromisoformat(issue["created_at"])
    (message,) = ticket.messages.all()
    assert message.body == "It never returns.\r\n"
    assert ticket.cycles.get().metric == "first_response"
    ines.refresh_from_db()
    assert ines.github_id == user("ines")["id"]
    assert Delivery.objects.get().state == State.APPLIED


def test_twenty_deliveries_make_one_ticket(
    tracker: Tracker, github: FakeGitHub, ines: User
) -> None:
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "")
    for number in range(20):
        read_all(tracker, f"guid-{number % 5}")
    assert Ticket.objects.count() == 1
    assert Delivery.objects.count() == 5


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_deliveries_ends_in_the_same_state(
    tracker: Tracker, github: FakeGitHub, ines: User, order: tuple[int, ...]
) -> None:
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "first")
    for number in order:
        if number:
            github.comment(REPOSITORY, 1, "ines", f"comment {number}")
        read_all(tracker, f"guid-{number}")
    said = sorted(Message.objects.values_list("body", flat=True))
    assert said == ["comment 1", "comment 2", "first"]


def test_a_person_is_found_by_the_accounts_id_whatever_its_name(
    tracker: Tracker, github: FakeGitHub, ines: User
) -> None:
    User.objects.filter(pk=ines.pk).update(github_id=user("renamed")["id"], github_login="old")
    github.open_issue(REPOSITORY, "renamed", "Gather hangs", "")
    read_all(tracker, "a")
    assert Ticket.objects.get().opened_by == ines


def test_an_account_of_another_organization_is_a_stranger_here(
    tracker: Tracker, github: FakeGitHub, ines: User
) -> None:
    make_user("Charlie", github_login="charlie")
    github.open_issue(REPOSITORY, "charlie", "Let me in", "")
    read_all(tracker, "a")
    ticket = Ticket.objects.get()
    assert ticket.opened_by is None
    assert ticket.messages.filter(author_role="colleague").count() == 1
    assert ticket.cycles.count() == 0


def test_a_ghost_wrote_it(tracker: Tracker, github: FakeGitHub, ines: User) -> None:
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "")["user"] = None
    read_all(tracker, "a")
    assert Ticket.objects.get().messages.filter(author_name="ghost").exists()


def test_somebody_without_a_seat_is_kept_and_told_whom_to_ask(
    tracker: Tracker, github: FakeGitHub, ines: User
) -> None:
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "")
    for number in range(2):
        github.comment(REPOSITORY, 1, "passer-by", f"me too {number}")
    read_all(tracker, "a")
    for minute in range(5):
        send_next_change(now=NOW + timedelta(minutes=minute))
    bodies = [one["body"] for one in github.comments_of(REPOSITORY, 1)]
    assert sum("Please ask one of your contacts: Ines Okafor." in one for one in bodies) == 1
    assert Message.objects.filter(author_role="colleague").count() == 2


def test_an_engineers_comment_on_github_is_our_answer(
    tracker: Tracker, github: FakeGitHub, ines: User
) -> None:
    mira = make_engineer()
    User.objects.filter(pk=mira.pk).update(github_login="mira")
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "")
    github.comment(REPOSITORY, 1, "mira", "We see the same.")
    read_all(tracker, "a")
    assert Message.objects.get(body="We see the same.").author_role == "staff"
    first = Ticket.objects.get().cycles.get(metric="first_response")
    assert first.outcome == "met"


def test_our_own_comment_is_no_answer_of_somebody(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    """The echo comes before we know the comment's id: it is told by its marker."""
    mira = make_engineer()
    message = Message.objects.create(
        ticket=tracked.ticket,
        author=mira,
        author_name=mira.name,
        author_role="staff",
        channel="desk",
        body="We see the same.",
        created_at=NOW,
    )
    change = outbox.queue_comment(message=message, now=NOW)
    assert change is not None
    github.fail("POST", "/comments$", 502, takes_effect=True)
    send_next_change(now=NOW)
    read_all(tracked.tracker, "a", number=tracked.number)
    change.refresh_from_db()
    assert change.state == "confirmed"
    assert tracked.ticket.messages.count() == 1
    read_all(tracked.tracker, "b", number=tracked.number)
    assert tracked.ticket.messages.count() == 1


def test_a_forged_marker_is_an_ordinary_comment(tracked: TrackedIssue, github: FakeGitHub) -> None:
    body = "Mine.\n\n<!-- headwater:0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0 -->"
    github.comment(REPOSITORY, tracked.number, "ines", body)
    read_all(tracked.tracker, "a", number=tracked.number)
    assert tracked.ticket.messages.get(author_role="colleague").body == body


def test_a_pull_request_is_no_problem(tracker: Tracker, github: FakeGitHub, ines: User) -> None:
    github.open_issue(REPOSITORY, "ines", "Fix it", "")["pull_request"] = {"url": "x"}
    read_all(tracker, "a")
    assert Ticket.objects.count() == 0
    assert Delivery.objects.get().state == State.IGNORED


@pytest.mark.parametrize(
    ("status", "headers", "state", "rests"),
    [
        (500, {}, State.PENDING, False),
        (403, {"Retry-After": "30"}, State.PENDING, True),
        (401, {}, State.PENDING, True),
        (410, {}, State.IGNORED, False),
        (422, {}, State.PENDING, False),
    ],
)
def test_trouble_with_github_loses_no_hint(
    tracker: Tracker,
    github: FakeGitHub,
    ines: User,
    status: int,
    headers: dict[str, str],
    state: str,
    rests: bool,
) -> None:
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "")
    github.fail("GET", "/issues/1$", status, headers=headers)
    store(tracker, "a", number=1)
    assert read_next_hint(now=NOW)
    tracker.refresh_from_db()
    assert (Delivery.objects.get().state, tracker.paused_until is not None) == (state, rests)
    read_next_hint(now=NOW + timedelta(hours=1))
    assert Ticket.objects.count() == (state == State.PENDING)


def test_a_poisoned_issue_is_put_aside_and_others_are_read(
    tracker: Tracker, github: FakeGitHub, ines: User
) -> None:
    """Half a surrogate pair is JSON, but no database stores it."""
    github.open_issue(REPOSITORY, "ines", "\ud800", "poison")
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "")
    store(tracker, "a", number=1)
    store(tracker, "b", number=2)
    for hour in range(inbox.ATTEMPTS):
        while read_next_hint(now=NOW + timedelta(hours=hour)):
            pass
    states = dict(Delivery.objects.values_list("issue_number", "state"))
    assert states == {1: State.FAILED, 2: State.APPLIED}
    assert Ticket.objects.get().title == "Gather hangs"


# -- the door -------------------------------------------------------------------------------------


def knock(
    client: Client, body: bytes, *, secret: str = "s3cret", **headers: str
) -> tuple[int, dict[str, Any]]:
    signature = "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
    answer = client.post(
        "/webhooks/github",
        body,
        content_type="application/json",
        headers={
            "X-Hub-Signature-256": signature,
            "X-GitHub-Event": "issues",
            "X-GitHub-Delivery": "guid",
            **headers,
        },
    )
    return answer.status_code, answer.json()


@pytest.fixture
def door(settings: Settings, client: Client) -> Client:
    settings.GITHUB_WEBHOOK_SECRETS = ["s3cret", "next"]
    return client


def hint(tracker: Tracker) -> bytes:
    repository = {"id": tracker.repository_id, "full_name": tracker.full_name}
    return json.dumps({"repository": repository, "issue": {"number": 1}}).encode()


def test_a_signed_delivery_is_accepted_and_a_worker_is_woken(
    door: Client,
    tracker: Tracker,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        assert knock(door, hint(tracker)) == (202, {"stored": True})
        assert knock(door, hint(tracker), secret="next") == (202, {"stored": False})
    assert len(callbacks) == 1


def test_a_forged_delivery_is_never_stored(door: Client, tracker: Tracker) -> None:
    status, problem = knock(door, hint(tracker), secret="guessed")
    assert status == 401
    assert "secret" in problem["detail"]
    assert Delivery.objects.count() == 0


def test_without_a_secret_the_door_stays_shut(
    door: Client, tracker: Tracker, settings: Settings
) -> None:
    settings.GITHUB_WEBHOOK_SECRETS = []
    assert knock(door, hint(tracker), secret="")[0] == 401


@pytest.mark.parametrize("body", [b"no json", b"", b"{", b"[" * 100_000, b'{"a": "\xff"}'])
def test_what_is_not_json_is_refused_with_the_remedy(
    door: Client, tracker: Tracker, body: bytes
) -> None:
    status, problem = knock(door, body)
    assert status == 400
    assert "application/json" in problem["detail"]
    assert Delivery.objects.count() == 0


def test_ten_megabytes_hurt_nobody(door: Client, tracker: Tracker) -> None:
    assert knock(door, b" " * 10 * 1024**2)[0] == 413


def test_a_delivery_needs_its_number(door: Client, tracker: Tracker) -> None:
    assert knock(door, hint(tracker), **{"X-GitHub-Delivery": ""})[0] == 400


def test_the_door_takes_post_alone(door: Client) -> None:
    assert door.get("/webhooks/github").status_code == 405
