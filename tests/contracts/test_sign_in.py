"""Who signs in, and how often somebody may guess."""

from uuid import uuid4

import pytest
from django.core.cache import caches
from pytest_django.fixtures import Settings

from contracts.domain.demo import PASSWORD as DEMO_PASSWORD
from contracts.domain.demo import demo_logins, fill_demo_contracts
from contracts.domain.entitlements import Reason, may_open_ticket
from contracts.domain.sign_in import (
    BY_ADDRESS,
    BY_PERSON_AND_ADDRESS,
    LINKS_BY_PERSON,
    SignInRefused,
    TooManyTries,
    check_password_of,
    count_password_link,
)
from contracts.models import Contract
from tests.factories import NOW, PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def address() -> str:
    """Of its own for each test: what is counted stays in Redis."""
    return str(uuid4())


def guess(email: str, address: str) -> None:
    with pytest.raises(SignInRefused):
        check_password_of(email=email, password="wrong", address=address)


def test_e_mail_and_password_belong_together(address: str) -> None:
    person = make_user(email="ines@bank.example", password=PASSWORD)
    found = check_password_of(email=" Ines@BANK.example ", password=PASSWORD, address=address)
    assert found == person


def test_unknown_wrong_and_closed_sound_the_same(address: str) -> None:
    closed = make_user(password=PASSWORD, is_active=False)
    person = make_user(password=PASSWORD)
    tries = [("nobody@example.org", PASSWORD), (person.email, "wrong"), (closed.email, PASSWORD)]
    refusals = []
    for email, password in tries:
        with pytest.raises(SignInRefused) as refusal:
            check_password_of(email=email, password=password, address=address)
        refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1


def test_after_eight_wrong_passwords_that_address_waits_and_another_does_not(address: str) -> None:
    person = make_user(password=PASSWORD)
    for _ in range(BY_PERSON_AND_ADDRESS.tries):
        guess(person.email, address)
    with pytest.raises(TooManyTries):
        check_password_of(email=person.email, password=PASSWORD, address=address)
    elsewhere = check_password_of(email=person.email, password=PASSWORD, address=f"{address}-2")
    assert elsewhere == person


def test_the_right_password_forgives_the_wrong_ones(address: str) -> None:
    person = make_user(password=PASSWORD)
    for _ in range(2):
        for _ in range(BY_PERSON_AND_ADDRESS.tries - 1):
            guess(person.email, address)
        assert check_password_of(email=person.email, password=PASSWORD, address=address) == person


def test_who_guesses_at_many_people_waits_as_well(address: str) -> None:
    for _ in range(BY_ADDRESS.tries):
        BY_ADDRESS.count(address)
    person = make_user(password=PASSWORD)
    with pytest.raises(TooManyTries):
        check_password_of(email=person.email, password=PASSWORD, address=address)


def test_without_redis_everybody_signs_in_as_before(address: str, settings: Settings) -> None:
    person = make_user(password=PASSWORD)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }
    assert "nowhere" in str(caches["default"]._servers)  # type: ignore[attr-defined]
    for _ in range(BY_PERSON_AND_ADDRESS.tries + 1):
        guess(person.email, address)
    assert check_password_of(email=person.email, password=PASSWORD, address=address) == person


def test_links_are_asked_for_a_few_times_an_hour(address: str) -> None:
    email = f"{address}@example.org"
    for _ in range(LINKS_BY_PERSON.tries):
        count_password_link(email=email, address=address)
    with pytest.raises(TooManyTries, match="too often"):
        count_password_link(email=email.upper(), address=address)


def test_the_demonstration_has_everybody_who_is_needed(address: str) -> None:
    demo = fill_demo_contracts(now=NOW)
    reasons = {
        name: may_open_ticket(user=person, now=NOW).reason for name, person in demo.people.items()
    }
    assert reasons == {
        "ines": Reason.SEAT,
        "paul": Reason.SEAT,
        "lena": Reason.SEAT,
        "ravi": Reason.SEAT,
        "ana": Reason.SEAT,
        "sam": Reason.NO_SEAT,
        "dana": Reason.SEAT_ENDED,
        "mira": Reason.STAFF,
        "teo": Reason.STAFF,
        "jon": Reason.STAFF,
    }
    assert Contract.objects.in_force(NOW).count() == 3


def test_each_demo_login_works(address: str) -> None:
    assert demo_logins() == []
    fill_demo_contracts(now=NOW)
    emails = [login.email for login in demo_logins()]
    assert len(emails) == 7
    found = [
        check_password_of(email=email, password=DEMO_PASSWORD, address=address) for email in emails
    ]
    assert [person.email for person in found] == emails
