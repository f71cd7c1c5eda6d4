"""One run of a ticket's script, and the files it left: reached through the ticket alone."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reproducers.domain.watching import watch_trials
from reproducers.engine.quantities import format_bytes
from reproducers.models import Trial
from support.access import artifact_for, attachment_for, ticket_for, trial_for
from support.domain.findings import finding_of
from support.portal.downloads import download
from support.portal.evidence import Run
from support.portal.people import person_of
from support.portal.shown import shown_of


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
        "shown": shown_of(found),
        "tries": [_try(one) for one in report.get("tries") or ()],
        "limits": _limits(found),
        "ticket_url": reverse("desk-ticket" if person.is_staff else "ticket", args=[ticket_id]),
        "list_url": reverse("desk" if person.is_staff else "tickets"),
        "list_name": "Queue" if person.is_staff else "Tickets",
    }
    return render(request, "ticket/trial.html", facts)


def _try(one: Mapping[str, Any]) -> tuple[str, str]:
    """The verdict of a try, and what it took."""
    peak = one.get("peak_memory_bytes")
    took = [f"{one['seconds']:.1f} s", *([format_bytes(peak)] if peak else [])]
    return one["verdict"], ", ".join(took)


def _limits(trial: Trial) -> str:
    """What the run may use; empty where no job could be made."""
    policy = (trial.job or {}).get("policy")
    if not policy:
        return ""
    workers, threads = policy["workers"], policy["threads"]
    cluster = f"{_counted(workers, 'worker')} of {_counted(threads, 'thread')}"
    return f"{policy['timeout_seconds']:g} s, {format_bytes(policy['memory_bytes'])}, {cluster}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


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
