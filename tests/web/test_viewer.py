from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from web.viewer import ViewerZoneMiddleware, page_facts, zone_of


def request_of(zone: str | None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = SimpleNamespace() if zone is None else SimpleNamespace(zone=zone)  # type: ignore[assignment]
    return request


@pytest.mark.parametrize(
    ("chosen", "zone"),
    [
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("", "UTC"),
        (None, "UTC"),
        ("Mars/Olympus", "UTC"),
        ("../etc/passwd", "UTC"),
    ],
)
def test_times_are_shown_in_the_zone_that_the_person_chose(chosen: str | None, zone: str) -> None:
    assert zone_of(request_of(chosen)) == ZoneInfo(zone)


def test_the_page_names_its_zone_and_the_next_page_starts_afresh() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(page_facts(request)["zone_name"]))

    response = ViewerZoneMiddleware(view)(request_of("Asia/Kolkata"))

    assert isinstance(response, HttpResponse)
    assert response.content == b"Asia/Kolkata"
    assert timezone.get_current_timezone_name() == "UTC"
