"""One run of a ticket's script, and the files it left: reached through the ticket alone."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reproducers.domain.watching import watch_trials
from support.access import artifact_for, attachment_for, ticket_for, trial_for
from support.domain.findings import finding_of
from support.portal.downloads import download
from support.portal.evidence import Run
from support.portal.people import person_of


@login_required
@require_safe
def trial(request: HttpRequest, ticket_id: int, trial_id: int) -> HttpResponse:
    """What the run came to, and on what that rests."""
    person, now = person_of(request), timezone.now()
    found = trial_for(person, ticket_id, trial_id)
    progress = watch_trials(trials=[found], now=now)
    report = found.report or {}
    packages = (report.get("environment") or {}).get("packages") or {}
    facts = {
        "base": "desk/base.html" if person.is_staff else "portal/base.html",
        "page": "ticket",
        "now": now,
        "ticket": ticket_for(person, ticket_id),
        "trial": found,
        "run": Run(finding=finding_of(found), progress=progress.get(found.pk)),
        "report": report,
        "packages": sorted(packages.items()),
        "files": found.artifacts.defer("content"),
        "ticket_url": reverse("desk-ticket" if person.is_staff else "ticket", args=[ticket_id]),
        "list_url": reverse("desk" if person.is_staff else "tickets"),
        "list_name": "Queue" if person.is_staff else "Tickets",
    }
    return render(request, "ticket/trial.html", facts)


@login_required
@require_safe
def artifact(request: HttpRequest, ticket_id: int, trial_id: int, artifact_id: int) -> HttpResponse:
    """A file that the run left, as a download."""
    found = artifact_for(person_of(request), ticket_id, trial_id, artifact_id)
    return download(bytes(found.content), name=found.name)


@login_required
@require_safe
def attachment(request: HttpRequest, ticket_id: int, attachment_id: int) -> HttpResponse:
    """A file that came with a message, as a download."""
    found = attachment_for(person_of(request), ticket_id, attachment_id)
    return download(bytes(found.content), name=found.name)
