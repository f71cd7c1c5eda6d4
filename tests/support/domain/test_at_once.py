"""Two people, or one impatient one, at the same moment: real commits, real locks."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

import pytest
from django.db import connection

from support.domain.tickets import add_message, reply
from support.models import Message, Ticket
from support.models.tickets import Channel
from tests.factories import make_customer, make_engineer
from tests.support.tickets import later, make_ticket

pytestmark = pytest.mark.django_db(transaction=True)
R = TypeVar("R")


def at_once(*verbs: Callable[[], R]) -> Sequence[R]:
    """What each came to; they begin together, each on a connection of its own."""
    barrier = Barrier(len(verbs))

    def begin(verb: Callable[[], R]) -> R:
        barrier.wait(timeout=10)
        try:
            return verb()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return [*pool.map(begin, verbs)]


def test_the_same_submission_twice_at_once_opens_one_ticket() -> None:
    customer, key = make_customer(), uuid4()
    opened = at_once(*[lambda: make_ticket(customer, idempotency_key=key)] * 4)
    assert len({ticket.pk for ticket in opened}) == 1
    assert (Ticket.objects.count(), Message.objects.count()) == (1, 1)


def test_the_same_message_twice_at_once_is_one_message() -> None:
    ticket, key = make_ticket(), uuid4()

    def say() -> Message:
        return add_message(
            ticket=ticket,
            author=ticket.opened_by,
            body="And?",
            channel=Channel.PORTAL,
            now=later(1),
            idempotency_key=key,
        )

    assert len({message.pk for message in at_once(say, say, say)}) == 1


def test_replies_at_once_end_the_clock_once() -> None:
    ticket, mira = make_ticket(), make_engineer()
    at_once(
        *[
            lambda: reply(ticket=ticket, actor=mira, body="We look at it.", now=later(1)),
        ]
        * 3
    )
    assert [cycle.outcome for cycle in ticket.cycles.all()] == ["met"]
    assert ticket.messages.count() == 4
