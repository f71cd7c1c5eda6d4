"""Sends what the outbox holds, one change at a time, and finds out what became of it."""

from datetime import datetime, timedelta

from support.domain import outbox
from support.domain.labels import OURS
from support.domain.markers import marker_of, with_marker
from support.domain.trackers import access_of, pause_tracker
from support.gateways import github
from support.gateways.github_errors import (
    GitHubAccessLost,
    GitHubError,
    GitHubLimited,
    GitHubNotConfigured,
    GitHubUnavailable,
)
from support.models import OutgoingChange

SHORTLY_BEFORE = timedelta(minutes=5)
"""Clocks differ a little: an echo is looked for from this long before the row was written."""
ACCESS_PAUSE = timedelta(minutes=10)
Kind = OutgoingChange.Kind


def send_next_change(*, now: datetime) -> bool:
    """Take one change and carry it out; False where none may go out now."""
    claim = outbox.claim_change(now=now)
    if claim is None:
        return False
    try:
        _settle_or_send(claim, now=now)
    except GitHubError as error:
        _note_failure(claim.change, error, now=now)
    return True


def _settle_or_send(claim: outbox.Claim, *, now: datetime) -> None:
    change = claim.change
    found = _read_back(change) if claim.is_unknown else None
    if found is not None:
        outbox.confirm_change(change=change, comment_id=found, now=now)
    elif claim.is_unknown and change.kind != Kind.LABELS:
        outbox.send_again(change=change, reason="it was not there when read back", now=now)
    else:
        outbox.confirm_change(change=change, comment_id=_send(change), now=now)


def _send(change: OutgoingChange) -> int | None:
    """Labels are told as they shall be, so they may be sent twice; comments never are."""
    issue = change.issue
    access = access_of(issue.tracker)
    if change.kind == Kind.LABELS:
        wanted = set(change.payload["labels"])
        github.change_labels(access, issue.number, add=wanted, remove=OURS - wanted)
        return None
    body = with_marker(change.payload["body"], change.marker)
    if change.kind == Kind.VERDICT and issue.verdict_comment_id is not None:
        return github.edit_comment(access, issue.verdict_comment_id, body)
    return github.write_comment(access, issue.number, body)


def _read_back(change: OutgoingChange) -> int | None:
    """The id of the comment that carries our marker, or None where it never arrived."""
    issue = change.issue
    access = access_of(issue.tracker)
    if change.kind == Kind.LABELS:
        return None
    if change.kind == Kind.VERDICT and issue.verdict_comment_id is not None:
        there = [github.read_comment(access, issue.verdict_comment_id)]
    else:
        since = change.created_at - SHORTLY_BEFORE
        there = github.read_comments(access, issue.number, since=since)
    return next((one.id for one in there if marker_of(one.body) == change.marker), None)


def _note_failure(change: OutgoingChange, error: GitHubError, *, now: datetime) -> None:
    reason = str(error)
    if isinstance(error, GitHubLimited):
        pause = timedelta(seconds=error.seconds)
        pause_tracker(tracker=change.issue.tracker, until=now + pause, cause=reason)
        outbox.send_again(change=change, reason=reason, now=now, after=pause)
    elif isinstance(error, GitHubAccessLost | GitHubNotConfigured):
        pause_tracker(tracker=change.issue.tracker, until=now + ACCESS_PAUSE, cause=reason)
        outbox.send_again(change=change, reason=reason, now=now, after=ACCESS_PAUSE)
    elif isinstance(error, GitHubUnavailable):
        outbox.leave_unknown(change=change, reason=reason, now=now)
    else:
        outbox.refuse_change(change=change, reason=reason, now=now)
