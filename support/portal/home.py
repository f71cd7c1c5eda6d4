"""The portal's first page: what is going on with our problems, and what is left?"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.domain.contracts import contract_in_force
from contracts.domain.entitlements import contacts_of
from contracts.models import Project, User
from support.domain.findings import findings_by_ticket, release_order
from support.models import Ticket, UpstreamIssue, UpstreamLink
from support.portal.lists import Line, lines_of
from support.portal.people import person_of
from support.portal.seats import answer_without_a_seat

SHOWN_FIXES = 12


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A public fix for one of the customer's problems; `seen` is what our own run on it said."""

    issue: UpstreamIssue
    ticket: Ticket
    seen: str


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    if person.is_staff:
        return redirect("desk")
    if answer := answer_without_a_seat(request, now=now):
        return answer
    return render(request, "portal/home.html", _facts(person, now) | {"page": "home", "now": now})


def _facts(person: User, now: datetime) -> dict[str, Any]:
    organization = person.organization
    assert organization is not None  # whoever holds a seat belongs to one
    visible = Ticket.objects.visible_to(person)
    lines = lines_of(visible.open().select_related("assignee", "organization"), now=now)
    of = {owner: _first_due_first(lines, owner) for owner in ("customer", "us", "upstream")}
    dues = [line.turn.due_at for line in of["us"] if line.turn.due_at]
    return {
        "organization": organization,
        "yours": of["customer"],
        "ours": of["us"],
        "upstream": of["upstream"],
        "next_due": min((due for due in dues if due > now), default=None),
        "contract": contract_in_force(organization=organization, now=now),
        "projects": Project.objects.filter(organization=organization),
        "contacts": contacts_of(organization=organization, now=now),
        "fixes": _fixes(person),
    }


def _first_due_first(lines: list[Line], owner: str) -> list[Line]:
    theirs = [line for line in lines if line.turn.owner == owner]
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(theirs, key=lambda line: (line.turn.due_at or far, line.ticket.opened_at))


def _fixes(person: User) -> list[Fix]:
    """Released fixes of what the organization reported, the newest release first."""
    links = UpstreamLink.objects.filter(
        ticket__in=Ticket.objects.visible_to(person),
        upstream_issue__state=UpstreamIssue.State.RELEASED,
    ).select_related("ticket", "upstream_issue")
    listed = sorted(
        links, key=lambda link: release_order(link.upstream_issue.fixed_in), reverse=True
    )[:SHOWN_FIXES]
    findings = findings_by_ticket([link.ticket for link in listed])
    return [
        Fix(
            issue=link.upstream_issue,
            ticket=link.ticket,
            seen=_seen(findings[link.ticket.pk], link.upstream_issue.fixed_in),
        )
        for link in listed
    ]


def _seen(findings: list[Any], fixed_in: str) -> str:
    """What our own run on the release with the fix, or a later one, said."""
    fixed = release_order(fixed_in)
    clean = [one for one in findings if one.shape == "clean" and one.order >= fixed]
    return f"clean, {clean[0].often}" if clean else ""
