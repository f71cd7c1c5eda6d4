"""A write that is sent twice under one key is done once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from contracts.domain.tokens import issue_token
from contracts.models import Organization, User
from tests.factories import make_engineer
from tests.web.urls import Gate
from web.idempotency import KEPT_FOR, forget_answers
from web.models import IdempotentRequest
from web.tasks import tidy

Program = Callable[[User | None], Client]
WRITES = "/api/test/writes"


def write(client: Client, name: str, key: str | None = "one", **more: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    sent = {"name": name} | more
    return client.post(WRITES, sent, content_type="application/json", headers=headers)


@pytest.fixture
def client(program: Program) -> Client:
    return program(None)


def names() -> list[str]:
    return sorted(Organization.objects.values_list("name", flat=True))


def test_the_same_request_is_answered_the_same(client: Client) -> None:
    first, second = write(client, "Kestrel"), write(client, "Kestrel")
    assert (first.status_code, second.status_code) == (HTTPStatus.CREATED, HTTPStatus.CREATED)
    assert first.content == second.content
    assert first.headers["Location"] == second.headers["Location"]
    assert first.headers["Content-Type"] == second.headers["Content-Type"] == "application/json"
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in (first, second)]
    assert replayed == [None, "true"]
    assert names() == ["Kestrel"]


def test_without_a_key_it_is_done_every_time(client: Client) -> None:
    write(client, "One", key=None)
    write(client, "Two", key=None)
    assert names() == ["One", "Two"]
    assert IdempotentRequest.objects.count() == 0


def test_another_key_is_another_request(client: Client) -> None:
    write(client, "One", key="one")
    write(client, "Two", key="two")
    assert names() == ["One", "Two"]


def test_a_key_belongs_to_one_person(program: Program) -> None:
    write(program(None), "One")
    write(program(None), "Two")
    assert names() == ["One", "Two"]


def test_a_key_that_comes_with_another_request_is_refused(client: Client) -> None:
    write(client, "One")
    answer = write(client, "Two")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["code"] == "idempotency-key-reused"
    assert names() == ["One"]


def test_a_refused_write_leaves_nothing_and_frees_its_key(client: Client) -> None:
    assert write(client, "refused").status_code == HTTPStatus.CONFLICT
    assert write(client, "answered").status_code == HTTPStatus.BAD_REQUEST
    assert (names(), IdempotentRequest.objects.count()) == ([], 0)
    assert write(client, "corrected").status_code == HTTPStatus.CREATED


def test_a_refused_write_without_a_key_leaves_nothing_either(client: Client) -> None:
    for name in ("refused", "answered"):
        write(client, name, key=None)
    assert names() == []


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é"])
def test_a_key_is_short_and_plain(client: Client, key: str) -> None:
    answer = write(client, "One", key=key)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json()["code"] == "idempotency-key-refused"
    assert names() == []


def test_a_file_is_the_same_whatever_its_envelope(client: Client) -> None:
    def send(content: bytes) -> Any:
        script = SimpleUploadedFile("repro.py", content)
        return client.post(
            WRITES, {"name": "One", "script": script}, headers={"Idempotency-Key": "one"}
        )

    assert send(b"print(1)").content == send(b"print(1)").content
    assert send(b"print(2)").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert names() == ["One"]


def test_answers_are_forgotten_after_a_week(client: Client) -> None:
    write(client, "One")
    made_at = IdempotentRequest.objects.get().created_at
    assert forget_answers(now=made_at + KEPT_FOR) == 0
    assert forget_answers(now=made_at + KEPT_FOR + timedelta(seconds=1)) == 1
    assert write(client, "Two").status_code == HTTPStatus.CREATED


def test_tidying_forgets_old_answers(client: Client) -> None:
    write(client, "One")
    write(client, "Two", key="two")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    IdempotentRequest.objects.filter(key="one").update(created_at=long_ago)
    tidy()
    assert [kept.key for kept in IdempotentRequest.objects.all()] == ["two"]


def test_a_kept_answer_is_told_by_key_and_person(client: Client) -> None:
    write(client, "One")
    kept = IdempotentRequest.objects.get()
    assert str(kept) == f"one of {kept.user_id}"


@pytest.mark.django_db(transaction=True)
def test_a_second_request_while_the_first_is_being_done_waits_its_turn(urls: None) -> None:
    secret = issue_token(actor=make_engineer(), name="test", now=datetime.now(UTC)).secret
    answers = {}

    def send(which: str) -> None:
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        answers[which] = write(client, "slow")
        connection.close()

    Gate.entered.clear()
    Gate.may_leave.clear()
    first = Thread(target=send, args=["first"])
    first.start()
    assert Gate.entered.wait(10)
    send("second")
    Gate.may_leave.set()
    first.join()
    send("third")
    assert answers["second"].status_code == HTTPStatus.CONFLICT
    assert answers["second"].json()["retryable"] is True
    assert answers["first"].status_code == HTTPStatus.CREATED
    assert answers["third"].content == answers["first"].content
    assert Organization.objects.count() == 1
