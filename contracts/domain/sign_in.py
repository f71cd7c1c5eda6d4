"""Who signs in, by e-mail and password, and how often somebody may guess."""

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
    if any(limit.is_reached(subject) for limit, subject in counted.items()):
        raise TooManyTries(
            "There were too many wrong passwords.", remedy="Try again in a quarter of an hour."
        )
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        for limit, subject in counted.items():
            limit.count(subject)
        raise SignInRefused(
            "E-mail and password do not belong together.",
            remedy="Check both, or ask for a new password.",
        )
    BY_PERSON_AND_ADDRESS.forget(f"{email} {address}")
    return user
