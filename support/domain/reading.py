"""Works off the inbox: reads from GitHub what a hint was about, and makes it ours."""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from contracts.models import Organization, User
from support.domain import inbox
from support.domain.markers import marker_of
from support.domain.outbox import confirm_change
from support.domain.telling import tell_tracker
from support.domain.tickets import add_message, open_ticket
from support.domain.trackers import access_of, pause_tracker
from support.gateways import github
from support.gateways.github_errors import (
    GitHubAccessLost,
    GitHubError,
    GitHubGone,
    GitHubLimited,
    GitHubNotConfigured,
    GitHubUnavailable,
)
from support.models import Delivery, TrackedIssue, Tracker
from support.models.tickets import Channel

logger = logging.getLogger(__name__)
ACCESS_PAUSE = timedelta(minutes=10)
BACK_OFF = timedelta(seconds=15)


def read_next_hint(*, now: datetime) -> bool:
    """Work one hint off; False where none may be worked on now.

    Whatever is wrong with it stays its own: the next call takes the next one.
    """
    hint = inbox.claim_hint(now=now)
    if hint is None:
        return False
    try:
        _read(hint)
    except GitHubError as error:
        _note_failure(hint, error, now=now)
    except Exception as error:
        # Whatever a stranger wrote that breaks our code must not keep others from being read.
        logger.exception("a hint of tracker %s could not be applied", hint.tracker.pk)
        reason = f"{type(error).__name__}: it could not be applied"
        inbox.postpone_hint(hint=hint, reason=reason, now=now, after=BACK_OFF)
    return True


def _read(hint: inbox.Hint) -> None:
    access = access_of(hint.tracker)
    issue = github.read_issue(access, hint.number)
    if issue.is_pull_request:
        inbox.close_hint(hint=hint, state=Delivery.State.IGNORED, outcome="a pull request")
        return
    comments = github.read_comments(access, hint.number)
    apply_issue(tracker=hint.tracker, issue=issue, comments=comments)
    inbox.close_hint(hint=hint)


def _note_failure(hint: inbox.Hint, error: GitHubError, *, now: datetime) -> None:
    reason = str(error)
    if isinstance(error, GitHubLimited):
        pause_tracker(
            tracker=hint.tracker, until=now + timedelta(seconds=error.seconds), cause=reason
        )
        inbox.spare_hint(hint=hint, reason=reason)
    elif isinstance(error, GitHubAccessLost | GitHubNotConfigured):
        pause_tracker(tracker=hint.tracker, until=now + ACCESS_PAUSE, cause=reason)
        inbox.spare_hint(hint=hint, reason=reason)
    elif isinstance(error, GitHubUnavailable):
        inbox.spare_hint(hint=hint, reason=reason, now=now, after=BACK_OFF)
    elif isinstance(error, GitHubGone):
        inbox.close_hint(hint=hint, state=Delivery.State.IGNORED, outcome=reason)
    else:
        inbox.postpone_hint(hint=hint, reason=reason, now=now, after=BACK_OFF)


@transaction.atomic
def apply_issue(
    *, tracker: Tracker, issue: github.Issue, comments: list[github.Comment]
) -> TrackedIssue:
    """Make the issue a ticket and its comments messages, each once, at GitHub's instants."""
    _one_at_a_time(tracker, issue.number)
    tracked = TrackedIssue.objects.filter(issue_id=issue.id).select_related("ticket").first()
    if tracked is None:
        tracked = _open(tracker, issue)
    known = _known_comments(tracked)
    for comment in comments:
        if comment.id not in known and not _is_echo(tracked, comment):
            _add(tracked, comment)
    return tracked


def _one_at_a_time(tracker: Tracker, number: int) -> None:
    """Two workers with hints of one issue take turns, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [tracker.pk, number])


def _open(tracker: Tracker, issue: github.Issue) -> TrackedIssue:
    author = person_behind(issue.author, organization=tracker.organization)
    ticket = open_ticket(
        organization=tracker.organization,
        project=tracker.project,
        opened_by=author,
        author_name=issue.author.login,
        title=issue.title,
        body=issue.body,
        channel=Channel.GITHUB,
        now=issue.created_at,
    )
    tracked = TrackedIssue.objects.create(
        tracker=tracker, issue_id=issue.id, number=issue.number, ticket=ticket
    )
    tell_tracker(ticket=ticket, now=issue.created_at)
    return tracked


def _add(tracked: TrackedIssue, comment: github.Comment) -> None:
    author = person_behind(comment.author, organization=tracked.ticket.organization)
    add_message(
        ticket=tracked.ticket,
        author=author,
        author_name=comment.author.login,
        is_bot=comment.author.is_bot,
        body=comment.body,
        channel=Channel.GITHUB,
        comment_id=comment.id,
        now=comment.created_at,
    )


def _known_comments(tracked: TrackedIssue) -> set[int | None]:
    """Comments that stand here already, and those that we wrote ourselves."""
    messages = tracked.ticket.messages.exclude(comment_id=None)
    sent = tracked.outgoing.exclude(comment_id=None)
    return {
        *messages.values_list("comment_id", flat=True),
        *sent.values_list("comment_id", flat=True),
    }


def _is_echo(tracked: TrackedIssue, comment: github.Comment) -> bool:
    """Our own comment, whose sending was not confirmed yet: told by its marker."""
    marker = marker_of(comment.body)
    change = tracked.outgoing.filter(marker=marker).first() if marker else None
    if change is None:
        return False
    confirm_change(change=change, comment_id=comment.id, now=comment.created_at)
    return True


def person_behind(author: github.Author, *, organization: Organization) -> User | None:
    """Whose GitHub account this is, among the organization's people and ours.

    By id; an account that is only known by its name is tied to its id when it is first seen.
    """
    people = User.objects.filter(Q(organization=organization) | Q(is_staff=True))
    if author.id is None:
        return None
    person: User | None = people.filter(github_id=author.id).first()
    if person is not None:
        return person
    named: User | None = people.filter(github_id=None, github_login__iexact=author.login).first()
    if named is not None:
        named.github_id = author.id
        named.save(update_fields=["github_id"])
    return named
