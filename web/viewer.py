"""The viewer's zone and the page's instant, for every page: an edge that reads the clock."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

FALLBACK = "UTC"


class ViewerZoneMiddleware:
    """Times are shown in the zone of the account; without one, in UTC.

    A zone that this machine does not know (an old tzdata) is no reason to show nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(zone_of(request)):
            return self.get_response(request)


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone that the signed-in person chose."""
    name = getattr(request.user, "zone", "") or FALLBACK
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        return ZoneInfo(FALLBACK)


def page_facts(request: HttpRequest) -> dict[str, object]:
    """`now` (unless the view gives its own) and the name of the zone, for the foot of the page."""
    return {
        "now": timezone.now(),  # noqa: TID251 -- a context processor is an edge
        "zone_name": timezone.get_current_timezone_name(),
    }
