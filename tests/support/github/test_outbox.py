"""What goes out to GitHub goes out once, in order, and is known to have arrived."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from support.domain import outbox
from support.domain.labels import NEEDS_REPRODUCER, labels_of
from support.domain.markers import marker_of
from support.domain.sending import send_next_change
from support.models import Message, OutgoingChange, Ticket, TrackedIssue, Tracker
from tests.factories import make_engineer, make_organization
from tests.support.github.conftest import NOW, REPOSITORY
from tests.support.github.fake import FakeGitHub

LATER = timedelta(seconds=2)
State = OutgoingChange.State


def answer_on(ticket: Ticket, body: str = "We see the same.", **fields: Any) -> Message:
    facts: dict[str, Any] = {
        "author": make_engineer(),
        "author_name": "Mira Holt",
        "author_role": "staff",
        "channel": "desk",
        "created_at": NOW,
    } | fields
    return Message.objects.create(ticket=ticket, body=body, **facts)


def test_an_answer_becomes_one_marked_comment(tracked: TrackedIssue, github: FakeGitHub) -> None:
    message = answer_on(tracked.ticket)
    change = outbox.queue_comment(message=message, now=NOW)
    assert change is not None
    assert outbox.queue_comment(message=message, now=NOW) == change
    assert send_next_change(now=NOW)
    assert not send_next_change(now=NOW + LATER)
    (comment,) = github.comments_of(REPOSITORY, tracked.number)
    assert comment["body"].startswith("**Mira Holt** wrote:\n\nWe see the same.")
    assert marker_of(comment["body"]) == change.marker
    message.refresh_from_db()
    assert message.comment_id == comment["id"]


@pytest.mark.parametrize("fields", [{"is_internal": True}, {"comment_id": 5}])
def test_a_note_or_what_came_from_github_never_goes_out(
    tracked: TrackedIssue, fields: dict[str, Any]
) -> None:
    assert outbox.queue_comment(message=answer_on(tracked.ticket, **fields), now=NOW) is None


def test_a_ticket_without_a_tracker_has_no_outbox(db: None) -> None:
    ticket = Ticket.objects.create(
        organization=make_organization(), title="Slow", channel="portal", opened_at=NOW
    )
    assert outbox.queue_comment(message=answer_on(ticket), now=NOW) is None
    assert outbox.queue_verdict(ticket=ticket, body="Reproduced.", now=NOW) is None
    assert outbox.queue_labels(ticket=ticket, now=NOW) is None


def test_a_text_too_long_for_github_is_cut_visibly(tracked: TrackedIssue) -> None:
    change = outbox.queue_comment(message=answer_on(tracked.ticket, "x" * 70_000), now=NOW)
    assert change is not None
    assert len(change.payload["body"]) == outbox.BODY_CHARACTERS
    assert change.payload["body"].endswith(outbox.CUT)


def test_the_verdict_is_one_comment_edited_in_place(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    outbox.queue_verdict(ticket=tracked.ticket, body="Running.", now=NOW)
    outbox.queue_verdict(ticket=tracked.ticket, body="Reproduced.", now=NOW)
    assert send_next_change(now=NOW)
    outbox.queue_verdict(ticket=tracked.ticket, body="Gone in 2026.6.0.", now=NOW)
    assert send_next_change(now=NOW + LATER)
    (comment,) = github.comments_of(REPOSITORY, tracked.number)
    assert comment["body"].startswith("Gone in 2026.6.0.")
    states = list(tracked.outgoing.values_list("state", flat=True))
    assert states == [State.SUPERSEDED, State.CONFIRMED, State.CONFIRMED]


def test_labels_say_how_the_ticket_stands_and_leave_others_alone(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    github.issues[REPOSITORY, tracked.number]["labels"] = [
        {"name": "their own"},
        {"name": "priority: low"},
    ]
    assert outbox.queue_labels(ticket=tracked.ticket, now=NOW) is not None
    assert outbox.queue_labels(ticket=tracked.ticket, now=NOW) is None
    assert send_next_change(now=NOW)
    expected = {"their own", "priority: high", NEEDS_REPRODUCER}
    assert github.labels_of(REPOSITORY, tracked.number) == expected
    assert labels_of(tracked.ticket) == {"priority: high", NEEDS_REPRODUCER}


def test_two_writes_are_a_second_apart(tracked: TrackedIssue) -> None:
    for body in ("one", "two"):
        outbox.queue_comment(message=answer_on(tracked.ticket, body), now=NOW)
    assert send_next_change(now=NOW)
    assert not send_next_change(now=NOW + timedelta(milliseconds=900))
    assert send_next_change(now=NOW + timedelta(seconds=1))


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_lost_answer_leaves_exactly_one_comment(
    tracked: TrackedIssue, github: FakeGitHub, takes_effect: bool
) -> None:
    github.fail("POST", "/comments$", 502, takes_effect=takes_effect)
    change = outbox.queue_comment(message=answer_on(tracked.ticket), now=NOW)
    assert change is not None
    send_next_change(now=NOW)
    change.refresh_from_db()
    assert change.state == State.UNKNOWN
    for minute in range(1, 4):
        send_next_change(now=NOW + timedelta(minutes=minute))
    change.refresh_from_db()
    (comment,) = github.comments_of(REPOSITORY, tracked.number)
    assert (change.state, change.comment_id) == (State.CONFIRMED, comment["id"])


def test_a_process_that_died_while_sending_leaves_exactly_one_comment(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    change = outbox.queue_comment(message=answer_on(tracked.ticket), now=NOW)
    assert change is not None
    assert outbox.claim_change(now=NOW) is not None
    assert not send_next_change(now=NOW + LATER)
    for minute in range(2, 5):
        send_next_change(now=NOW + timedelta(minutes=minute))
    change.refresh_from_db()
    assert change.state == State.CONFIRMED
    assert len(github.comments_of(REPOSITORY, tracked.number)) == 1


def test_an_unknown_edit_of_the_verdict_is_read_back(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    outbox.queue_verdict(ticket=tracked.ticket, body="Running.", now=NOW)
    send_next_change(now=NOW)
    github.fail("PATCH", "/comments/", 500, takes_effect=True)
    change = outbox.queue_verdict(ticket=tracked.ticket, body="Reproduced.", now=NOW)
    assert change is not None
    send_next_change(now=NOW + LATER)
    send_next_change(now=NOW + timedelta(minutes=1))
    change.refresh_from_db()
    assert change.state == State.CONFIRMED
    assert [verb for verb, _ in github.writes()] == ["POST", "PATCH"]


def test_unknown_labels_are_simply_told_again(tracked: TrackedIssue, github: FakeGitHub) -> None:
    github.fail("POST", "/labels$", 503)
    outbox.queue_labels(ticket=tracked.ticket, now=NOW)
    send_next_change(now=NOW)
    send_next_change(now=NOW + timedelta(minutes=1))
    assert "priority: high" in github.labels_of(REPOSITORY, tracked.number)


def test_a_limit_rests_the_tracker_until_it_is_over(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    github.fail("POST", "/comments$", 403, headers={"Retry-After": "90"})
    change = outbox.queue_comment(message=answer_on(tracked.ticket), now=NOW)
    assert change is not None
    send_next_change(now=NOW)
    tracked.tracker.refresh_from_db()
    assert tracked.tracker.paused_until == NOW + timedelta(seconds=90)
    assert not send_next_change(now=NOW + timedelta(seconds=89))
    assert send_next_change(now=NOW + timedelta(seconds=90))
    assert len(github.comments_of(REPOSITORY, tracked.number)) == 1


@pytest.mark.parametrize(
    ("status", "message"), [(401, "Bad credentials"), (403, "This installation has been suspended")]
)
def test_lost_access_rests_this_tracker_alone(
    tracked: TrackedIssue, github: FakeGitHub, status: int, message: str
) -> None:
    github.fail("POST", "/comments$", status, message=message)
    change = outbox.queue_comment(message=answer_on(tracked.ticket), now=NOW)
    assert change is not None
    send_next_change(now=NOW)
    change.refresh_from_db()
    tracked.tracker.refresh_from_db()
    assert change.state == State.PENDING
    assert message in tracked.tracker.pause_cause


def test_what_github_will_not_have_is_refused_and_frees_the_lane(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    github.fail("POST", "/comments$", 422, message="Validation Failed")
    refused = outbox.queue_comment(message=answer_on(tracked.ticket, "one"), now=NOW)
    outbox.queue_comment(message=answer_on(tracked.ticket, "two"), now=NOW)
    assert refused is not None
    send_next_change(now=NOW)
    send_next_change(now=NOW + LATER)
    refused.refresh_from_db()
    assert (refused.state, "Validation Failed" in refused.outcome) == (State.REFUSED, True)
    assert len(github.comments_of(REPOSITORY, tracked.number)) == 1


def test_an_unsettled_change_blocks_its_own_lane_only(
    tracked: TrackedIssue, tracker: Tracker, github: FakeGitHub
) -> None:
    other = github.open_issue(REPOSITORY, "ines", "Another", "")
    ticket = Ticket.objects.create(
        organization=tracker.organization, title="Another", channel="github", opened_at=NOW
    )
    TrackedIssue.objects.create(
        tracker=tracker, issue_id=other["id"], number=other["number"], ticket=ticket
    )
    github.fail("POST", "issues/1/comments$", 500)
    for one in (tracked.ticket, tracked.ticket, ticket):
        outbox.queue_comment(message=answer_on(one), now=NOW)
    send_next_change(now=NOW)
    send_next_change(now=NOW + timedelta(seconds=1))
    assert len(github.comments_of(REPOSITORY, other["number"])) == 1
    assert github.comments_of(REPOSITORY, tracked.number) == []


def test_without_a_token_changes_wait_with_their_cause(
    tracked: TrackedIssue, settings: Settings
) -> None:
    settings.GITHUB_TOKEN = ""
    change = outbox.queue_comment(message=answer_on(tracked.ticket), now=NOW)
    assert change is not None
    send_next_change(now=NOW)
    change.refresh_from_db()
    assert change.state == State.PENDING
    assert "Set GITHUB_TOKEN" in change.outcome


def test_a_transferred_issue_gets_nothing_written_elsewhere(
    tracked: TrackedIssue, github: FakeGitHub
) -> None:
    """PyGithub follows a redirect; the answer then names another repository, and we stop."""
    issue = github.issues[REPOSITORY, tracked.number]
    issue["url"] = issue["url"].replace("customer-tarn", "customer-other")
    change = outbox.queue_comment(message=answer_on(tracked.ticket), now=NOW)
    assert change is not None
    send_next_change(now=NOW)
    change.refresh_from_db()
    assert change.state == State.REFUSED
    assert github.writes() == []
