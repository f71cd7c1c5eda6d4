"""Who signs in, by e-mail and password, and how often somebody may guess."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from django.contrib.auth import authenticate
from django.http import HttpRequest

from contracts.models import User
from web.errors import HeadwaterError
from web.rate_limits import RateLimit

_QUARTER = timedelta(minutes=15)
BY_PERSON_AND_ADDRESS = RateLimit("sign-in", tries=8, window=_QUARTER)
BY_PERSON = RateLimit("sign-in-person", tries=60, window=_QUARTER)
BY_ADDRESS = RateLimit("sign-in-address", tries=60, window=_QUARTER)
"""A guesser is stopped early; from elsewhere the person still gets in."""

LINKS_BY_PERSON = RateLimit("password-link", tries=5, window=timedelta(hours=1))
LINKS_BY_ADDRESS = RateLimit("password-link-address", tries=30, window=timedelta(hours=1))


class SignInRefused(HeadwaterError):
    """The same words whether the account is unknown, closed, or the password wrong."""

    code = "sign-in-refused"
    status = HTTPStatus.UNAUTHORIZED


class TooManyTries(HeadwaterError):
    code = "too-many-tries"
    status = HTTPStatus.TOO_MANY_REQUESTS
    retryable = True


def check_password_of(
    *, email: str, password: str, address: str, request: HttpRequest | None = None
) -> User:
    """The active person with that e-mail and password. Raises `SignInRefused`, `TooManyTries`.

    `address` is the network address of who tries; failures are counted by it and by e-mail.
    """
    email = email.strip().lower()
    counted = {BY_PERSON_AND_ADDRESS: f"{email} {address}", BY_PERSON: email, BY_ADDRESS: address}
    if _is_any_reached(counted):
        raise TooManyTries(
            "There were too many wrong passwords.", remedy="Try again in a quarter of an hour."
        )
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        _count_all(counted)
        raise SignInRefused(
            "E-mail and password do not belong together.",
            remedy="Check both, or ask for a new password.",
        )
    BY_PERSON_AND_ADDRESS.forget(f"{email} {address}")
    return user


def count_password_link(*, email: str, address: str) -> None:
    """Note that a link was asked for, whoever has an account. Raises `TooManyTries`."""
    counted = {LINKS_BY_PERSON: email.strip().lower(), LINKS_BY_ADDRESS: address}
    if _is_any_reached(counted):
        raise TooManyTries(
            "A link was asked for too often.", remedy="Look into your mail, or try in an hour."
        )
    _count_all(counted)


def _is_any_reached(counted: Mapping[RateLimit, str]) -> bool:
    return any(limit.is_reached(subject) for limit, subject in counted.items())


def _count_all(counted: Mapping[RateLimit, str]) -> None:
    for limit, subject in counted.items():
        limit.count(subject)
