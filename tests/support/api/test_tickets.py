"""Tickets through the API: opened once, read by those whose they are, in words of problem+json."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from contracts.models import Project, User
from support.models import Message, Ticket
from tests.factories import make_customer, make_engineer, make_seat, make_user
from tests.reproducers.factories import make_releases

SCRIPT = "import dask\nprint(dask.__version__)\n"

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def alice() -> User:
    return make_customer()


def open_one(user: User, **facts: Any) -> Any:
    sent = {"title": "Gather hangs", "body": "It never returns."} | facts
    return signed_in(user).post("/api/v1/tickets", sent, format="json")


def test_a_seat_holder_opens_a_ticket_with_a_script(alice: User) -> None:
    answer = open_one(alice, script=SCRIPT, dask_release="2025.5.1", severity="high")
    assert answer.status_code == 201
    ticket = Ticket.objects.get()
    assert answer.json()["id"] == ticket.pk
    assert answer.json()["url"] == f"http://testserver/tickets/{ticket.pk}/"
    assert answer.headers["Location"] == f"http://testserver/api/v1/tickets/{ticket.pk}"
    assert (ticket.channel, ticket.priority, ticket.opened_by) == ("api", "high", alice)
    assert ticket.reproducer is not None
    assert ticket.reproducer.script == SCRIPT


READING = '# /// script\n# [tool.repro]\n# files = ["sales.csv"]\n# ///\nimport dask\n'


def test_the_data_of_a_script_comes_in_base64(alice: User) -> None:
    open_one(alice, script=READING, files={"sales.csv": "c2hvcCxzdW0K"})
    reproducer = Ticket.objects.get().reproducer
    assert reproducer is not None
    assert reproducer.files == {"sales.csv": "c2hvcCxzdW0K"}


def test_what_is_no_base64_is_refused_by_name(alice: User) -> None:
    answer = open_one(alice, script=READING, files={"sales.csv": "!"})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"field": "files.sales.csv", "message": "This is no base64."}
    ]


def test_the_same_key_opens_one_ticket(alice: User) -> None:
    client, key = signed_in(alice), str(uuid4())
    sent = {"title": "Gather hangs", "body": "It never returns."}
    answers = [
        client.post("/api/v1/tickets", sent, format="json", headers={"Idempotency-Key": key})
        for _ in range(3)
    ]
    assert [answer.json()["id"] for answer in answers] == [Ticket.objects.get().pk] * 3
    other = client.post(
        "/api/v1/tickets", sent | {"title": "x"}, format="json", headers={"Idempotency-Key": key}
    )
    assert other.status_code == 422


def test_a_ticket_shows_its_clock_and_its_trials(alice: User) -> None:
    make_releases("2025.5.1", "2026.8.0")
    number = open_one(alice, script=SCRIPT, dask_release="2025.5.1").json()["id"]
    facts = signed_in(alice).get(f"/api/v1/tickets/{number}").json()
    (clock,) = facts["clocks"]
    assert (clock["metric"], clock["outcome"]) == ("first_response", "")
    assert clock["due_at"] is not None
    (experiment,) = facts["experiments"]
    assert experiment["state"] == "queued"
    assert [one["dask"] for one in experiment["trials"]] == ["2025.5.1", "2026.8.0"]
    assert signed_in(alice).get(f"/api/v1/tickets/{number}/experiments").json() == [experiment]


def test_lists_hold_ones_own_tickets_newest_first(alice: User) -> None:
    open_one(make_customer("Charlie"))
    numbers = [open_one(alice, title=f"Problem {n}").json()["id"] for n in range(3)]
    listed = signed_in(alice).get("/api/v1/tickets").json()["results"]
    assert [one["id"] for one in listed] == numbers[::-1]


@pytest.mark.parametrize("rest", ["", "/messages", "/experiments"])
def test_anothers_ticket_is_not_found(alice: User, rest: str) -> None:
    number = open_one(alice).json()["id"]
    charlie = make_customer("Charlie")
    answer = signed_in(charlie).get(f"/api/v1/tickets/{number}{rest}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_somebody_without_a_seat_is_told_whom_to_ask(alice: User) -> None:
    colleague = make_user("Bob", organization=alice.organization)
    answer = open_one(colleague)
    assert answer.status_code == 403
    assert answer.json()["remedy"] == "Please ask one of your contacts: Alice Ode."


def test_messages_go_both_ways_and_notes_stay_inside(alice: User) -> None:
    number = open_one(alice).json()["id"]
    path = f"/api/v1/tickets/{number}/messages"
    mira = make_engineer()
    signed_in(mira).post(path, {"body": "We see the same."}, format="json")
    signed_in(alice).post(path, {"body": "Thank you."}, format="json")
    ticket = Ticket.objects.get()
    Message.objects.create(
        ticket=ticket,
        author=mira,
        author_name=mira.name,
        author_role="staff",
        is_internal=True,
        body="Do not tell.",
        channel="desk",
        created_at=ticket.opened_at,
    )
    said = [one["body"] for one in signed_in(alice).get(path).json()["results"]]
    assert said == ["Thank you.", "We see the same.", "It never returns."]
    assert "Do not tell." in signed_in(mira).get(path).content.decode()
    assert ticket.cycles.get(metric="first_response").outcome == "met"


def test_our_engineers_say_what_is_run(alice: User) -> None:
    make_releases("2024.5.2", "2024.6.0", "2026.8.0")
    number = open_one(alice, script=SCRIPT).json()["id"]
    path = f"/api/v1/tickets/{number}/experiments"
    sent = {"releases": ["2024.5.2", "2024.6.0"]}
    assert signed_in(alice).post(path, sent, format="json").status_code == 403
    answer = signed_in(make_engineer()).post(path, sent, format="json")
    assert answer.status_code == 201
    assert [one["dask"] for one in answer.json()["trials"]] == ["2024.5.2", "2024.6.0"]


def test_staff_open_tickets_for_an_organization(alice: User) -> None:
    assert alice.organization is not None
    project = Project.objects.get()
    answer = open_one(make_engineer(), organization=alice.organization.slug, project=project.slug)
    assert (answer.status_code, answer.json()["project"]) == (201, project.slug)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 257}, "title"),
        ({"severity": "panic"}, "severity"),
        ({"project": "nothing"}, "project"),
        ({"organization": "nobody"}, "organization"),
        ({"body": "x" * 65_537}, "body"),
    ],
)
def test_bad_input_names_its_field(alice: User, facts: dict[str, str], field: str) -> None:
    answer = open_one(alice, **facts)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert Ticket.objects.count() == 0


def test_an_organization_has_to_be_named_by_staff(db: None) -> None:
    answer = open_one(make_engineer())
    assert answer.json()["errors"][0]["message"] == "Say for which organization."


def test_a_list_takes_the_same_queries_for_one_and_for_three(
    alice: User, django_assert_num_queries: Any
) -> None:
    client = signed_in(alice)
    for count in (1, 3):
        while Ticket.objects.count() < count:
            open_one(alice)
        with django_assert_num_queries(1):
            assert len(client.get("/api/v1/tickets").json()["results"]) == count


def test_a_ticket_of_many_trials_takes_as_many_queries(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    number = open_one(alice, script=SCRIPT).json()["id"]
    mira = signed_in(make_engineer())
    for _ in range(3):
        sent = {"releases": ["2024.5.2", "2024.6.0"]}
        mira.post(f"/api/v1/tickets/{number}/experiments", sent, format="json")
    make_seat(project=Project.objects.get())
    with django_assert_max_num_queries(5):
        signed_in(alice).get(f"/api/v1/tickets/{number}")
