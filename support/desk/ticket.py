"""One ticket on the desk: what is known, and what is the next move?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contracts.models import User
from support.access import ticket_for
from support.desk.forms import ComposeForm, UpstreamForm
from support.desk.staff import staff_only
from support.desk.steps import Step, draft_text, proposals, run_cost
from support.domain.drafts import save_draft
from support.domain.scripts import TEMPLATE
from support.domain.tickets import reply, write_note
from support.models import Draft, Ticket
from support.models.tickets import Priority
from support.portal.evidence import Evidence, evidence_of
from support.portal.facts import ticket_facts, verdict_facts
from support.portal.live import live_answer
from support.portal.people import person_of
from support.tasks.trackers import send_changes
from web.errors import HeadwaterError
from web.wakeups import wake

SETTABLE = [(value, label) for value, label in Ticket.State.choices if value != Ticket.State.NEW]


@staff_only
@require_safe
def ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """`?draft=NAME` fills in a drafted answer, `?to=note` begins an internal note."""
    person, now = person_of(request), timezone.now()
    found = ticket_for(person, ticket_id)
    evidence = evidence_of(found, now=now)
    draft = Draft.objects.filter(ticket=found, user=person).first()
    form = _compose(request, found, evidence, draft)
    return page(request, found, evidence, now, form=form, draft=draft)


def _compose(
    request: HttpRequest, found: Ticket, evidence: Evidence, draft: Draft | None
) -> ComposeForm:
    """What is kept comes before what is proposed."""
    to = "note" if request.GET.get("to") == "note" else "reply"
    if draft is not None:
        return ComposeForm.blank(body=draft.body, to="note" if draft.is_internal else to)
    proposed = draft_text(request.GET.get("draft", ""), found, evidence, template=TEMPLATE)
    return ComposeForm.blank(body=proposed, to=to)


@staff_only
@require_safe
def live(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """What the runs came to and what to do next, polled while they run."""
    person, now = person_of(request), timezone.now()
    found = ticket_for(person, ticket_id)
    evidence = evidence_of(found, now=now)
    return live_answer(
        request,
        evidence,
        "desk/_verdict.html",
        lambda: verdict_facts(found, evidence, now=now) | _steps(found, evidence, person),
    )


@staff_only
@require_POST
def write(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Send an answer or keep a note; refused, the page comes back with the text still in it."""
    person, now = person_of(request), timezone.now()
    found = ticket_for(person, ticket_id)
    form = ComposeForm(request.POST)
    status = 400
    if form.is_valid():
        try:
            messages.success(request, _say(found, person, form.cleaned_data, now))
            return redirect(f"{reverse('desk-ticket', args=[found.pk])}#compose")
        except HeadwaterError as refusal:
            form.add_error("body", str(refusal))
            status = refusal.status
    return page(request, found, evidence_of(found, now=now), now, form=form, status=status)


def _say(found: Ticket, person: User, sent: dict[str, Any], now: datetime) -> str:
    said: dict[str, Any] = {
        "ticket": found,
        "actor": person,
        "body": sent["body"],
        "idempotency_key": sent["idempotency_key"],
        "now": now,
    }
    if sent["to"] == "note":
        write_note(**said)
        return "Kept as an internal note."
    reply(**said, then_wait_on_customer=sent["then_wait"])
    wake(send_changes)
    return f"Sent to {found.organization.name}."


@staff_only
@require_POST
def draft(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Keep what is being written."""
    person, now = person_of(request), timezone.now()
    try:
        kept = save_draft(
            ticket=ticket_for(person, ticket_id),
            actor=person,
            body=request.POST.get("body", ""),
            is_internal=request.POST.get("to") == "note",
            now=now,
        )
    except HeadwaterError as refusal:
        return render(request, "desk/_draft.html", {"refusal": str(refusal), "now": now})
    return render(request, "desk/_draft.html", {"draft": kept, "now": now})


def page(
    request: HttpRequest,
    found: Ticket,
    evidence: Evidence,
    now: datetime,
    *,
    form: ComposeForm | None = None,
    upstream_form: UpstreamForm | None = None,
    draft: Draft | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page, with forms as they were filled in."""
    person = person_of(request)
    facts = ticket_facts(found, evidence, reader=person, now=now)
    facts |= _steps(found, evidence, person) | {
        "form": form or ComposeForm.blank(),
        "upstream_form": upstream_form or UpstreamForm(),
        "draft": draft,
        "engineers": User.objects.engineers(),
        "priorities": Priority.choices,
        "states": SETTABLE,
        "releases": evidence.releases[::-1],
        "rerun_cost": run_cost(evidence),
        "live_url": reverse("desk-ticket-live", args=[found.pk]),
    }
    return render(request, "desk/ticket.html", facts, status=status)


def _steps(found: Ticket, evidence: Evidence, person: User) -> dict[str, Any]:
    first, *others = linked(found, proposals(found, evidence, reader_id=person.pk))
    return {"step": first, "others": others}


def linked(found: Ticket, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps with the address that each opens or posts to."""
    return [{"step": step, "href": _address(found, step)} for step in steps]


def _address(found: Ticket, step: Step) -> str:
    if step.verb:
        return reverse(f"desk-{step.verb}", args=[found.pk])
    return f"{reverse('desk-ticket', args=[found.pk])}?draft={step.draft}#compose"
