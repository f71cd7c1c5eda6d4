"""Who may not talk to us is told who may."""

from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contracts.domain.entitlements import Reason, may_open_ticket
from support.portal.people import person_of

SEATLESS = {Reason.NO_SEAT, Reason.SEAT_ENDED, Reason.NOT_THEIRS}


def answer_without_a_seat(request: HttpRequest, *, now: datetime) -> HttpResponse | None:
    """The page that names the contacts, with what was typed to pass on; None for whoever holds a
    seat."""
    entitlement = may_open_ticket(user=person_of(request), now=now)
    if entitlement.allowed or entitlement.reason not in SEATLESS:
        return None
    facts = {"entitlement": entitlement, "kept": request.POST.get("body", "")}
    return render(request, "portal/no_seat.html", facts, status=HTTPStatus.FORBIDDEN)
