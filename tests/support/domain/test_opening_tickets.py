"""Tickets are opened once, for those who may, and promised from then on."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.domain.entitlements import NotEntitled
from support.domain.refusals import PriorityRefused, ProjectRefused
from support.domain.scripts import NO_SCRIPT
from support.domain.texts import CUT, FileTooLarge, TextRefused
from support.models import Message, Ticket
from support.models.tickets import Channel
from tests.factories import (
    NOW,
    make_contract,
    make_customer,
    make_engineer,
    make_organization,
    make_project,
    make_seat,
    make_user,
)
from tests.support.tickets import SCRIPT, know_releases, make_ticket

pytestmark = pytest.mark.django_db


def test_a_ticket_starts_the_first_response_clock_at_the_promised_target() -> None:
    ticket = make_ticket(severity="high")
    cycle = ticket.cycles.get()
    assert (cycle.metric, cycle.started_at, cycle.due_at, cycle.outcome) == (
        "first_response",
        NOW,
        NOW + timedelta(hours=4),
        "",
    )


def test_a_ticket_is_new_with_its_first_message_and_pins_the_policy() -> None:
    customer = make_customer()
    ticket = make_ticket(customer, severity="urgent", dask_release=" 2024.8.0 ")
    message = ticket.messages.get()
    assert (ticket.state, ticket.severity, ticket.priority) == ("new", "urgent", "urgent")
    assert (ticket.dask_release, ticket.project) == ("2024.8.0", customer.seats.get().project)
    assert ticket.sla_policy_version is not None
    assert (message.author, message.author_role, message.created_at) == (customer, "customer", NOW)
    assert [event.kind for event in ticket.events.all()] == ["customer_message"]


def test_a_ticket_without_a_script_says_what_is_missing() -> None:
    assert make_ticket().missing == [NO_SCRIPT]


def test_the_same_submission_opens_one_ticket() -> None:
    customer, key = make_customer(), uuid4()
    first = make_ticket(customer, idempotency_key=key)
    assert make_ticket(customer, idempotency_key=key, title="Something else") == first
    assert (Ticket.objects.count(), Message.objects.count()) == (1, 1)


def test_another_person_may_have_the_same_key() -> None:
    key = uuid4()
    assert make_ticket(idempotency_key=key) != make_ticket(idempotency_key=key)


def test_a_colleague_without_a_seat_is_told_whom_to_ask() -> None:
    alice = make_customer("Alice Ode")
    colleague = make_user("Bob", organization=alice.organization)
    with pytest.raises(NotEntitled) as refusal:
        make_ticket(colleague)
    assert refusal.value.remedy == "Please ask one of your contacts: Alice Ode."
    assert not Ticket.objects.exists()


def test_the_project_has_to_be_the_organizations_own() -> None:
    with pytest.raises(ProjectRefused):
        make_ticket(project=make_project())


@pytest.mark.parametrize("title", ["", "  \n ", "x" * 257])
def test_a_title_has_to_say_something_in_one_line(title: str) -> None:
    with pytest.raises(TextRefused):
        make_ticket(title=title)


def test_a_title_is_made_one_line() -> None:
    assert make_ticket(title=" Workers \n stay\0 paused").title == "Workers stay paused"


def test_a_text_is_kept_byte_for_byte_but_for_nul() -> None:
    assert make_ticket(body="a\r\nb\0  ").messages.get().body == "a\r\nb  "


def test_a_text_has_65536_characters_at_most() -> None:
    assert len(make_ticket(body="x" * 65_536).messages.get().body) == 65_536
    with pytest.raises(TextRefused, match="65537 characters"):
        make_ticket(body="x" * 65_537)


def test_a_ticket_needs_a_text_or_a_script() -> None:
    with pytest.raises(TextRefused):
        make_ticket(body=" ")
    assert make_ticket(body="", script=SCRIPT).reproducer is not None


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(PriorityRefused):
        make_ticket(severity="immediate")


def test_a_file_of_eight_megabytes_is_refused() -> None:
    with pytest.raises(FileTooLarge):
        make_ticket(script=b"#" * (8 * 1024**2))
    assert not Ticket.objects.exists()


def test_a_script_is_kept_as_it_came_and_run() -> None:
    know_releases("2026.8.0")
    ticket = make_ticket(script=SCRIPT, script_name="../../etc/lookup.py", dask_release="2024.8.0")
    attachment = ticket.messages.get().attachments.get()
    experiment = ticket.ticket_experiments.get().experiment
    assert (attachment.name, bytes(attachment.content)) == ("lookup.py", SCRIPT)
    assert ticket.missing == []
    assert [trial.dask for trial in experiment.trials.all()] == ["2024.8.0", "2026.8.0"]
    assert (experiment.organization, experiment.requested_by) == (
        ticket.organization,
        ticket.opened_by,
    )


def test_one_of_ours_opens_a_ticket_for_a_customer_and_no_clock_starts() -> None:
    organization = make_customer().organization
    ticket = make_ticket(opened_by=make_engineer(), organization=organization)
    assert (ticket.state, ticket.messages.get().author_role) == ("open", "staff")
    assert ticket.sla_policy_version is not None
    assert not ticket.cycles.exists()


class TestOnGitHub:
    def test_a_seat_on_any_project_will_do(self) -> None:
        alice = make_customer()
        other = make_project(alice.organization)
        ticket = make_ticket(alice, channel=Channel.GITHUB, project=other)
        assert (ticket.project, ticket.cycles.count()) == (other, 1)

    def test_what_a_stranger_writes_is_kept_and_answered_once(self) -> None:
        organization = make_customer("Alice Ode").organization
        ticket = make_ticket(
            organization=organization,
            opened_by=None,
            author_name="octocat",
            channel=Channel.GITHUB,
            body=f"See:\n```python\n{SCRIPT.decode()}```",
        )
        theirs, ours = ticket.messages.all()
        assert (theirs.author_name, theirs.author_role) == ("octocat", "colleague")
        assert (ours.author_role, ours.channel) == ("bot", "desk")
        assert ours.body == (
            "Thank you, octocat; your message is kept. You hold no seat. "
            "Please ask one of your contacts: Alice Ode."
        )
        assert [event.kind for event in ticket.events.all()] == ["seatless", "bot_comment"]
        assert (ticket.sla_policy_version, ticket.reproducer) == (None, None)
        assert not ticket.cycles.exists()

    def test_where_nobody_holds_a_seat_the_manager_is_asked(self) -> None:
        organization = make_organization()
        ticket = make_ticket(organization=organization, opened_by=None, channel=Channel.GITHUB)
        theirs, ours = ticket.messages.all()
        assert ours.body.endswith("Please ask your manager to have one assigned.")
        assert theirs.author_name == "ghost"

    def test_a_seat_holder_without_a_contract_is_a_customer_who_is_told(self) -> None:
        seat = make_seat()
        make_contract(seat.project.organization, ends_on=date(2021, 1, 1))
        ticket = make_ticket(seat.user, channel=Channel.GITHUB)
        theirs, ours = ticket.messages.all()
        assert theirs.author_role == "customer"
        assert "There is no contract in force." in ours.body
        assert [event.kind for event in ticket.events.all()] == ["seatless", "bot_comment"]

    def test_a_title_and_a_text_are_cut_rather_than_refused(self) -> None:
        ticket = make_ticket(channel=Channel.GITHUB, title="x" * 300, body="y" * 70_000)
        body = ticket.messages.get().body
        assert (len(ticket.title), len(body), body.endswith(CUT)) == (256, 65_536, True)

    def test_an_empty_issue_is_a_ticket(self) -> None:
        ticket = make_ticket(channel=Channel.GITHUB, title="\0", body="")
        assert (ticket.title, ticket.messages.get().body) == ("(no title)", "")

    def test_the_versions_that_the_text_names_are_taken(self) -> None:
        know_releases("2026.8.0")
        body = f"Dask version: 2024.8.1\nPython version: 3.12.4\n```python\n{SCRIPT.decode()}```"
        ticket = make_ticket(channel=Channel.GITHUB, body=body)
        trials = ticket.ticket_experiments.get().experiment.trials.all()
        assert (ticket.dask_release, ticket.python_version) == ("2024.8.1", "3.12")
        assert [(trial.dask, trial.python) for trial in trials] == [
            ("2024.8.1", "3.12"),
            ("2026.8.0", "3.12"),
        ]
