"""The list of an organization's tickets, one ticket, and answering on it."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contracts.domain.entitlements import may_write
from support.access import ticket_for
from support.domain.tickets import add_message
from support.models import Ticket
from support.models.tickets import Channel
from support.portal.evidence import evidence_of
from support.portal.facts import ticket_facts, verdict_facts
from support.portal.forms import ReplyForm
from support.portal.lists import Tab, counted, lines_of, matching, page_of, searched
from support.portal.live import live_answer
from support.portal.people import person_of
from support.portal.seats import answer_without_a_seat
from support.tasks.trackers import send_changes
from web.errors import HeadwaterError
from web.wakeups import wake

State = Ticket.State
OVER = [State.RESOLVED, State.CLOSED]
TABS = (
    Tab(name="open", label="Open", condition=~Q(state__in=OVER)),
    Tab(name="you", label="Waiting on you", condition=Q(state=State.WAITING_ON_CUSTOMER)),
    Tab(name="over", label="Resolved", condition=Q(state__in=OVER)),
)


@login_required
@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), timezone.now()
    if person.is_staff:
        return redirect("desk")
    if refusal := answer_without_a_seat(request, now=now):
        return refusal
    query = searched(request)
    found = matching(Ticket.objects.visible_to(person), query)
    tabs = counted(TABS, found, wanted=request.GET.get("view", ""))
    current = next(tab for tab in tabs if tab.is_current)
    pages = page_of(_in_order(found.filter(current.condition)), request.GET.get("page", ""))
    return render(
        request,
        "portal/tickets.html",
        {
            "page": "tickets",
            "now": now,
            "heading": _heading(current, query),
            "views": tabs,
            "view": current.name,
            "query": query,
            "lines": lines_of(pages.object_list, now=now),
            "pages": pages,
        },
    )


def _in_order(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return found.select_related("assignee", "organization").order_by("-opened_at", "-pk")


def _heading(tab: Tab, query: str) -> str:
    number = tab.count or "No"
    what = {"open": "open", "you": "waiting on you", "over": "resolved"}[tab.name]
    plural = "" if tab.count == 1 else "s"
    about = f" about “{query}”" if query else ""
    return f"{number} ticket{plural} {what}{about}."


@login_required
@require_safe
def ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """The customer's page; one of ours, who follows the same link, comes to the desk's."""
    found = ticket_for(person_of(request), ticket_id)
    if person_of(request).is_staff:
        return redirect("desk-ticket", found.pk)
    return _page(request, found, ReplyForm.blank(), timezone.now())


@login_required
@require_safe
def live(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """What the runs came to, polled while they run."""
    found, now = ticket_for(person_of(request), ticket_id), timezone.now()
    evidence = evidence_of(found, now=now)
    return live_answer(
        request, evidence, "portal/_verdict.html", lambda: verdict_facts(found, evidence, now=now)
    )


@login_required
@require_POST
def answer(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Send a message; refused, the page comes back with the text still in it."""
    found, now = ticket_for(person_of(request), ticket_id), timezone.now()
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, form, now, status=400)
    try:
        _send(request, found, form, now)
    except HeadwaterError as refusal:
        form.add_error("body", str(refusal))
        return _page(request, found, form, now, status=refusal.status)
    messages.success(request, "Sent.")
    return redirect(f"{reverse('ticket', args=[found.pk])}#compose")


def _send(request: HttpRequest, found: Ticket, form: ReplyForm, now: datetime) -> None:
    sent = form.sent_files()
    add_message(
        ticket=found,
        author=person_of(request),
        body=form.cleaned_data["body"],
        channel=Channel.PORTAL,
        script=sent.script,
        script_name=sent.script_name,
        files=sent.files,
        idempotency_key=form.cleaned_data["idempotency_key"],
        now=now,
    )
    wake(send_changes)


def _page(
    request: HttpRequest, found: Ticket, form: ReplyForm, now: datetime, *, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    evidence = evidence_of(found, now=now)
    entitlement = may_write(
        user=person, organization=found.organization, project=found.project, now=now
    )
    facts = ticket_facts(found, evidence, reader=person, now=now) | {
        "form": form,
        "entitlement": entitlement,
        "live_url": reverse("ticket-live", args=[found.pk]),
    }
    return render(request, "portal/ticket.html", facts, status=status)
