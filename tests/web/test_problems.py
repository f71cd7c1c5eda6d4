"""What goes wrong in the API is a problem of RFC 9457, with a remedy and without secrets."""

from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.test import Client

from contracts.models import User

PROBLEMS: dict[str, dict[str, object]] = {
    "refusal": {
        "type": "urn:headwater:problem:test-refusal",
        "title": "Conflict",
        "status": 409,
        "code": "test-refusal",
        "detail": "Not that one.",
        "remedy": "Take another.",
        "retryable": True,
    },
    "not-found": {
        "type": "urn:headwater:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "code": "not-found",
        "detail": "Not found.",
        "remedy": "Check the address; what is not yours cannot be found either.",
        "retryable": False,
    },
    "denied": {
        "type": "urn:headwater:problem:permission-denied",
        "title": "Forbidden",
        "status": 403,
        "code": "permission-denied",
        "detail": "You do not have permission to perform this action.",
        "remedy": "Ask somebody whose role allows it.",
        "retryable": False,
    },
    "throttled": {
        "type": "urn:headwater:problem:throttled",
        "title": "Too Many Requests",
        "status": 429,
        "code": "throttled",
        "detail": "Request was throttled. Expected available in 7 seconds.",
        "remedy": "Wait as long as the header Retry-After says.",
        "retryable": True,
    },
    "crash": {
        "type": "urn:headwater:problem:unexpected",
        "title": "Internal Server Error",
        "status": 500,
        "code": "unexpected",
        "detail": "Something broke on our side; it is written down for us.",
        "remedy": "Try again later; under one Idempotency-Key it is done once.",
        "retryable": True,
    },
}
Program = Callable[[User | None], Client]


@pytest.mark.parametrize("way", PROBLEMS)
def test_a_failure_is_a_problem(way: str, program: Program) -> None:
    answer = program(None).get(f"/api/test/{way}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()) == (PROBLEMS[way]["status"], PROBLEMS[way])
    assert "secret" not in answer.content.decode()


def test_it_says_when_to_try_again(program: Program) -> None:
    assert program(None).get("/api/test/throttled").headers["Retry-After"] == "7"


def test_every_complaint_names_its_field(program: Program) -> None:
    sent = {"scripts": [{"lines": 1}, {"lines": "many"}]}
    answer = program(None).post("/api/test/any", sent, content_type="application/json")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert (answer.json()["code"], answer.json()["errors"]) == (
        "invalid",
        [
            {"field": "name", "message": "This field is required."},
            {"field": "scripts.1.lines", "message": "A valid integer is required."},
        ],
    )


UNREADABLE: dict[str, tuple[str, str, int]] = {
    "no JSON": ("application/json", "{", HTTPStatus.BAD_REQUEST),
    "another language": ("text/yaml", "a: 1", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    "bytes that are no text": ("application/json", "\udcff", HTTPStatus.BAD_REQUEST),
}


@pytest.mark.parametrize("sentence", UNREADABLE)
def test_what_cannot_be_read_is_a_problem(sentence: str, program: Program) -> None:
    content_type, body, status = UNREADABLE[sentence]
    answer = program(None).generic(
        "POST", "/api/test/any", body.encode(errors="surrogateescape"), content_type
    )
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["remedy"]


def test_a_method_that_is_none_is_a_problem(program: Program) -> None:
    answer = program(None).put("/api/test/quiet")
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.json()["code"] == "method-not-allowed"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/", "/api/"])
def test_an_unknown_address_of_the_api_is_a_problem(path: str, client: Client) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.NOT_FOUND, "not-found")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_a_refusal_in_a_page_is_said_in_words(client: Client, urls: None) -> None:
    answer = client.get("/page/refusal")
    shown = answer.content.decode()
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Not &lt;that&gt; one." in shown
    assert "Take another." in shown


@pytest.mark.django_db
def test_other_failures_of_pages_give_nothing_away(urls: None) -> None:
    client = Client(raise_request_exception=False)
    statuses = {"crash": 500, "denied": 403, "fine": 200}
    for way, status in statuses.items():
        answer = client.get(f"/page/{way}")
        assert answer.status_code == status
        assert "secret" not in answer.content.decode()
    missing = client.get("/nothing/here")
    assert missing.status_code == HTTPStatus.NOT_FOUND
    assert "There is nothing here for you." in missing.content.decode()


@pytest.mark.django_db
def test_a_denial_names_the_role_in_the_admin_only(client: Client, urls: None) -> None:
    words = "This needs the role of a support manager."
    assert words in client.get("/admin/denied").content.decode()
    assert words not in client.get("/page/denied").content.decode()
