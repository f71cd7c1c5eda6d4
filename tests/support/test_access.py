"""Whatever is not yours is not found; what is yours is, by the same call."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404

from contracts.models import Seat, User
from reproducers.domain.artifacts import keep_artifacts
from reproducers.engine.verdicts import Verdict
from reproducers.models import Artifact, Trial
from support.access import (
    artifact_for,
    attachment_for,
    experiment_for,
    message_for,
    ticket_for,
    trial_for,
)
from support.domain.tickets import write_note
from support.models import Attachment, Message, Ticket
from tests.factories import (
    LONG_AGO,
    NOW,
    make_customer,
    make_engineer,
    make_project,
    make_seat,
    make_user,
)
from tests.support.tickets import SCRIPT, know_releases, make_ticket, report, run_all

FAR_AHEAD = datetime(2099, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_customer("Alice Ode")


@pytest.fixture
def ticket(alice: User) -> Ticket:
    """A ticket with a message, a file, an experiment, a trial and an artifact."""
    know_releases("2026.8.0")
    ticket = make_ticket(alice, script=SCRIPT)
    run_all([report(Verdict.REPRODUCED)])
    keep_artifacts(trial=Trial.objects.get(), files={"state.json": b"{}"})
    return ticket


REACHES: dict[str, Callable[[User, Ticket], object]] = {
    "the ticket": lambda user, ticket: ticket_for(user, ticket.pk),
    "its message": lambda user, ticket: message_for(
        user, ticket.pk, Message.objects.get(ticket=ticket).pk
    ),
    "its file": lambda user, ticket: attachment_for(
        user, ticket.pk, Attachment.objects.get(message__ticket=ticket).pk
    ),
    "its experiment": lambda user, ticket: experiment_for(
        user, ticket.pk, str(ticket.ticket_experiments.get().experiment_id)
    ),
    "its trial": lambda user, ticket: trial_for(user, ticket.pk, Trial.objects.get().pk),
    "its artifact": lambda user, ticket: artifact_for(
        user, ticket.pk, Trial.objects.get().pk, Artifact.objects.get().pk
    ),
}


def ex_seat_holder(ticket: Ticket) -> User:
    user = make_user("Dana", organization=ticket.organization)
    project = ticket.organization.projects.get()
    return make_seat(user, project=project, ends_at=LONG_AGO + timedelta(days=365)).user


def future_seat_holder(ticket: Ticket) -> User:
    user = make_user("Fay", organization=ticket.organization)
    return make_seat(user, project=ticket.organization.projects.get(), starts_at=FAR_AHEAD).user


def one_who_moved(ticket: Ticket) -> User:
    """A seat there, but the account is another organization's now."""
    user = make_seat(project=ticket.organization.projects.get()).user
    user.organization = make_project().organization
    user.save()
    return user


def closed_account(ticket: Ticket) -> User:
    user = make_seat(project=ticket.organization.projects.get()).user
    user.is_active = False
    user.save()
    return user


def former_engineer(ticket: Ticket) -> User:
    user = make_engineer("Teo Lind")
    user.is_active = False
    user.save()
    return user


STRANGERS: dict[str, Callable[[Ticket], User]] = {
    "a customer of another organization": lambda ticket: make_customer("Charlie"),
    "a colleague without a seat": lambda ticket: make_user(organization=ticket.organization),
    "somebody whose seat has ended": ex_seat_holder,
    "somebody whose seat has not begun": future_seat_holder,
    "somebody who moved on": one_who_moved,
    "somebody whose account is closed": closed_account,
    "an engineer who left": former_engineer,
}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("what", REACHES)
def test_it_is_found_by_its_owner_and_not_by(
    what: str, stranger: str, ticket: Ticket, alice: User
) -> None:
    assert REACHES[what](alice, ticket)
    with pytest.raises(Http404):
        REACHES[what](STRANGERS[stranger](ticket), ticket)


@pytest.mark.parametrize("what", REACHES)
def test_the_desk_and_a_colleague_with_a_seat_find_it(what: str, ticket: Ticket) -> None:
    colleague = make_seat(project=make_project(ticket.organization)).user
    for user in (make_engineer(), colleague):
        assert REACHES[what](user, ticket)


def test_what_hangs_on_another_ticket_is_not_found(ticket: Ticket, alice: User) -> None:
    """The keys are right, but the ticket is another one of theirs."""
    other = make_ticket(alice)
    experiment = ticket.ticket_experiments.get().experiment_id
    trial, artifact = Trial.objects.get().pk, Artifact.objects.get().pk
    file = Attachment.objects.get().pk
    for reach in (
        lambda: experiment_for(alice, other.pk, experiment),
        lambda: trial_for(alice, other.pk, trial),
        lambda: artifact_for(alice, other.pk, trial, artifact),
        lambda: attachment_for(alice, other.pk, file),
    ):
        with pytest.raises(Http404):
            reach()


def test_an_internal_note_and_its_file_are_for_the_desk_alone(ticket: Ticket, alice: User) -> None:
    mira = make_engineer()
    note = write_note(ticket=ticket, actor=mira, body="Same as Sundial.", now=NOW)
    file = note.attachments.create(name="a.txt", content=b"x", size=1, sha256="0" * 64)
    assert (message_for(mira, ticket.pk, note.pk), attachment_for(mira, ticket.pk, file.pk)) == (
        note,
        file,
    )
    with pytest.raises(Http404):
        message_for(alice, ticket.pk, note.pk)
    with pytest.raises(Http404):
        attachment_for(alice, ticket.pk, file.pk)


@pytest.mark.parametrize("key", ["", "x", "-1", "1.5", "\u0661", "9" * 19, "9" * 5000, 2**63])
def test_a_key_that_is_none_is_not_found(key: str | int, alice: User) -> None:
    with pytest.raises(Http404):
        ticket_for(alice, key)


def test_a_seat_on_another_organizations_project_shows_nothing_of_it(ticket: Ticket) -> None:
    outsider = make_user()
    Seat.objects.create(
        user=outsider, project=ticket.organization.projects.get(), starts_at=NOW - timedelta(days=9)
    )
    with pytest.raises(Http404):
        ticket_for(outsider, ticket.pk)
