"""Accounts, and what people set themselves."""

from collections.abc import Callable

import pytest

from contracts.domain.calendars import NotUnderstood
from contracts.domain.people import (
    PasswordRefused,
    PersonRefused,
    close_account,
    reopen_account,
    save_person,
    set_own_password,
    set_own_zone,
)
from contracts.domain.roles import ManagersOnly
from contracts.domain.tokens import find_by_token, issue_token
from contracts.models import Seat, User
from tests.factories import (
    NOW,
    PASSWORD,
    make_engineer,
    make_manager,
    make_organization,
    make_seat,
    make_user,
)

pytestmark = pytest.mark.django_db


def test_a_new_person_has_no_password_yet() -> None:
    organization = make_organization()
    person = User(email=" Ines@Bank.example ", name="Ines", organization=organization)
    save_person(actor=make_manager(), person=person)
    person.refresh_from_db()
    assert (person.email, person.is_staff, person.has_usable_password()) == (
        "ines@bank.example",
        False,
        False,
    )


def test_the_role_decides_who_is_one_of_ours() -> None:
    person = User(email="mira@headwater.example", name="Mira", role=User.Role.ENGINEER)
    assert save_person(actor=None, person=person).is_staff
    assert not person.is_manager


def test_a_change_keeps_the_password() -> None:
    person = make_user(password=PASSWORD)
    person.name = "Renamed"
    save_person(actor=None, person=person)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


CLASHES: dict[str, tuple[dict[str, object], str]] = {
    "an e-mail in other letters": ({"email": "ALICE@example.org"}, "the e-mail address"),
    "a GitHub account": ({"github_id": 7}, "the GitHub account 7"),
    "a GitHub login in other letters": ({"github_login": "Alice-O"}, "the GitHub login Alice-O"),
}


@pytest.mark.parametrize("sentence", CLASHES)
def test_what_somebody_else_has_is_refused(sentence: str) -> None:
    make_user(email="alice@example.org", github_id=7, github_login="alice-o")
    changes, words = CLASHES[sentence]
    other = make_user()
    for field, value in changes.items():
        setattr(other, field, value)
    with pytest.raises(PersonRefused, match=words):
        save_person(actor=None, person=other)


def test_many_people_have_no_github_login() -> None:
    for _ in range(2):
        save_person(actor=None, person=make_user(github_login=""))
    assert User.objects.filter(github_login="").count() == 2


def test_nobody_is_both_a_customer_and_ours() -> None:
    person = make_user()
    person.role = User.Role.ENGINEER
    with pytest.raises(PersonRefused, match="has an organization, and one of ours has none"):
        save_person(actor=None, person=person)


def test_a_zone_is_one_that_exists() -> None:
    person = make_user()
    with pytest.raises(NotUnderstood, match="Europe/Atlantis"):
        set_own_zone(actor=person, zone="Europe/Atlantis")
    set_own_zone(actor=person, zone="Asia/Kathmandu")
    person.refresh_from_db()
    assert person.zone == "Asia/Kathmandu"


def test_a_closed_account_has_neither_seats_nor_tokens() -> None:
    seat = make_seat()
    person = seat.user
    secret = issue_token(actor=person, name="laptop", now=NOW).secret
    manager = make_manager()
    for _ in range(2):
        close_account(actor=manager, person=person, now=NOW)
    reopen_account(actor=manager, person=person)
    person.refresh_from_db()
    assert person.is_active
    assert not Seat.objects.held_at(NOW).exists()
    assert find_by_token(secret=secret, now=NOW) is None


def test_a_password_is_not_a_weak_one() -> None:
    person = make_user()
    with pytest.raises(PasswordRefused, match="too common"):
        set_own_password(actor=person, password="password1")
    set_own_password(actor=person, password=PASSWORD)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_engineers_keep_no_accounts() -> None:
    engineer, person = make_engineer(), make_user()
    refused: list[Callable[[], object]] = [
        lambda: save_person(actor=engineer, person=person),
        lambda: close_account(actor=engineer, person=person, now=NOW),
        lambda: reopen_account(actor=engineer, person=person),
    ]
    for verb in refused:
        with pytest.raises(ManagersOnly):
            verb()


def test_a_manager_whose_account_is_closed_does_nothing() -> None:
    manager = make_manager()
    manager.is_active = False
    with pytest.raises(ManagersOnly):
        reopen_account(actor=manager, person=manager)


def test_people_are_found_by_e_mail_whatever_its_letters() -> None:
    person = make_user(email="Alice@Example.org")
    assert User.objects.get_by_natural_key("ALICE@example.ORG") == person


def test_a_superuser_is_a_manager() -> None:
    root = User.objects.create_superuser("root@headwater.example", PASSWORD, name="Root")
    assert (root.is_manager, root.is_superuser) == (True, True)


def test_people_are_told_by_name() -> None:
    person = make_user("Ines Okafor")
    assert (str(person), person.get_full_name(), person.get_short_name()) == (
        "Ines Okafor",
        "Ines Okafor",
        "Ines",
    )


def test_engineers_and_seat_holders_are_words_on_people() -> None:
    engineer, manager, seat = make_engineer(), make_manager(), make_seat()
    make_user(organization=seat.project.organization)
    assert set(User.objects.engineers()) == {engineer, manager}
    organization = seat.project.organization
    assert list(User.objects.with_a_seat(organization=organization, at=NOW)) == [seat.user]
