"""What is done to a ticket with one press: each view makes one call and says what came of it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from contracts.models import User
from support.access import experiment_for, ticket_for
from support.desk.forms import UpstreamForm
from support.desk.staff import one_of_ours, staff_only
from support.desk.ticket import page
from support.domain.experiments import cancel_experiment, rerun_on
from support.domain.tickets import assign as assign_ticket
from support.domain.tickets import set_priority, set_state
from support.domain.upstream import link_upstream
from support.models import Ticket
from support.portal.evidence import evidence_of
from support.portal.people import person_of
from support.tasks.trackers import send_changes
from web.errors import HeadwaterError
from web.wakeups import wake

Action = Callable[[HttpRequest, Ticket, datetime], str]


def action(act: Action) -> Callable[..., HttpResponse]:
    """A POST that does one thing to a ticket, and comes back to it with what came of it."""

    @staff_only
    @require_POST
    @wraps(act)
    def view(request: HttpRequest, ticket_id: int) -> HttpResponse:
        found, now = ticket_for(person_of(request), ticket_id), timezone.now()
        try:
            messages.success(request, act(request, found, now))
        except HeadwaterError as refusal:
            messages.error(request, str(refusal))
        wake(send_changes)
        return redirect("desk-ticket", found.pk)

    return view


@action
def assign(request: HttpRequest, found: Ticket, now: datetime) -> str:
    chosen = request.POST.get("assignee", "")
    assignee = one_of_ours(chosen) if chosen else None
    assign_ticket(ticket=found, assignee=assignee, actor=person_of(request), now=now)
    return f"{assignee.name} has it now." if assignee else "Nobody has it now."


@action
def priority(request: HttpRequest, found: Ticket, now: datetime) -> str:
    changed = set_priority(
        ticket=found,
        priority=request.POST.get("priority", ""),
        actor=person_of(request),
        now=now,
    )
    return f"The priority is {changed.get_priority_display()} now."


@action
def state(request: HttpRequest, found: Ticket, now: datetime) -> str:
    changed = set_state(
        ticket=found, state=request.POST.get("state", ""), actor=person_of(request), now=now
    )
    return f"The ticket is {changed.get_state_display()} now."


@action
def rerun(request: HttpRequest, found: Ticket, now: datetime) -> str:
    release = request.POST.get("release", "").replace("\0", "")
    rerun_on(ticket=found, release=release, actor=person_of(request), now=now)
    return f"It runs on {release.strip()} as soon as a runner is free."


@action
def cancel(request: HttpRequest, found: Ticket, now: datetime) -> str:
    experiment = experiment_for(person_of(request), found.pk, request.POST.get("experiment", ""))
    cancel_experiment(experiment=experiment, actor=person_of(request), now=now)
    return "Cancelled. What had ended is kept."


@staff_only
@require_POST
def upstream(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Link a public issue, or change how far a linked one is."""
    found, now = ticket_for(person_of(request), ticket_id), timezone.now()
    form = UpstreamForm(request.POST)
    if form.is_valid():
        try:
            _link(found, form.cleaned_data, person_of(request), now)
        except HeadwaterError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{form.issue} is linked.")
            return redirect("desk-ticket", found.pk)
    return page(request, found, evidence_of(found, now=now), now, upstream_form=form, status=400)


def _link(found: Ticket, sent: dict[str, Any], person: User, now: datetime) -> None:
    repository, number = sent["reference"]
    link_upstream(
        ticket=found,
        repository=repository,
        number=number,
        title=sent["title"],
        state=sent["state"],
        fixed_in=sent["fixed_in"],
        actor=person,
        now=now,
    )
    wake(send_changes)
