"""Counting tries, and holding up who asks too much; without Redis nobody is held up."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from contracts.models import User
from web.rate_limits import RateLimit
from web.throttling import PersonThrottle

LIMIT = RateLimit("test", tries=2, window=timedelta(minutes=1))
Program = Callable[[User | None], Client]


@pytest.fixture
def subject() -> str:
    return str(uuid4())


@pytest.fixture
def no_redis(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }


def test_a_limit_is_reached_after_as_many_tries(subject: str) -> None:
    reached = []
    for _ in range(3):
        reached.append(LIMIT.is_reached(subject))
        LIMIT.count(subject)
    assert reached == [False, False, True]


def test_one_subject_does_not_hold_up_another(subject: str) -> None:
    for _ in range(2):
        LIMIT.count(subject)
    assert not LIMIT.is_reached(f"{subject}-2")
    assert not RateLimit("other", tries=2, window=LIMIT.window).is_reached(subject)


def test_what_is_forgotten_may_be_tried_again(subject: str) -> None:
    for _ in range(2):
        LIMIT.count(subject)
    LIMIT.forget(subject)
    assert not LIMIT.is_reached(subject)


def test_the_window_begins_with_the_first_try(subject: str) -> None:
    LIMIT.count(subject)
    LIMIT.count(subject)
    left = cache._cache.get_client(None).ttl(cache.make_key(LIMIT._key(subject)))  # type: ignore[attr-defined]
    assert 0 < left <= 60


def test_no_address_stands_in_redis(subject: str) -> None:
    assert subject not in LIMIT._key(subject)


def test_a_count_that_expires_meanwhile_does_no_harm(subject: str) -> None:
    momentary = RateLimit("momentary", tries=1, window=timedelta(0))
    momentary.count(subject)
    assert not momentary.is_reached(subject)


def test_without_redis_nothing_is_counted(subject: str, no_redis: None) -> None:
    for _ in range(3):
        LIMIT.count(subject)
    assert not LIMIT.is_reached(subject)
    LIMIT.forget(subject)


def test_who_asks_too_much_is_held_up(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PersonThrottle.THROTTLE_RATES, "person", "2/min")
    client, other = program(None), program(None)
    answers = [client.get("/api/test/quiet") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert other.get("/api/test/quiet").status_code == HTTPStatus.OK


def test_without_redis_the_api_answers(program: Program, no_redis: None) -> None:
    assert program(None).get("/api/test/quiet").status_code == HTTPStatus.OK
