"""Who is looking: a signed-in person, typed."""

from typing import cast

from django.http import HttpRequest

from contracts.models import User


def person_of(request: HttpRequest) -> User:
    """The signed-in person; only for views that `login_required` guards."""
    return cast(User, request.user)
