"""The outbox: changes for GitHub, written with the local change and settled one by one.

pending -> sent -> confirmed | unknown | refused. What is unknown is settled by reading back for
the marker, never by repeating (tracker.md, 7). One lane an issue, in order of the rows' keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from support.domain.labels import labels_of
from support.models import Message, OutgoingChange, Ticket, TrackedIssue

LEASE = timedelta(seconds=90)
"""Longer than an exchange with GitHub may take: after it, a sent change counts as unknown."""
PACE = timedelta(seconds=1)
"""GitHub asks for a second between two writes of one installation."""
BODY_CHARACTERS = 65_000
"""GitHub takes 65,536; the rest is for the marker and the note that a text was cut."""
CUT = "\n\n*(The rest of this text is in the portal: GitHub takes no more.)*"
State = OutgoingChange.State
Kind = OutgoingChange.Kind


def queue_comment(*, message: Message, now: datetime) -> OutgoingChange | None:
    """A public message shall stand on GitHub as well; None where there is nothing to do."""
    issue = TrackedIssue.objects.filter(ticket=message.ticket_id).first()
    if issue is None or message.is_internal or message.comment_id is not None:
        return None
    body = message.body
    if message.author_role != Message.AuthorRole.BOT:
        body = f"**{message.author_name}** wrote:\n\n{body}"
    return _queue(issue, Kind.COMMENT, {"body": _fitting(body)}, now=now, message=message)


def queue_verdict(*, ticket: Ticket, body: str, now: datetime) -> OutgoingChange | None:
    """The one verdict comment shall say `body`. A newer text takes an unsent one's place."""
    issue = TrackedIssue.objects.filter(ticket=ticket).first()
    if issue is None:
        return None
    _supersede(issue, Kind.VERDICT, now=now)
    return _queue(issue, Kind.VERDICT, {"body": _fitting(body)}, now=now)


def queue_labels(*, ticket: Ticket, now: datetime) -> OutgoingChange | None:
    """The labels of ours shall say how the ticket stands; nothing is queued twice."""
    issue = TrackedIssue.objects.filter(ticket=ticket).first()
    if issue is None:
        return None
    payload = {"labels": sorted(labels_of(ticket))}
    latest = issue.outgoing.filter(kind=Kind.LABELS).exclude(state=State.SUPERSEDED).last()
    if latest is not None and latest.payload == payload and latest.state != State.REFUSED:
        return None
    _supersede(issue, Kind.LABELS, now=now)
    return _queue(issue, Kind.LABELS, payload, now=now)


def _queue(
    issue: TrackedIssue,
    kind: OutgoingChange.Kind,
    payload: Mapping[str, object],
    *,
    now: datetime,
    message: Message | None = None,
) -> OutgoingChange:
    if message is not None:
        made, _ = OutgoingChange.objects.get_or_create(
            message=message,
            defaults={
                "issue": issue,
                "kind": kind,
                "payload": payload,
                "marker": uuid4(),
                "created_at": now,
            },
        )
        return made
    return OutgoingChange.objects.create(
        issue=issue, kind=kind, payload=payload, marker=uuid4(), created_at=now
    )


def _supersede(issue: TrackedIssue, kind: OutgoingChange.Kind, *, now: datetime) -> None:
    issue.outgoing.filter(kind=kind, state=State.PENDING).update(
        state=State.SUPERSEDED, settled_at=now
    )


def _fitting(body: str) -> str:
    return body if len(body) <= BODY_CHARACTERS else body[: BODY_CHARACTERS - len(CUT)] + CUT


@dataclass(frozen=True)
class Claim:
    """A change taken for sending; `is_unknown`: first find out whether it went out before."""

    change: OutgoingChange
    is_unknown: bool


@transaction.atomic
def claim_change(*, now: datetime) -> Claim | None:
    """Take the next change that may go out now, and mark it sent before it does.

    The first unsettled one of an issue blocks its lane. A change found `sent` with its lease over
    was left by a process that died: whether it went out is unknown.
    """
    with connection.cursor() as cursor:  # one claimer at a time, so that the pace holds
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('headwater-outbox'))")
    change = _next_change(now)
    if change is None:
        return None
    is_unknown = change.state != State.PENDING
    change.state = State.SENT
    change.sent_at = now
    change.attempts += 1
    change.lease_expires_at = now + LEASE
    change.save()
    return Claim(change, is_unknown)


def _next_change(now: datetime) -> OutgoingChange | None:
    earlier = OutgoingChange.objects.unsettled().filter(
        issue=OuterRef("issue"), id__lt=OuterRef("id")
    )
    just_written = OutgoingChange.objects.filter(
        Q(issue__tracker__installation_id=OuterRef("issue__tracker__installation_id"))
        | Q(
            issue__tracker__installation_id=None,
            issue__tracker=OuterRef("issue__tracker"),
        ),
        sent_at__gt=now - PACE,
    )
    return (
        OutgoingChange.objects.due(now)
        .filter(
            Q(lease_expires_at=None) | Q(lease_expires_at__lte=now),
            Q(issue__tracker__paused_until=None) | Q(issue__tracker__paused_until__lte=now),
            ~Exists(earlier),
            ~Exists(just_written),
        )
        .select_related("issue__tracker")
        .order_by("id")
        .first()
    )


@transaction.atomic
def confirm_change(*, change: OutgoingChange, comment_id: int | None, now: datetime) -> None:
    """It stands on GitHub. The comment's id is kept, so that its echo is known."""
    _settle(change, State.CONFIRMED, now=now, comment_id=comment_id)
    if change.kind == Kind.VERDICT:
        TrackedIssue.objects.filter(pk=change.issue_id).update(verdict_comment_id=comment_id)
    if change.message_id and comment_id is not None:
        Message.objects.filter(pk=change.message_id).update(comment_id=comment_id)


def refuse_change(*, change: OutgoingChange, reason: str, now: datetime) -> None:
    """GitHub will not have it; a person sees it on the ticket."""
    _settle(change, State.REFUSED, now=now, outcome=reason)


def leave_unknown(*, change: OutgoingChange, reason: str, now: datetime) -> None:
    """It may stand on GitHub or not; that is read back before anything else is done."""
    _postpone(change, State.UNKNOWN, reason, until=now + _patience(change.attempts))


def send_again(
    *, change: OutgoingChange, reason: str, now: datetime, after: timedelta = timedelta(0)
) -> None:
    """It surely did not take effect, so it may go out once more."""
    _postpone(change, State.PENDING, reason, until=now + after)


def _postpone(
    change: OutgoingChange, state: OutgoingChange.State, reason: str, *, until: datetime
) -> None:
    OutgoingChange.objects.filter(pk=change.pk).update(
        state=state, not_before=until, lease_expires_at=None, outcome=reason[:400]
    )


def _settle(
    change: OutgoingChange,
    state: OutgoingChange.State,
    *,
    now: datetime,
    comment_id: int | None = None,
    outcome: str = "",
) -> None:
    OutgoingChange.objects.filter(pk=change.pk).update(
        state=state,
        settled_at=now,
        lease_expires_at=None,
        comment_id=comment_id,
        outcome=outcome[:400],
    )


def _patience(attempts: int) -> timedelta:
    return timedelta(seconds=min(300, 2 ** min(attempts, 9)))
