"""People: their accounts, and what they may set themselves."""

from datetime import datetime
from http import HTTPStatus

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from contracts.domain.calendars import require_zone
from contracts.domain.roles import require_manager
from contracts.domain.seats import end_seat
from contracts.models import Seat, User
from web.constraints import refusals
from web.errors import HeadwaterError


class PersonRefused(HeadwaterError):
    """The account would clash with another one, or makes no sense."""

    code = "person-refused"
    status = HTTPStatus.CONFLICT


class PasswordRefused(HeadwaterError):
    code = "password-refused"


def save_person(*, actor: User | None, person: User) -> User:
    """Keep a person as filled in, new or changed; without a password nobody signs in as them.

    The role decides who is one of ours. Raises `PersonRefused`, `NotUnderstood`, `ManagersOnly`.
    """
    require_manager(actor)
    require_zone(person.zone, place="time zone")
    person.email = person.email.strip().lower()
    person.is_staff = person.role != User.Role.CUSTOMER
    if not person.password:
        person.set_unusable_password()
    with refusals(_refusals(person)):
        person.save()
    return person


def close_account(*, actor: User | None, person: User, now: datetime) -> User:
    """Nobody signs in as `person` any more: tokens are revoked and seats end. Repeatable."""
    require_manager(actor)
    with transaction.atomic():
        for seat in Seat.objects.held_at(now).filter(user=person):
            end_seat(actor=actor, seat=seat, now=now)
        person.tokens.filter(revoked_at=None).update(revoked_at=now)
        person.is_active = False
        person.save(update_fields=["is_active"])
    return person


def reopen_account(*, actor: User | None, person: User) -> User:
    """The account works again; seats and tokens do not come back by themselves."""
    require_manager(actor)
    person.is_active = True
    person.save(update_fields=["is_active"])
    return person


def set_own_zone(*, actor: User, zone: str) -> User:
    """Show every time in `zone` from now on. Raises `NotUnderstood`."""
    require_zone(zone, place="time zone")
    actor.zone = zone
    actor.save(update_fields=["zone"])
    return actor


def set_own_password(*, actor: User, password: str) -> User:
    """Ends every other session of `actor`. Raises `PasswordRefused` with what is weak about it."""
    try:
        validate_password(password, actor)
    except ValidationError as refusal:
        raise PasswordRefused(" ".join(refusal.messages), remedy="Choose another one.") from None
    actor.set_password(password)
    actor.save(update_fields=["password"])
    return actor


def _refusals(person: User) -> dict[str, HeadwaterError]:
    another = {
        "an_email_belongs_to_one_person": f"the e-mail address {person.email}",
        "a_github_account_belongs_to_one_person": f"the GitHub account {person.github_id}",
        "a_github_login_belongs_to_one_person": f"the GitHub login {person.github_login}",
    }
    errors: dict[str, HeadwaterError] = {
        name: PersonRefused(f"Somebody else has {what}.", remedy="Change that person instead.")
        for name, what in another.items()
    }
    errors["staff_have_a_role_and_no_organization"] = PersonRefused(
        "A customer's person has an organization, and one of ours has none.",
        remedy="Choose an organization, or a role of ours.",
    )
    return errors
