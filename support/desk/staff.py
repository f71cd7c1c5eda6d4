"""The desk is ours: to everybody else its pages do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from contracts.models import User
from support.portal.people import person_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def one_of_ours(key: str) -> User:
    """The support engineer of that key. Raises `Http404`."""
    if not key.isdecimal() or len(key) > 18:
        raise Http404
    person: User = get_object_or_404(User.objects.engineers(), pk=key)
    return person


def staff_only(view: View[P]) -> View[P]:
    """A view for signed-in people of ours; others are asked to sign in, or find nothing."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not person_of(request).is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(guarded)
