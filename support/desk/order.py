"""The order of the queue: what is due first, then what is ranked higher, then what is older."""

from django.db.models import Case, F, IntegerField, Min, Q, QuerySet, When

from support.models import Ticket
from support.models.tickets import Priority

SAID = "what is due first, then by priority, then the oldest"
RANKS = {priority: rank for rank, priority in enumerate(Priority.values)}


def in_queue_order(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """What has no running clock comes last: it waits on others, or nothing was promised."""
    due = Min("cycles__due_at", filter=Q(cycles__outcome=""))
    ranks = [When(priority=priority, then=rank) for priority, rank in RANKS.items()]
    rank = Case(*ranks, output_field=IntegerField())
    return tickets.annotate(next_due=due, rank=rank).order_by(
        F("next_due").asc(nulls_last=True), "rank", "opened_at", "pk"
    )
