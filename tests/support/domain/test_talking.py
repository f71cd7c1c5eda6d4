"""Messages, replies and notes: kept once, heard by clocks, and moving the ticket's state."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.domain.entitlements import NotEntitled
from contracts.models import User
from support.domain.drafts import save_draft
from support.domain.messages import is_thanks
from support.domain.refusals import StaffOnly
from support.domain.texts import TextRefused
from support.domain.tickets import (
    add_message,
    reply,
    resolve,
    set_state,
    write_note,
)
from support.models import Draft, Message, Ticket
from support.models.tickets import Channel
from tests.factories import NOW, make_customer, make_engineer, make_manager, make_seat, make_user
from tests.support.tickets import SCRIPT, later, make_ticket

pytestmark = pytest.mark.django_db
State = Ticket.State


def says(ticket: Ticket, body: str, minutes: float = 1, **facts: object) -> Message:
    """The customer who opened it writes in the portal."""
    values = {"author": ticket.opened_by, "channel": Channel.PORTAL, "now": later(minutes)}
    return add_message(ticket=ticket, body=body, **(values | facts))  # type: ignore[arg-type]


def states(ticket: Ticket) -> list[tuple[str, object]]:
    """What the book says of the state, and when, in minutes."""
    events = ticket.events.filter(kind="status")
    return [(event.value, (event.at - NOW) / timedelta(minutes=1)) for event in events]


def cycles(ticket: Ticket) -> list[tuple[str, str]]:
    return [(cycle.metric, cycle.outcome) for cycle in ticket.cycles.all()]


def current(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    return ticket.state


def test_a_reply_ends_the_first_response_clock_and_opens_a_new_ticket() -> None:
    ticket, mira = make_ticket(), make_engineer("Mira Holt")
    message = reply(ticket=ticket, actor=mira, body="We look at it.", now=later(60))
    cycle = ticket.cycles.get()
    assert (message.author_role, message.author_name, message.channel) == (
        "staff",
        "Mira Holt",
        "desk",
    )
    assert (current(ticket), cycle.outcome, cycle.elapsed_seconds) == ("open", "met", 3600)


def test_the_next_message_waits_for_the_next_response() -> None:
    ticket = make_ticket(severity="high")
    reply(ticket=ticket, actor=make_engineer(), body="We look at it.", now=later(60))
    says(ticket, "And?", 70)
    assert cycles(ticket) == [("first_response", "met"), ("next_response", "")]


def test_a_reply_may_wait_on_the_customer_whose_message_ends_the_wait() -> None:
    ticket = make_ticket()
    reply(
        ticket=ticket,
        actor=make_engineer(),
        body="Which release?",
        now=later(5),
        then_wait_on_customer=True,
    )
    assert current(ticket) == State.WAITING_ON_CUSTOMER
    says(ticket, "2024.8.0", 9)
    assert current(ticket) == State.OPEN
    assert states(ticket) == [("open", 5), ("waiting-on-customer", 5), ("open", 9)]


def test_a_message_that_github_tells_late_still_ends_the_wait() -> None:
    ticket = make_ticket()
    set_state(ticket=ticket, state=State.WAITING_ON_CUSTOMER, actor=make_engineer(), now=later(10))
    says(ticket, "Meanwhile I found out more.", 8, channel=Channel.GITHUB)
    assert current(ticket) == State.OPEN
    assert states(ticket) == [("waiting-on-customer", 10), ("open", 10)]


def test_a_message_to_a_ticket_that_waits_on_upstream_leaves_it_there() -> None:
    ticket = make_ticket()
    Ticket.objects.update(state=State.WAITING_ON_UPSTREAM)
    says(ticket, "Any news?")
    assert current(ticket) == State.WAITING_ON_UPSTREAM


def test_a_message_opens_a_resolved_ticket_again() -> None:
    ticket, mira = make_ticket(severity="high"), make_engineer()
    reply(ticket=ticket, actor=mira, body="Please upgrade.", now=later(5))
    resolve(ticket=ticket, actor=mira, now=later(6))
    says(ticket, "It is back.", 10)
    assert current(ticket) == State.OPEN
    assert cycles(ticket) == [("first_response", "met"), ("next_response", "")]


def test_thanks_leave_a_resolved_ticket_alone() -> None:
    ticket, mira = make_ticket(severity="high"), make_engineer()
    reply(ticket=ticket, actor=mira, body="Please upgrade.", now=later(5))
    resolve(ticket=ticket, actor=mira, now=later(6))
    message = says(ticket, "Thanks a lot, that works!", 10)
    assert current(ticket) == State.RESOLVED
    assert (message.event.kind, cycles(ticket)) == ("thanks", [("first_response", "met")])


def test_thanks_after_the_grace_period_or_with_a_script_open_it_again() -> None:
    for minutes, script in ((24 * 60 + 7, None), (10, SCRIPT)):
        ticket, mira = make_ticket(), make_engineer()
        resolve(ticket=ticket, actor=mira, now=later(6))
        says(ticket, "Thanks!", minutes, script=script)
        assert current(ticket) == State.OPEN


def test_thanks_on_a_ticket_without_a_promise_are_a_message() -> None:
    ticket, mira = make_ticket(), make_engineer()
    resolve(ticket=ticket, actor=mira, now=later(6))
    Ticket.objects.update(sla_policy_version=None)
    assert says(ticket, "Thanks!").event.kind == "customer_message"


def test_thanks_of_one_of_ours_are_a_reply() -> None:
    ticket, mira = make_ticket(), make_engineer()
    resolve(ticket=ticket, actor=mira, now=later(6))
    message = reply(ticket=ticket, actor=mira, body="Thanks!", now=later(7))
    assert (message.event.kind, current(ticket)) == ("staff_reply", "resolved")


@pytest.mark.parametrize(
    ("body", "is_only_thanks"),
    [
        ("Thanks!", True),
        ("Thank you very much for your quick help.", True),
        ("Perfect, thanks \U0001f64f", True),
        ("thx", True),
        ("Great", False),
        ("Thanks, but it is still wrong", False),
        ("Thanks! Does it also work with 2024.8.0?", False),
        ("thanks " * 30, False),
        ("", False),
    ],
)
def test_thanks_are_told_from_a_question(body: str, is_only_thanks: bool) -> None:
    assert is_thanks(body) == is_only_thanks


def test_the_same_submission_is_one_message() -> None:
    ticket, mira = make_ticket(), make_engineer()
    keys = [uuid4(), uuid4(), uuid4()]
    for _ in range(2):
        says(ticket, "And?", idempotency_key=keys[0])
        reply(
            ticket=ticket,
            actor=mira,
            body="Soon.",
            now=later(2),
            idempotency_key=keys[1],
            then_wait_on_customer=True,
        )
        write_note(ticket=ticket, actor=mira, body="Hm.", now=later(3), idempotency_key=keys[2])
    assert ticket.messages.count() == 4
    assert states(ticket) == [("open", 2), ("waiting-on-customer", 2)]


def test_a_reply_sent_again_does_not_wait_on_the_customer_again() -> None:
    ticket, facts = make_ticket(), dict[str, Any](actor=make_engineer(), body="Which release?")
    facts |= {"idempotency_key": uuid4(), "then_wait_on_customer": True}
    reply(ticket=ticket, now=later(1), **facts)
    says(ticket, "2024.8.0", 2)
    reply(ticket=ticket, now=later(3), **facts)
    assert current(ticket) == State.OPEN


def test_a_comment_of_github_is_one_message() -> None:
    ticket = make_ticket()
    first = says(ticket, "And?", channel=Channel.GITHUB, comment_id=77)
    assert says(ticket, "And??", channel=Channel.GITHUB, comment_id=77) == first


def test_a_note_stays_inside_and_is_no_reply() -> None:
    ticket = make_ticket()
    note = write_note(ticket=ticket, actor=make_engineer(), body="Same as #3.", now=later(1))
    assert (note.is_internal, note.event.is_public, note.event.kind) == (
        True,
        False,
        "internal_note",
    )
    assert (current(ticket), cycles(ticket)) == ("new", [("first_response", "")])


def test_only_the_desk_replies_and_writes_notes() -> None:
    ticket = make_ticket()
    assert ticket.opened_by is not None
    with pytest.raises(StaffOnly):
        reply(ticket=ticket, actor=ticket.opened_by, body="Hello.", now=NOW)
    with pytest.raises(StaffOnly):
        write_note(ticket=ticket, actor=ticket.opened_by, body="Hello.", now=NOW)


@pytest.mark.parametrize("body", ["", " \n", "\0"])
def test_nothing_is_not_sent(body: str) -> None:
    ticket, mira = make_ticket(), make_engineer()
    with pytest.raises(TextRefused):
        says(ticket, body)
    with pytest.raises(TextRefused):
        reply(ticket=ticket, actor=mira, body=body, now=NOW)
    with pytest.raises(TextRefused):
        write_note(ticket=ticket, actor=mira, body=body, now=NOW)


def test_a_person_without_a_seat_may_not_write_in_the_portal() -> None:
    ticket = make_ticket()
    with pytest.raises(NotEntitled):
        says(ticket, "Hello.", author=make_user(organization=ticket.organization))
    with pytest.raises(NotEntitled):
        says(ticket, "Hello.", author=make_customer())


def test_on_github_a_colleague_is_kept_and_answered_once_and_starts_no_clock() -> None:
    ticket, mira = make_ticket(severity="high"), make_engineer()
    reply(
        ticket=ticket, actor=mira, body="Which release?", now=later(1), then_wait_on_customer=True
    )
    bob = make_user("Bob", organization=ticket.organization)
    for minute in (2, 3):
        says(ticket, "Me too.", minute, author=bob, channel=Channel.GITHUB)
    roles = [message.author_role for message in ticket.messages.all()]
    assert roles == ["customer", "staff", "colleague", "bot", "colleague"]
    assert (current(ticket), cycles(ticket)) == (
        "waiting-on-customer",
        [("first_response", "met")],
    )


def test_a_bot_is_neither_a_customer_nor_one_of_ours() -> None:
    ticket = make_ticket()
    says(ticket, "Build passed.", author=None, author_name="ci", is_bot=True, channel="github")
    message = ticket.messages.last()
    assert message is not None
    assert (message.author_role, message.author_name, message.event.kind) == (
        "bot",
        "ci",
        "bot_comment",
    )
    assert cycles(ticket) == [("first_response", "")]


def test_one_of_ours_may_answer_on_github() -> None:
    ticket = make_ticket()
    says(ticket, "We look at it.", author=make_manager(), channel=Channel.GITHUB, comment_id=5)
    assert (current(ticket), cycles(ticket)) == ("open", [("first_response", "met")])


def test_a_ticket_begun_by_a_colleague_is_promised_once_a_contact_writes() -> None:
    alice = make_customer()
    assert alice.organization is not None
    ticket = make_ticket(
        organization=alice.organization,
        opened_by=None,
        channel=Channel.GITHUB,
        body=f"```python\n{SCRIPT.decode()}```",
    )
    assert ticket.reproducer_id is None
    says(ticket, "Please look at this.", 30, author=alice, channel=Channel.GITHUB)
    cycle = ticket.cycles.get()
    reproducer = Ticket.objects.get().reproducer
    assert reproducer is not None
    assert (cycle.metric, cycle.started_at) == ("first_response", later(30))
    assert reproducer.script == SCRIPT.decode()


def test_of_several_messages_of_a_colleague_the_one_with_a_script_is_taken() -> None:
    alice = make_customer()
    ticket = make_ticket(
        organization=alice.organization, opened_by=None, channel=Channel.GITHUB, body="It fails."
    )
    block = f"```python\n{SCRIPT.decode()}```"
    says(ticket, block, 5, author=None, author_name="octocat", channel=Channel.GITHUB)
    says(ticket, "Please look at this.", 30, author=alice, channel=Channel.GITHUB)
    assert Ticket.objects.get().reproducer is not None


def test_sending_drops_the_draft_of_who_sends() -> None:
    ticket, mira, jon = make_ticket(), make_engineer(), make_manager()
    for person in (mira, jon):
        save_draft(ticket=ticket, actor=person, body="We ...", now=NOW)
    reply(ticket=ticket, actor=mira, body="We look at it.", now=NOW)
    assert [draft.user for draft in Draft.objects.all()] == [jon]
    write_note(ticket=ticket, actor=jon, body="Done.", now=NOW)
    assert not Draft.objects.exists()


def test_a_draft_is_one_a_person_and_an_empty_one_is_none() -> None:
    ticket, mira = make_ticket(), make_engineer()
    save_draft(ticket=ticket, actor=mira, body="We", now=NOW)
    draft = save_draft(ticket=ticket, actor=mira, body="We look", now=later(1), is_internal=True)
    assert draft is not None
    assert (draft.body, draft.is_internal, Draft.objects.count()) == ("We look", True, 1)
    assert save_draft(ticket=ticket, actor=mira, body="  ", now=later(2)) is None
    assert not Draft.objects.exists()


def test_a_customer_of_another_project_of_the_organization_may_write() -> None:
    ticket = make_ticket()
    colleague = make_user(organization=ticket.organization)
    other: User = make_seat(
        colleague,
        project=ticket.organization.projects.create(name="Risk", slug="risk"),
    ).user
    assert says(ticket, "We see it as well.", author=other).author_role == "customer"
