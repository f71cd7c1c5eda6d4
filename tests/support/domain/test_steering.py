"""Assigning, ranking and moving tickets: the desk's verbs."""

from collections.abc import Callable
from typing import Any

import pytest

from support.domain.refusals import (
    AssigneeRefused,
    NothingAwaited,
    PriorityRefused,
    StaffOnly,
    StateRefused,
)
from support.domain.tickets import assign, reopen, reply, resolve, set_priority, set_state
from support.domain.upstream import link_upstream
from support.models import Ticket
from tests.factories import NOW, make_customer, make_engineer
from tests.support.tickets import later, make_ticket

pytestmark = pytest.mark.django_db
State = Ticket.State


def book(ticket: Ticket) -> list[tuple[str, str, str, bool]]:
    """What was written down after the first message."""
    events = [*ticket.events.select_related("actor")][1:]
    return [(event.kind, event.value, event.note, event.is_public) for event in events]


def test_a_ticket_is_given_to_somebody_and_to_nobody() -> None:
    ticket, mira = make_ticket(), make_engineer("Mira Holt")
    for assignee in (mira, mira, None, None):
        assign(ticket=ticket, assignee=assignee, actor=mira, now=NOW)
    assert book(ticket) == [
        ("assignee", str(mira.pk), "Mira Holt has it.", False),
        ("assignee", "", "Nobody has it any more.", False),
    ]
    assert Ticket.objects.get().assignee is None


def test_only_somebody_of_ours_can_have_a_ticket() -> None:
    ticket, mira, gone = make_ticket(), make_engineer(), make_engineer("Teo Lind")
    gone.is_active = False
    for person in (make_customer(), gone):
        with pytest.raises(AssigneeRefused):
            assign(ticket=ticket, assignee=person, actor=mira, now=NOW)


def test_a_priority_moves_the_open_clock_and_leaves_the_severity() -> None:
    ticket, mira = make_ticket(severity="normal"), make_engineer("Mira Holt")
    set_priority(ticket=ticket, priority="urgent", actor=mira, now=later(30), reason="Production.")
    ticket.refresh_from_db()
    cycle = ticket.cycles.get()
    assert (ticket.priority, ticket.severity) == ("urgent", "normal")
    assert (cycle.target_seconds, cycle.due_at) == (3600, later(90))
    assert book(ticket) == [
        ("priority", "urgent", "Mira Holt set the priority to Urgent: Production.", True)
    ]


def test_the_same_priority_again_is_no_event() -> None:
    ticket = make_ticket(severity="normal")
    set_priority(ticket=ticket, priority="normal", actor=make_engineer(), now=NOW)
    assert book(ticket) == []


def test_an_unknown_priority_is_refused() -> None:
    with pytest.raises(PriorityRefused, match="urgent, high, normal, low"):
        set_priority(ticket=make_ticket(), priority="x", actor=make_engineer(), now=NOW)


def test_a_ticket_is_resolved_and_opened_again_once() -> None:
    ticket, mira = make_ticket(), make_engineer()
    reply(ticket=ticket, actor=mira, body="Please upgrade.", now=NOW)
    for _ in range(2):
        resolve(ticket=ticket, actor=mira, now=later(1), note="Upgrading solves it.")
    for _ in range(2):
        reopen(ticket=ticket, actor=mira, now=later(2))
    told = [entry for entry in book(ticket) if entry[0] == "status"]
    assert told == [
        ("status", "open", "", True),
        ("status", "resolved", "Upgrading solves it.", True),
        ("status", "open", "", True),
    ]


def test_a_resolve_without_an_answer_cancels_the_first_response() -> None:
    ticket = make_ticket()
    resolve(ticket=ticket, actor=make_engineer(), now=later(10))
    cycle = ticket.cycles.get()
    assert (cycle.outcome, cycle.ended_at) == ("cancelled", later(10))
    assert cycle.why[-2].endswith("it was resolved unanswered.")


@pytest.mark.parametrize("state", ["new", "asleep", ""])
def test_a_ticket_cannot_be_put_into_such_a_state(state: str) -> None:
    with pytest.raises(StateRefused):
        set_state(ticket=make_ticket(), state=state, actor=make_engineer(), now=NOW)


def test_waiting_on_upstream_names_what_is_waited_for() -> None:
    ticket, mira = make_ticket(), make_engineer()
    facts: dict[str, Any] = {"ticket": ticket, "state": State.WAITING_ON_UPSTREAM}
    with pytest.raises(NothingAwaited):
        set_state(**facts, actor=mira, now=NOW)
    link_upstream(ticket=ticket, repository="dask/dask", number=12426, actor=mira, now=NOW)
    assert set_state(**facts, actor=mira, now=NOW).state == State.WAITING_ON_UPSTREAM


STEERING: dict[str, Callable[[Ticket, Any], object]] = {
    "assign": lambda ticket, actor: assign(ticket=ticket, assignee=None, actor=actor, now=NOW),
    "rank": lambda ticket, actor: set_priority(ticket=ticket, priority="low", actor=actor, now=NOW),
    "resolve": lambda ticket, actor: resolve(ticket=ticket, actor=actor, now=NOW),
    "reopen": lambda ticket, actor: reopen(ticket=ticket, actor=actor, now=NOW),
    "link": lambda ticket, actor: link_upstream(
        ticket=ticket, repository="dask/dask", number=1, actor=actor, now=NOW
    ),
}


@pytest.mark.parametrize("verb", STEERING)
def test_customers_do_not_steer(verb: str) -> None:
    ticket = make_ticket()
    with pytest.raises(StaffOnly):
        STEERING[verb](ticket, ticket.opened_by)
