"""Fixtures of the tests of web."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from contracts.domain.tokens import issue_token
from contracts.models import User
from tests.factories import make_engineer


@pytest.fixture
def urls(settings: Settings) -> None:
    """The pages of `tests.web.urls`, besides our own."""
    settings.ROOT_URLCONF = "tests.web.urls"


@pytest.fixture
def program(db: None, urls: None) -> Callable[[User | None], Client]:
    """A client with a token, of an engineer unless somebody is named."""

    def for_person(person: User | None = None) -> Client:
        now = datetime.now(UTC)
        issued = issue_token(actor=person or make_engineer(), name="test", now=now)
        return Client(
            raise_request_exception=False, headers={"Authorization": f"Bearer {issued.secret}"}
        )

    return for_person
