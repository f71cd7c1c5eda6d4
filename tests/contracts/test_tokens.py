"""Keys of one person for `repro` and other programs."""

from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.domain.roles import ManagersOnly
from contracts.domain.tokens import (
    LIFETIME,
    TOKENS_A_PERSON,
    TokenIssuedBefore,
    TooManyTokens,
    digest_of,
    find_by_token,
    issue_token,
    revoke_token,
    valid_tokens_of,
)
from contracts.models import PersonalToken
from tests.factories import NOW, make_manager, make_user

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_a_token_finds_its_person() -> None:
    person = make_user()
    issued = issue_token(actor=person, name="laptop", now=NOW)
    found = find_by_token(secret=issued.secret, now=NOW)
    assert found == issued.token
    assert found is not None
    assert found.user == person


def test_only_the_digest_is_kept() -> None:
    issued = issue_token(actor=make_user(), name="laptop", now=NOW)
    kept = PersonalToken.objects.filter(pk=issued.token.pk).values().get()
    assert kept["digest"] == digest_of(issued.secret)
    assert issued.secret not in str(kept)


def test_no_two_tokens_are_alike() -> None:
    person = make_user()
    secrets = {issue_token(actor=person, name="laptop", now=NOW).secret for _ in range(3)}
    assert len(secrets) == 3
    assert all(len(secret) > 40 for secret in secrets)


@pytest.mark.parametrize("secret", ["", "hw_", "nonsense", "ÿ" * 40])
def test_what_is_no_token_finds_nobody(secret: str) -> None:
    issue_token(actor=make_user(), name="laptop", now=NOW)
    assert find_by_token(secret=secret, now=NOW) is None


def test_a_token_works_for_a_year() -> None:
    issued = issue_token(actor=make_user(), name="laptop", now=NOW)
    assert find_by_token(secret=issued.secret, now=NOW + LIFETIME - SECOND) is not None
    assert find_by_token(secret=issued.secret, now=NOW + LIFETIME) is None


def test_a_revoked_token_opens_nothing_and_keeps_the_instant() -> None:
    person = make_user()
    issued = issue_token(actor=person, name="laptop", now=NOW)
    revoke_token(actor=person, token=issued.token, now=NOW)
    revoke_token(actor=person, token=issued.token, now=NOW + SECOND)
    assert find_by_token(secret=issued.secret, now=NOW) is None
    issued.token.refresh_from_db()
    assert issued.token.revoked_at == NOW


def test_others_revoke_no_token_but_managers_do() -> None:
    issued = issue_token(actor=make_user(), name="laptop", now=NOW)
    with pytest.raises(ManagersOnly):
        revoke_token(actor=make_user(), token=issued.token, now=NOW)
    assert find_by_token(secret=issued.secret, now=NOW) is not None
    revoke_token(actor=make_manager(), token=issued.token, now=NOW)
    assert find_by_token(secret=issued.secret, now=NOW) is None


def test_a_token_of_a_closed_account_opens_nothing() -> None:
    person = make_user()
    secret = issue_token(actor=person, name="laptop", now=NOW).secret
    person.is_active = False
    person.save()
    assert find_by_token(secret=secret, now=NOW) is None


def test_its_use_is_noted_once_a_minute() -> None:
    issued = issue_token(actor=make_user(), name="laptop", now=NOW)
    noted = []
    for seconds in (0, 30, 61):
        find_by_token(secret=issued.secret, now=NOW + seconds * SECOND)
        issued.token.refresh_from_db()
        noted.append(issued.token.last_used_at)
    assert noted == [NOW, NOW, NOW + 61 * SECOND]


def test_a_form_sent_twice_makes_one_token() -> None:
    person, key = make_user(), uuid4()
    issue_token(actor=person, name="laptop", now=NOW, idempotency_key=key)
    with pytest.raises(TokenIssuedBefore):
        issue_token(actor=person, name="laptop", now=NOW, idempotency_key=key)
    assert person.tokens.count() == 1


def test_a_person_has_a_bounded_number_of_valid_tokens() -> None:
    person = make_user()
    for _ in range(TOKENS_A_PERSON):
        last = issue_token(actor=person, name="laptop", now=NOW)
    with pytest.raises(TooManyTokens):
        issue_token(actor=person, name="laptop", now=NOW)
    revoke_token(actor=person, token=last.token, now=NOW)
    assert issue_token(actor=person, name="laptop", now=NOW).token.pk
    assert valid_tokens_of(user=person, now=NOW).count() == TOKENS_A_PERSON


def test_a_token_without_a_name_is_called_one() -> None:
    assert issue_token(actor=make_user(), name="  ", now=NOW).token.name == "token"
