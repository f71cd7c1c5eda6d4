"""Who acts in the admin."""

from django.http import HttpRequest

from contracts.models import User


def actor_of(request: HttpRequest) -> User:
    """The signed-in person; the admin site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
