"""The queue: what do I do next? One line a ticket over all organizations, what is due first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contracts.models import User
from support.desk.order import SAID, in_queue_order
from support.desk.staff import staff_only
from support.desk.steps import proposals
from support.desk.ticket import linked
from support.models import Cycle, Message, Ticket
from support.models.tickets import Priority
from support.portal.evidence import Evidence, evidence_of
from support.portal.lists import Line, Tab, counted, lines_of, matching, page_of, searched
from support.portal.people import person_of
from support.portal.turns import SOON, Turn
from web.times import day_and_time, duration_words

State = Ticket.State
OVER = [State.RESOLVED, State.CLOSED]
IS_OPEN = ~Q(state__in=OVER)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the queue; `order_said` is why it stands where it stands."""

    line: Line
    peek_url: str
    order_said: str


@dataclass(frozen=True, kw_only=True)
class Picked:
    """The ticket that is peeked at, with what the peek shows."""

    ticket: Ticket
    turn: Turn
    evidence: Evidence
    last_message: Message | None
    proposal: dict[str, Any]
    order_said: str


def tabs_for(person: User, now: datetime) -> tuple[Tab, ...]:
    """The views of the queue; two more are reached through its sentence."""
    with_us = Q(state__in=[State.NEW, State.OPEN])
    return (
        Tab(name="open", label="Open", condition=IS_OPEN),
        Tab(name="us", label="With us", condition=with_us),
        Tab(name="mine", label="Mine", condition=IS_OPEN & Q(assignee=person)),
        Tab(name="nobody", label="Nobody's", condition=IS_OPEN & Q(assignee=None)),
        Tab(
            name="customer",
            label="Waiting on customer",
            condition=Q(state=State.WAITING_ON_CUSTOMER),
        ),
        Tab(
            name="upstream",
            label="Waiting on upstream",
            condition=Q(state=State.WAITING_ON_UPSTREAM),
        ),
        Tab(name="over", label="Resolved", condition=Q(state__in=OVER)),
        Tab(name="late", label="Late", condition=_due(due_at__lt=now), is_aside=True),
        Tab(
            name="soon",
            label="Due within the half hour",
            condition=_due(due_at__gte=now, due_at__lt=now + SOON),
            is_aside=True,
        ),
    )


def _due(**when: datetime) -> Q:
    return IS_OPEN & Q(Exists(Cycle.objects.open().filter(ticket=OuterRef("pk"), **when)))


@staff_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """`?view=`, `?q=`, `?page=` and `?peek=` are its whole state."""
    now = timezone.now()
    if request.headers.get("HX-Target") == "peek":
        return _peek(request, now)
    query = searched(request)
    found = matching(Ticket.objects.all(), query)
    tabs = counted(tabs_for(person_of(request), now), found, wanted=request.GET.get("view", ""))
    current = next(tab for tab in tabs if tab.is_current)
    pages = page_of(_listed(found.filter(current.condition)), request.GET.get("page", ""))
    rows = [_row(line, request, now) for line in lines_of(pages.object_list, now=now)]
    facts = {
        "page": "queue",
        "now": now,
        "rows": rows,
        "order_said": SAID,
        "pages": pages,
        "views": tabs,
        "view": current.name,
        "query": query,
        **{tab.name: tab.count for tab in tabs if tab.is_aside},
        "picked": _picked(request, rows, now),
        "is_picked": "peek" in request.GET,
        "engineers": User.objects.engineers(),
        "priorities": Priority.choices,
        "news_url": f"{reverse('desk-news')}?{urlencode({'since': now.isoformat()})}",
    }
    return render(request, "desk/queue.html", facts)


@staff_only
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """How many tickets came since the page was made: announced, never pushed under the pointer."""
    since = _instant(request.GET.get("since", ""))
    if since is None:
        return render(request, "desk/_news.html")
    new = Ticket.objects.filter(opened_at__gt=since).exclude(opened_by=person_of(request))
    return render(request, "desk/_news.html", {"count": new.count(), "since": since})


def _instant(text: str) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _listed(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return in_queue_order(found).select_related("organization", "assignee")


def _row(line: Line, request: HttpRequest, now: datetime) -> Row:
    kept = {name: value for name, value in request.GET.items() if name in {"view", "q", "page"}}
    return Row(
        line=line,
        peek_url=f"?{urlencode(kept | {'peek': line.ticket.pk})}",
        order_said=_place(line.ticket, line.turn, now),
    )


def _place(ticket: Ticket, turn: Turn, now: datetime) -> str:
    """The terms of the order for one ticket."""
    zone = timezone.get_current_timezone()
    due = "no clock runs"
    if turn.due_at:
        left = (turn.due_at - now).total_seconds()
        due = f"{turn.metric} {'late by' if left < 0 else 'due in'} {duration_words(left)}"
    opened = day_and_time(ticket.opened_at, now=now, zone=zone)
    return f"{due}; priority {ticket.get_priority_display()}; opened {opened}"


def _peek(request: HttpRequest, now: datetime) -> HttpResponse:
    """The peek alone, for the page that is there already."""
    picked = _picked(request, [], now)
    return render(request, "desk/_peek.html", {"picked": picked, "now": now})


def _picked(request: HttpRequest, rows: list[Row], now: datetime) -> Picked | None:
    """The ticket named by `?peek=`, else the first of the list."""
    wanted = request.GET.get("peek", "")
    key = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None
    key = key or (rows[0].line.ticket.pk if rows else None)
    related = ("organization", "project", "assignee", "reproducer")
    ticket = Ticket.objects.select_related(*related).filter(pk=key).first() if key else None
    if ticket is None:
        return None
    (line,) = lines_of([ticket], now=now)
    evidence = evidence_of(ticket, now=now)
    steps = proposals(ticket, evidence, reader_id=person_of(request).pk)
    return Picked(
        ticket=ticket,
        turn=line.turn,
        evidence=evidence,
        last_message=Message.objects.filter(ticket=ticket).public().last(),
        proposal=linked(ticket, steps[:1])[0],
        order_said=_place(ticket, line.turn, now),
    )
