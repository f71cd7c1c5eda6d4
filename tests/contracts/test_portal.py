"""Signing in and out, passwords by mail, and a person's own account, as a browser does it."""

import re
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from contracts.domain.demo import fill_demo_contracts
from contracts.domain.sign_in import BY_PERSON_AND_ADDRESS, LINKS_BY_PERSON
from contracts.domain.tokens import find_by_token, issue_token
from contracts.models import PersonalToken, User
from contracts.tasks import password_path, send_password_link
from tests.factories import NOW, PASSWORD, make_customer, make_engineer, make_user

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "a river runs past seven stones"


@pytest.fixture
def person() -> User:
    return make_customer(password=PASSWORD)


@pytest.fixture
def browser() -> Client:
    """From an address of its own: failures are counted by it."""
    return Client(REMOTE_ADDR=f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}")


def sign_in(browser: Client, person: User, password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return browser.post("/sign-in/", {"email": person.email, "password": password, **more})


def test_a_person_signs_in_and_out(browser: Client, person: User) -> None:
    assert browser.get("/account/").headers["Location"] == "/sign-in/?next=/account/"
    answer = sign_in(browser, person, next="/account/")
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, "/account/")
    assert person.email in browser.get("/account/").content.decode()
    assert browser.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert browser.get("/account/").status_code == HTTPStatus.FOUND


def test_who_is_signed_in_need_not_do_it_again(browser: Client, person: User) -> None:
    browser.force_login(person)
    assert browser.get("/sign-in/?next=/account/").headers["Location"] == "/account/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"]
)
def test_signing_in_leads_nowhere_else(browser: Client, person: User, elsewhere: str) -> None:
    assert sign_in(browser, person, next=elsewhere).headers["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_address(browser: Client, person: User) -> None:
    answer = sign_in(browser, person, "wrong")
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "E-mail and password do not belong together." in page
    assert person.email in page
    assert 'value="wrong"' not in page


def test_too_many_wrong_passwords_wait(browser: Client, person: User) -> None:
    for _ in range(BY_PERSON_AND_ADDRESS.tries):
        sign_in(browser, person, "wrong")
    answer = sign_in(browser, person)
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Try again in a quarter of an hour." in answer.content.decode()


def test_an_empty_form_is_answered_with_what_is_missing(browser: Client) -> None:
    answer = browser.post("/sign-in/", {})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "This field is required." in answer.content.decode()


def test_the_sign_in_page_is_kept_by_no_cache(browser: Client) -> None:
    assert "no-store" in browser.get("/sign-in/").headers["Cache-Control"]


def test_demo_logins_are_shown_on_the_embedded_demo_database_only(
    browser: Client, settings: Settings
) -> None:
    settings.IS_EMBEDDED = True
    assert "headwater-demo" not in browser.get("/sign-in/").content.decode()
    fill_demo_contracts(now=NOW)
    page = browser.get("/sign-in/").content.decode()
    assert "headwater-demo" in page
    assert "ines@bank.example" in page
    settings.IS_EMBEDDED = False
    page = browser.get("/sign-in/").content.decode()
    assert "headwater-demo" not in page
    assert "ines@bank.example" not in page


def test_signing_out_takes_a_post(browser: Client, person: User) -> None:
    browser.force_login(person)
    assert browser.get("/sign-out/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert browser.get("/account/").status_code == HTTPStatus.OK


# A password by mail.


def links() -> list[str]:
    return re.findall(r"https?://\S+", "".join(str(message.body) for message in mail.outbox))


def test_a_link_by_mail_sets_a_password_once(browser: Client, person: User) -> None:
    send_password_link(person.email.upper())
    assert [message.to for message in mail.outbox] == [[person.email]]
    [link] = links()
    path = link.removeprefix(django_settings.PUBLIC_URL)
    form = browser.get(path, follow=True)
    assert "Choose a new password." in form.content.decode()
    place = form.redirect_chain[-1][0]
    both = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert browser.post(place, both).headers["Location"] == "/"
    person.refresh_from_db()
    assert person.check_password(NEW_PASSWORD)
    assert browser.get("/account/").status_code == HTTPStatus.OK
    assert "This link no longer works." in Client().get(path, follow=True).content.decode()


def test_looking_at_the_link_changes_nothing(browser: Client, person: User) -> None:
    before = User.objects.filter(pk=person.pk).values().get()
    browser.get(password_path(person), follow=True)
    assert User.objects.filter(pk=person.pk).values().get() == before


def test_a_weak_password_is_refused_on_the_form(browser: Client, person: User) -> None:
    place = browser.get(password_path(person), follow=True).redirect_chain[-1][0]
    answer = browser.post(place, {"new_password1": "password1", "new_password2": "password1"})
    assert "This password is too common." in answer.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_no_mail_goes_to_who_has_no_open_account() -> None:
    closed = make_user(is_active=False)
    for email in ("nobody@example.org", closed.email):
        send_password_link(email)
    assert mail.outbox == []


def test_the_answer_is_the_same_whoever_has_an_account(browser: Client, person: User) -> None:
    answers = [
        browser.post("/password/forgotten/", {"email": email})
        for email in (person.email, "nobody@example.org")
    ]
    assert [answer.headers["Location"] for answer in answers] == ["/password/sent/"] * 2
    page = browser.get("/password/sent/").content.decode()
    assert person.email not in page


def test_asking_too_often_is_refused(browser: Client) -> None:
    email = {"email": f"{uuid4().hex}@example.org"}
    for _ in range(LINKS_BY_PERSON.tries):
        browser.post("/password/forgotten/", email)
    answer = browser.post("/password/forgotten/", email)
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_what_is_no_address_is_refused(browser: Client) -> None:
    answer = browser.post("/password/forgotten/", {"email": "nonsense"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST


# The account.


def test_a_token_is_shown_once(browser: Client, person: User) -> None:
    browser.force_login(person)
    key = re.search(r'name="idempotency_key" value="([^"]+)"', _account(browser))
    assert key is not None
    form = {"name": "laptop", "idempotency_key": key[1]}
    first = browser.post("/account/tokens/", form)
    [secret] = re.findall(r"hw_[\w-]+", first.content.decode())
    assert find_by_token(secret=secret, now=NOW) is not None
    assert "no-store" in first.headers["Cache-Control"]
    again = browser.post("/account/tokens/", form)
    assert again.status_code == HTTPStatus.CONFLICT
    assert "That form was sent twice" in again.content.decode()
    assert PersonalToken.objects.count() == 1
    page = _account(browser)
    assert "laptop" in page
    assert secret not in page


def test_a_token_has_a_purpose(browser: Client, person: User) -> None:
    browser.force_login(person)
    answer = browser.post("/account/tokens/", {"name": ""})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert PersonalToken.objects.count() == 0


def test_a_token_is_revoked_by_its_owner_and_not_found_by_others(
    browser: Client, person: User
) -> None:
    issued = issue_token(actor=person, name="laptop", now=NOW)
    path = f"/account/tokens/{issued.token.pk}/revoke/"
    browser.force_login(make_user())
    assert browser.post(path).status_code == HTTPStatus.NOT_FOUND
    assert find_by_token(secret=issued.secret, now=NOW) is not None
    browser.force_login(person)
    assert browser.post(path).headers["Location"] == "/account/"
    assert find_by_token(secret=issued.secret, now=NOW) is None
    assert "opens nothing any more" in _account(browser)


def test_times_are_shown_in_the_zone_that_was_chosen(browser: Client, person: User) -> None:
    browser.force_login(person)
    answer = browser.post("/account/zone/", {"zone": "Asia/Kathmandu"})
    assert answer.headers["Location"] == "/account/"
    assert "Times are in Asia/Kathmandu" in _account(browser)


def test_a_zone_of_nobodys_is_refused(browser: Client, person: User) -> None:
    browser.force_login(person)
    answer = browser.post("/account/zone/", {"zone": "Mars/Olympus"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    person.refresh_from_db()
    assert person.zone == "Europe/Berlin"


def test_the_password_is_changed_with_the_old_one(browser: Client, person: User) -> None:
    elsewhere = Client()
    for each in (browser, elsewhere):
        each.force_login(person)
    form = {
        "old_password": PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    }
    assert "old_password" in browser.get("/account/password/").content.decode()
    assert browser.post("/account/password/", form).headers["Location"] == "/account/"
    assert browser.get("/account/").status_code == HTTPStatus.OK
    assert elsewhere.get("/account/").status_code == HTTPStatus.FOUND


def test_the_password_stays_without_the_old_one(browser: Client, person: User) -> None:
    browser.force_login(person)
    form = {"old_password": "wrong", "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert browser.post("/account/password/", form).status_code == HTTPStatus.OK
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_staff_see_their_role(browser: Client) -> None:
    browser.force_login(make_engineer())
    assert "support engineer" in _account(browser)


def _account(browser: Client) -> str:
    return browser.get("/account/").content.decode()
