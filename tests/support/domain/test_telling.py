"""What the tracker is told: everything public of ours, once, and nothing else."""

from typing import Any

import pytest

from support.domain.scripts import NO_SCRIPT
from support.domain.telling import tell_tracker
from support.domain.tickets import add_message, reply, set_priority, write_note
from support.models import OutgoingChange, Ticket, TrackedIssue
from support.models.tickets import Channel
from tests.factories import NOW, make_customer, make_engineer
from tests.support.tickets import later, make_ticket, track

pytestmark = pytest.mark.django_db
Kind = OutgoingChange.Kind


def from_github(**facts: Any) -> TrackedIssue:
    """An issue of the tracker, told as GITHUB's reader does: the ticket first, then its issue."""
    ticket = make_ticket(channel=Channel.GITHUB, **facts)
    issue = track(ticket)
    tell_tracker(ticket=ticket, now=NOW)
    return issue


def told(issue: TrackedIssue, kind: OutgoingChange.Kind) -> list[str]:
    changes = issue.outgoing.filter(kind=kind).exclude(state="superseded")
    return [change.payload.get("body", "") for change in changes]


def test_an_issue_without_a_script_is_asked_for_one() -> None:
    issue = from_github()
    (body,) = told(issue, Kind.VERDICT)
    assert NO_SCRIPT.replace("`", "'") in body
    assert told(issue, Kind.COMMENT) == []


def test_a_stranger_is_answered_by_one_comment() -> None:
    alice = make_customer("Alice Ode")
    issue = from_github(organization=alice.organization, opened_by=None, author_name="octocat")
    add_message(
        ticket=issue.ticket,
        author=None,
        author_name="octocat",
        body="Hello?",
        channel=Channel.GITHUB,
        comment_id=3,
        now=later(1),
    )
    (body,) = told(issue, Kind.COMMENT)
    assert body.endswith("Please ask one of your contacts: Alice Ode.")


def test_a_reply_and_a_message_of_the_portal_are_told_and_a_note_is_not() -> None:
    issue, mira = from_github(), make_engineer("Mira Holt")
    ticket = Ticket.objects.get()
    reply(ticket=ticket, actor=mira, body="Which release?", now=later(1))
    write_note(ticket=ticket, actor=mira, body="Same as Sundial.", now=later(2))
    add_message(
        ticket=ticket,
        author=ticket.opened_by,
        body="2024.8.0",
        channel=Channel.PORTAL,
        now=later(3),
    )
    assert [body.split("\n")[-1] for body in told(issue, Kind.COMMENT)] == [
        "Which release?",
        "2024.8.0",
    ]


def test_telling_again_writes_nothing() -> None:
    issue = from_github()
    reply(ticket=issue.ticket, actor=make_engineer(), body="We look at it.", now=later(1))
    before = [*issue.outgoing.values_list("pk", "state")]
    tell_tracker(ticket=issue.ticket, now=later(2))
    assert [*issue.outgoing.values_list("pk", "state")] == before


def test_a_priority_is_told_by_its_label() -> None:
    issue = from_github()
    set_priority(ticket=issue.ticket, priority="urgent", actor=make_engineer(), now=later(1))
    labels = issue.outgoing.filter(kind=Kind.LABELS).last()
    assert labels is not None
    assert "priority: urgent" in labels.payload["labels"]


def test_without_a_tracker_nothing_is_told() -> None:
    tell_tracker(ticket=make_ticket(), now=NOW)
    assert not OutgoingChange.objects.exists()
