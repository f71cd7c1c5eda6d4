"""What the customer's tracker shall know of a ticket, as rows of the outbox."""

from datetime import datetime

from support.domain.comments import verdict_comment
from support.domain.findings import findings_of
from support.domain.outbox import queue_comment, queue_labels, queue_verdict
from support.models import Message, OutgoingChange, Ticket, TrackedIssue
from support.models.tickets import Channel


def tell_tracker(*, ticket: Ticket, now: datetime) -> None:
    """Queue whatever of ours the tracker has not heard of; nothing where there is no tracker.

    Repeatable: called again without news it writes nothing.
    """
    issue = TrackedIssue.objects.filter(ticket=ticket).first()
    if issue is None:
        return
    for message in _unsent(ticket):
        queue_comment(message=message, now=now)
    _tell_verdict(issue, ticket, now)
    queue_labels(ticket=ticket, now=now)


def _unsent(ticket: Ticket) -> list[Message]:
    """Public messages that did not come from GitHub and were not queued for it."""
    public = Message.objects.filter(ticket=ticket, is_internal=False, outgoing_change=None)
    return list(public.exclude(channel=Channel.GITHUB))


def _tell_verdict(issue: TrackedIssue, ticket: Ticket, now: datetime) -> None:
    body = verdict_comment(
        findings=findings_of(ticket),
        reported=ticket.dask_release,
        has_script=ticket.reproducer_id is not None,
        missing=ticket.missing,
    )
    said = issue.outgoing.filter(kind=OutgoingChange.Kind.VERDICT).last()
    if body and (said is None or said.payload.get("body") != body):
        queue_verdict(ticket=ticket, body=body, now=now)
