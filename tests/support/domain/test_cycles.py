"""Cycles as they are kept: open ones follow the facts, finished ones are never rewritten."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from contracts.domain.service_levels import publish_calendar_version
from contracts.models import BusinessCalendar, Contract
from support.domain.cycles import settle_clocks
from support.domain.tickets import add_message
from support.models import Cycle, Message, Ticket
from support.models.tickets import Channel
from tests.factories import NOW, make_engineer, make_manager
from tests.support.tickets import later, make_ticket

pytestmark = pytest.mark.django_db


def says(ticket: Ticket, minutes: float) -> Message:
    return add_message(
        ticket=ticket,
        author=ticket.opened_by,
        body="And?",
        channel=Channel.GITHUB,
        now=later(minutes),
    )


def answers(ticket: Ticket, minutes: float) -> Message:
    return add_message(
        ticket=ticket,
        author=make_engineer(),
        body="We look at it.",
        channel=Channel.GITHUB,
        now=later(minutes),
    )


def kept(ticket: Ticket) -> list[tuple[str, float, float | None, str]]:
    """Metric, start, end and outcome, instants in minutes."""
    return [
        (row.metric, _minutes(row.started_at) or 0.0, _minutes(row.ended_at), row.outcome)
        for row in ticket.cycles.order_by("started_at", "id")
    ]


def _minutes(at: object) -> float | None:
    return None if at is None else (at - NOW) / timedelta(minutes=1)  # type: ignore[operator]


def test_a_cycle_explains_itself_with_its_versions() -> None:
    ticket = make_ticket(severity="high")
    cycle = ticket.cycles.get()
    calendar = BusinessCalendar.objects.get()
    assert cycle.why == [
        "They wrote on Mon 16 Nov 2026, 10:00 CET.",
        "At high, a first response is promised within 4 h.",
        "Counted: Mon 16 Nov 10:00 to 14:00.",
        "It falls due on Mon 16 Nov 2026, 14:00 CET.",
        f"Measured by {ticket.sla_policy_version}, and {calendar}, version 1.",
    ]
    assert cycle.counted == [["2026-11-16T09:00:00Z", "2026-11-16T13:00:00Z"]]
    assert (cycle.policy_version, cycle.calendar_version) == (
        ticket.sla_policy_version,
        calendar.versions.get(),
    )


def test_settling_again_changes_nothing() -> None:
    ticket = make_ticket(severity="high")
    answers(ticket, 10)
    says(ticket, 20)
    before = [*ticket.cycles.values()]
    settle_clocks(ticket=ticket, now=later(30))
    assert [*ticket.cycles.values()] == before


def test_a_message_that_comes_late_moves_the_open_cycle_to_its_own_instant() -> None:
    ticket = make_ticket(severity="high")
    answers(ticket, 10)
    says(ticket, 40)
    says(ticket, 30)
    assert kept(ticket) == [("first_response", 0, 10, "met"), ("next_response", 30, None, "")]


def test_a_finished_cycle_stays_whatever_comes_late() -> None:
    ticket = make_ticket(severity="high")
    answers(ticket, 10)
    says(ticket, 40)
    answers(ticket, 50)
    says(ticket, 30)
    answers(ticket, 5)
    assert kept(ticket) == [("first_response", 0, 10, "met"), ("next_response", 40, 50, "met")]


def test_an_answer_that_comes_late_ends_the_cycle_at_its_own_instant() -> None:
    ticket = make_ticket(severity="high")
    answers(ticket, 10)
    says(ticket, 40)
    answers(ticket, 45)
    says(ticket, 60)
    assert kept(ticket) == [
        ("first_response", 0, 10, "met"),
        ("next_response", 40, 45, "met"),
        ("next_response", 60, None, ""),
    ]


def test_what_late_news_show_to_wait_for_nothing_is_cancelled_with_the_reason() -> None:
    """The first answer is told before the message that came earlier still."""
    ticket = make_ticket(severity="high", now=later(20))
    answers(ticket, 15)  # of no effect: nobody had written yet
    says(ticket, 10)
    assert kept(ticket) == [
        ("first_response", 10, 15, "met"),
        ("next_response", 20, None, ""),
    ]


def test_an_open_cycle_that_nothing_explains_any_more_is_cancelled() -> None:
    ticket = make_ticket(severity="high")
    says_too_much = Cycle.objects.get()
    says_too_much.metric = "next_response"
    says_too_much.save()
    settle_clocks(ticket=ticket, now=later(5))
    assert kept(ticket) == [
        ("next_response", 0, 5, "cancelled"),
        ("first_response", 0, None, ""),
    ]


def test_without_a_policy_nothing_is_measured() -> None:
    ticket = make_ticket()
    ticket.cycles.all().delete()
    ticket.sla_policy_version = None
    settle_clocks(ticket=ticket, now=NOW)
    assert not ticket.cycles.exists()


def test_new_hours_move_open_clocks_and_leave_finished_ones() -> None:
    """A holiday that is added for tomorrow (rule 6): due on Wednesday, then on Thursday."""
    answered = make_ticket(severity="high", title="Answered")
    answers(answered, 10)
    contract = Contract.objects.get()
    ticket = make_ticket(answered.opened_by, severity="low")
    assert ticket.cycles.get().due_at == later(48 * 60)
    weekly = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    frozen = [*answered.cycles.values()]
    publish_calendar_version(
        actor=make_manager(),
        calendar=contract.sla_policy.calendar,
        document={"zone": "Europe/Berlin", "weekly": weekly, "closed": ["2026-11-17"]},
        now=later(60),
    )
    assert ticket.cycles.get().due_at == later(72 * 60)
    assert [*answered.cycles.values()] == frozen


def test_the_database_lets_nobody_rewrite_a_finished_cycle_or_an_event() -> None:
    ticket = make_ticket()
    answers(ticket, 10)
    for rows, field in ((ticket.cycles, "started_at"), (ticket.events, "at")):
        with pytest.raises(IntegrityError, match="written down for good"), transaction.atomic():
            rows.update(**{field: NOW})
