"""Lists of tickets: their lines, their tabs, their pages, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from support.domain.findings import findings_by_ticket
from support.domain.wording import Sentence, ShortVerdict, sentence_of, short_verdict
from support.models import Ticket
from support.portal.turns import Turn, turns_of

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Line:
    """A ticket in a list: what is known of it, and whose turn it is."""

    ticket: Ticket
    sentence: Sentence
    verdict: ShortVerdict
    turn: Turn


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A view of a list: its name in the URL, its words, its condition, and how many it holds.

    `is_aside`: reached by a link elsewhere on the page.
    """

    name: str
    label: str
    condition: Q
    count: int = 0
    is_current: bool = False
    is_aside: bool = False

    @property
    def is_shown(self) -> bool:
        """Among the tabs: one that is reached elsewhere only while it is looked at."""
        return self.is_current or not self.is_aside


def lines_of(tickets: Iterable[Ticket], *, now: datetime) -> list[Line]:
    """The lines of `tickets`, in their order; three queries however many there are."""
    listed = list(tickets)
    findings, turns = findings_by_ticket(listed), turns_of(listed, now=now)
    return [
        Line(
            ticket=ticket,
            sentence=sentence_of(
                findings=findings[ticket.pk],
                reported=ticket.dask_release,
                has_script=ticket.reproducer_id is not None,
            ),
            verdict=short_verdict(
                findings=findings[ticket.pk], has_script=ticket.reproducer_id is not None
            ),
            turn=turns[ticket.pk],
        )
        for ticket in listed
    ]


def counted(tabs: Sequence[Tab], tickets: QuerySet[Ticket], *, wanted: str) -> list[Tab]:
    """The tabs with how many tickets each holds; an unknown name in the URL means the first."""
    names = {tab.name for tab in tabs}
    current = wanted if wanted in names else tabs[0].name
    counts: dict[str, Any] = tickets.order_by().aggregate(
        **{tab.name: Count("pk", filter=tab.condition, distinct=True) for tab in tabs}
    )
    return [replace(tab, count=counts[tab.name], is_current=tab.name == current) for tab in tabs]


def matching(tickets: QuerySet[Ticket], words: str) -> QuerySet[Ticket]:
    """Tickets with `words` in title, text or organization, or of that number."""
    if not words:
        return tickets
    found = Q(title__icontains=words) | Q(organization__name__icontains=words)
    number = words.removeprefix("#")
    if number.isdecimal() and len(number) < 19:
        found |= Q(pk=int(number))
    return tickets.filter(found | Q(pk__in=_said(words)))


def searched(request: HttpRequest) -> str:
    """What is looked for; no text in the database holds a NUL."""
    return request.GET.get("q", "").replace("\0", "").strip()


def page_of(tickets: QuerySet[Ticket], number: str) -> Page[Ticket]:
    """One page; a number that makes no sense gives the nearest that does."""
    return Paginator(tickets, PAGE).get_page(number)


def _said(words: str) -> QuerySet[Ticket, int]:
    """Tickets in whose public messages the words stand."""
    return Ticket.objects.filter(
        messages__body__icontains=words, messages__is_internal=False
    ).values_list("pk", flat=True)
