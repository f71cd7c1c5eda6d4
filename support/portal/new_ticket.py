"""Opening a ticket: the form, its live parts, and the one submission."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from contracts.domain.service_levels import promised_first_responses
from contracts.models import Project, User
from reproducers.engine.script import first_python_block
from support.domain.similar import Similar, similar_problems
from support.domain.texts import BODY_CHARACTERS
from support.domain.tickets import open_ticket
from support.models import Ticket
from support.models.tickets import Channel
from support.portal.evidence import known_releases
from support.portal.forms import NewTicketForm, files_of, severity_choices
from support.portal.people import person_of
from support.portal.reading import Reading, read
from support.portal.seats import answer_without_a_seat
from support.tasks.trackers import send_changes
from web.errors import HeadwaterError
from web.markdown import render as render_markdown
from web.wakeups import wake


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_ticket(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    if person.is_staff:
        return redirect("desk")
    if refusal := answer_without_a_seat(request, now=now):
        return refusal
    projects = _projects(person, now)
    if request.method == "POST":
        return _submitted(request, projects, now)
    return _page(request, NewTicketForm.blank(projects=projects), projects, now)


@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """How a text will read."""
    text = request.POST.get("body", "")[:BODY_CHARACTERS]
    return render(request, "portal/_preview.html", {"preview": render_markdown(text)})


@login_required
@require_POST
def script_reading(request: HttpRequest) -> HttpResponse:
    """What we would do with the script that is about to be sent."""
    return render(request, "portal/_reading.html", {"reading": _reading(request)})


@login_required
@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """Problems that read like the one that is being typed."""
    return render(request, "portal/_similar.html", {"similar": _similar(request)})


def _similar(request: HttpRequest) -> Similar:
    title = request.POST.get("title", "").replace("\0", "")
    return similar_problems(title=title, asker=person_of(request))


def _projects(person: User, now: datetime) -> list[Project]:
    """Those that the person holds a seat for, the oldest seat first."""
    seats = person.seats.held_at(now).select_related("project").order_by("starts_at", "pk")
    return [seat.project for seat in seats]


def _submitted(request: HttpRequest, projects: list[Project], now: datetime) -> HttpResponse:
    form = NewTicketForm(request.POST, request.FILES, projects=projects)
    if "read" in request.POST:
        kept = NewTicketForm(projects=projects, initial=form.keeping_the_script().data)
        return _page(request, kept, projects, now)
    if not form.is_valid():
        return _page(request, form.keeping_the_script(), projects, now, HTTPStatus.BAD_REQUEST)
    try:
        ticket = _open(person_of(request), form, now)
    except HeadwaterError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form.keeping_the_script(), projects, now, refusal.status)
    messages.success(request, f"Ticket #{ticket.pk} is open.")
    return redirect("ticket", ticket.pk)


def _open(person: User, form: NewTicketForm, now: datetime) -> Ticket:
    sent = form.cleaned_data
    files = form.sent_files()
    ticket = open_ticket(
        organization=sent["project"].organization,
        project=sent["project"],
        opened_by=person,
        title=sent["title"],
        body=sent["body"],
        channel=Channel.PORTAL,
        severity=sent["severity"],
        dask_release=sent["dask_release"],
        python_version=sent["python_version"],
        script=files.script,
        script_name=files.script_name,
        files=files.files,
        idempotency_key=sent["idempotency_key"],
        now=now,
    )
    wake(send_changes)
    return ticket


def _reading(request: HttpRequest) -> Reading | None:
    """The attached or pasted script, else the first Python block of the text."""
    sent = files_of(request.FILES, request.POST)
    script, name = sent.script, sent.script_name
    if script is None and (block := first_python_block(request.POST.get("body", ""))):
        script, name = block.encode(), "the code block"
    if script is None:
        return None
    return read(
        script,
        name=name,
        files=sent.files,
        dask_release=request.POST.get("dask_release", ""),
        python_version=request.POST.get("python_version", ""),
    )


def _page(
    request: HttpRequest,
    form: NewTicketForm,
    projects: list[Project],
    now: datetime,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    organization = projects[0].organization
    promised = promised_first_responses(organization=organization, now=now)
    facts: dict[str, Any] = {
        "page": "new-ticket",
        "now": now,
        "form": form,
        "severities": severity_choices(form["severity"].value(), promised),
        "has_promises": bool(promised),
        "releases": known_releases()[::-1],
        "reading": _reading(request),
        "similar": _similar(request),
        "preview": render_markdown(form["body"].value() or ""),
    }
    return render(request, "portal/new_ticket.html", facts, status=status)
