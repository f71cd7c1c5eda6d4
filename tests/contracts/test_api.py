"""The contracts part of the API, as a program with a token sees it."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from contracts.domain.sign_in import BY_PERSON_AND_ADDRESS
from contracts.domain.tokens import issue_token, revoke_token
from contracts.models import PersonalToken, User
from tests.factories import (
    PASSWORD,
    make_customer,
    make_engineer,
    make_organization,
    make_project,
    make_seat,
    make_user,
)

pytestmark = pytest.mark.django_db


def program(person: User) -> Client:
    """A client with a token of that person."""
    secret = issue_token(actor=person, name="test", now=datetime.now(UTC)).secret
    return Client(headers={"Authorization": f"Bearer {secret}"})


def names(answer: Any) -> list[str]:
    return [each["name"] for each in answer.json()["results"]]


def test_me_says_who_and_where_and_whether(django_assert_num_queries: Any) -> None:
    person = make_customer()
    project = person.seats.get().project
    make_project(person.organization)
    client = program(person)
    with django_assert_num_queries(6):
        answer = client.get("/api/v1/me")
    assert answer.json() == {
        "person": {
            "id": person.pk,
            "name": person.name,
            "email": person.email,
            "role": "customer",
            "zone": "Europe/Berlin",
            "organization": _organization(person),
        },
        "projects": [
            {
                "id": project.pk,
                "slug": project.slug,
                "name": project.name,
                "organization": _organization(person),
                "dask_release": "",
                "python_version": "",
            }
        ],
        "may_open_ticket": {
            "allowed": True,
            "reason": "seat",
            "message": "",
            "remedy": "",
            "contacts": [],
        },
    }


def test_a_colleague_without_a_seat_is_told_whom_to_ask() -> None:
    holder = make_customer("Alice Ode")
    answer = program(make_user(organization=holder.organization)).get("/api/v1/me").json()
    assert answer["projects"] == []
    assert answer["may_open_ticket"] == {
        "allowed": False,
        "reason": "no-seat",
        "message": "You hold no seat.",
        "remedy": "Please ask one of your contacts: Alice Ode.",
        "contacts": ["Alice Ode"],
    }


def test_staff_belong_to_no_organization() -> None:
    answer = program(make_engineer()).get("/api/v1/me").json()
    assert answer["person"]["organization"] is None
    assert answer["may_open_ticket"]["reason"] == "staff"


def test_customers_see_their_own_organization_and_projects_and_staff_see_all() -> None:
    alice, charlie = make_customer("Alice"), make_customer("Charlie")
    ours = [str(person.organization) for person in (charlie, alice)]
    projects = [person.seats.get().project.name for person in (charlie, alice)]
    assert names(program(alice).get("/api/v1/organizations")) == ours[1:]
    assert names(program(alice).get("/api/v1/projects")) == projects[1:]
    staff = program(make_engineer())
    assert names(staff.get("/api/v1/organizations")) == ours
    assert names(staff.get("/api/v1/projects")) == projects


def test_lists_come_in_pages() -> None:
    made = [make_organization().name for _ in range(3)]
    client = program(make_engineer())
    first = client.get("/api/v1/organizations?page_size=2").json()
    second = client.get(first["next"]).json()
    found = [each["name"] for page in (first, second) for each in page["results"]]
    assert found == made[::-1]
    assert second["next"] is None


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_as_many_queries_whatever_its_length(
    rows: int, django_assert_num_queries: Any
) -> None:
    organization = make_organization()
    for _ in range(rows):
        make_project(organization)
    client = program(make_engineer())
    with django_assert_num_queries(3):
        client.get("/api/v1/projects")


def test_an_address_may_end_with_a_slash() -> None:
    client = program(make_customer())
    assert client.get("/api/v1/me/").json() == client.get("/api/v1/me").json()


# Who is asking.

STRANGERS: dict[str, dict[str, str]] = {
    "nobody": {},
    "a token of nobody's": {"Authorization": "Bearer hw_nonsense"},
    "no token at all": {"Authorization": "Bearer"},
    "two tokens": {"Authorization": "Bearer one two"},
    "a token with odd bytes": {"Authorization": "Bearer \xff\xfe"},
    "another scheme": {"Authorization": "Basic YTpi"},
}


@pytest.mark.parametrize("sentence", STRANGERS)
@pytest.mark.parametrize("path", ["me", "organizations", "projects", "tokens/current", "schema"])
def test_strangers_are_asked_who_they_are(sentence: str, path: str) -> None:
    method = "delete" if path == "tokens/current" else "get"
    client = Client(headers=STRANGERS[sentence])
    answer = getattr(client, method)(f"/api/v1/{path}")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Headwater"'
    assert answer.json()["remedy"] == "Send `Authorization: Bearer <token>`, or sign in."


def test_a_session_will_do_as_well() -> None:
    person = make_customer()
    client = Client()
    client.force_login(person)
    assert client.get("/api/v1/me").json()["person"]["id"] == person.pk


def test_a_write_by_session_needs_the_token_of_the_page() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_customer())
    answer = client.delete("/api/v1/tokens/current")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "CSRF" in answer.json()["detail"]


def test_a_revoked_token_is_refused() -> None:
    person = make_customer()
    client = program(person)
    revoke_token(actor=person, token=person.tokens.get(), now=datetime.now(UTC))
    assert client.get("/api/v1/me").status_code == HTTPStatus.UNAUTHORIZED


def test_the_use_of_a_token_is_noted() -> None:
    person = make_customer()
    program(person).get("/api/v1/me")
    assert person.tokens.get().last_used_at is not None


# Tokens.


@pytest.fixture
def anybody() -> Client:
    """From an address of its own: failures are counted by it."""
    return Client(REMOTE_ADDR=f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}")


def ask_for_token(client: Client, person: User, password: str = PASSWORD) -> Any:
    credentials = {"email": person.email, "password": password, "name": "laptop"}
    return client.post("/api/v1/tokens", credentials, content_type="application/json")


def test_e_mail_and_password_make_a_token(anybody: Client) -> None:
    person = make_customer(password=PASSWORD)
    answer = ask_for_token(anybody, person)
    assert (answer.status_code, answer.json()["name"]) == (HTTPStatus.CREATED, "laptop")
    client = Client(headers={"Authorization": f"Bearer {answer.json()['secret']}"})
    assert client.get("/api/v1/me").json()["person"]["id"] == person.pk


def test_a_wrong_password_makes_none(anybody: Client) -> None:
    answer = ask_for_token(anybody, make_customer(password=PASSWORD), "wrong")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.json() == {
        "type": "urn:headwater:problem:sign-in-refused",
        "title": "Unauthorized",
        "status": 401,
        "code": "sign-in-refused",
        "detail": "E-mail and password do not belong together.",
        "remedy": "Check both, or ask for a new password.",
        "retryable": False,
    }
    assert PersonalToken.objects.count() == 0


def test_guessing_is_counted_together_with_the_sign_in_page(anybody: Client) -> None:
    person = make_customer(password=PASSWORD)
    for _ in range(BY_PERSON_AND_ADDRESS.tries):
        anybody.post("/sign-in/", {"email": person.email, "password": "wrong"})
    answer = ask_for_token(anybody, person)
    assert (answer.status_code, answer.json()["retryable"]) == (429, True)


def test_what_is_missing_is_named(anybody: Client) -> None:
    answer = anybody.post("/api/v1/tokens", {"email": "x"}, content_type="application/json")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    fields = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert fields == {
        "email": "Enter a valid email address.",
        "password": "This field is required.",
        "name": "This field is required.",
    }


def test_a_program_revokes_the_token_that_it_came_with() -> None:
    person = make_customer()
    client = program(person)
    other = program(person)
    assert client.delete("/api/v1/tokens/current").status_code == HTTPStatus.NO_CONTENT
    assert client.get("/api/v1/me").status_code == HTTPStatus.UNAUTHORIZED
    assert other.get("/api/v1/me").status_code == HTTPStatus.OK


def test_a_session_has_no_token_to_revoke() -> None:
    client = Client()
    client.force_login(make_customer())
    assert client.delete("/api/v1/tokens/current").status_code == HTTPStatus.NOT_FOUND


# The document.


def test_the_openapi_document_says_what_holds_everywhere() -> None:
    client = program(make_seat().user)
    answer = client.get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
    document = answer.json()
    assert {"/api/v1/me", "/api/v1/projects", "/api/v1/tokens"} <= set(document["paths"])
    for methods in document["paths"].values():
        for operation in methods.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
    assert document["components"]["securitySchemes"]["personalToken"]["scheme"] == "bearer"


def _organization(person: User) -> dict[str, object]:
    organization = person.organization
    assert organization is not None
    return {"id": organization.pk, "slug": organization.slug, "name": organization.name}
