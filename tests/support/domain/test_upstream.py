"""Public issues that tickets wait for."""

import pytest

from support.domain.refusals import StaffOnly
from support.domain.tickets import set_state
from support.domain.upstream import (
    UpstreamRefused,
    follow_upstream_issue,
    link_upstream,
    set_upstream_state,
    unlink_upstream,
)
from support.models import OutgoingChange, Ticket, UpstreamIssue
from tests.factories import NOW, make_customer, make_engineer
from tests.support.tickets import later, make_ticket, track

pytestmark = pytest.mark.django_db


def book(ticket: Ticket) -> list[str]:
    return [event.note for event in ticket.events.filter(kind="upstream")]


def test_one_issue_is_followed_for_many_tickets() -> None:
    mira, one, other = make_engineer(), make_ticket(), make_ticket()
    for ticket in (one, one, other):
        link_upstream(ticket=ticket, repository="dask/dask", number=12426, actor=mira, now=NOW)
    issue = UpstreamIssue.objects.get()
    assert set(issue.tickets.all()) == {one, other}
    assert book(one) == ["dask/dask#12426 is followed for this problem."]


def test_linking_may_say_how_far_it_is() -> None:
    link = link_upstream(
        ticket=make_ticket(),
        repository="dask/dask",
        number=12426,
        title="map aligns partitions",
        state="released",
        fixed_in="v2026.6.0",
        actor=make_engineer(),
        now=NOW,
    )
    issue = UpstreamIssue.objects.get(pk=link.upstream_issue_id)
    assert (issue.title, issue.state, issue.fixed_in) == (
        "map aligns partitions",
        "released",
        "2026.6.0",
    )


def test_a_title_is_kept_until_a_new_one_is_given() -> None:
    mira = make_engineer()
    for title in ("One", "", "Two"):
        follow_upstream_issue(repository="dask/dask", number=1, actor=mira, title=title)
    assert UpstreamIssue.objects.get().title == "Two"


def test_every_ticket_is_told_once_how_far_the_fix_is() -> None:
    mira, tickets = make_engineer(), [make_ticket(), make_ticket()]
    for ticket in tickets:
        link_upstream(ticket=ticket, repository="dask/distributed", number=9, actor=mira, now=NOW)
    issue = UpstreamIssue.objects.get()
    for _ in range(2):
        set_upstream_state(issue=issue, state="merged", actor=mira, now=later(1))
    set_upstream_state(issue=issue, state="released", fixed_in="2026.8.0", actor=mira, now=later(2))
    for ticket in tickets:
        assert book(ticket)[1:] == [
            "dask/distributed#9: fix merged.",
            "dask/distributed#9: released in 2026.8.0.",
        ]


def test_a_link_is_taken_back_once() -> None:
    mira, ticket = make_engineer(), make_ticket()
    link_upstream(ticket=ticket, repository="dask/dask", number=1, actor=mira, now=NOW)
    issue = UpstreamIssue.objects.get()
    for _ in range(2):
        unlink_upstream(ticket=ticket, issue=issue, actor=mira, now=later(1))
    assert book(ticket) == [
        "dask/dask#1 is followed for this problem.",
        "dask/dask#1 is no longer followed for this problem.",
    ]
    assert not issue.tickets.exists()


def test_a_link_is_told_by_its_label() -> None:
    ticket = make_ticket()
    track(ticket)
    link_upstream(ticket=ticket, repository="dask/dask", number=1, actor=make_engineer(), now=NOW)
    change = OutgoingChange.objects.get(kind="labels")
    assert "upstream" in change.payload["labels"]


@pytest.mark.parametrize(
    ("repository", "number"),
    [("dask", 1), ("dask/dask/x", 1), ("../..", 1), ("dask/dask", 0), ("dask/dask", 2**31)],
)
def test_what_is_no_issue_is_refused(repository: str, number: int) -> None:
    with pytest.raises(UpstreamRefused):
        follow_upstream_issue(repository=repository, number=number, actor=make_engineer())


@pytest.mark.parametrize(
    ("state", "fixed_in"),
    [("asleep", ""), ("released", ""), ("released", " "), ("merged", "soon")],
)
def test_a_state_that_makes_no_sense_is_refused(state: str, fixed_in: str) -> None:
    mira = make_engineer()
    issue = follow_upstream_issue(repository="dask/dask", number=1, actor=mira)
    with pytest.raises(UpstreamRefused):
        set_upstream_state(issue=issue, state=state, fixed_in=fixed_in, actor=mira, now=NOW)


def test_only_the_desk_follows() -> None:
    with pytest.raises(StaffOnly):
        follow_upstream_issue(repository="dask/dask", number=1, actor=make_customer())


def test_a_ticket_waits_on_upstream_once_it_names_the_issue() -> None:
    mira, ticket = make_engineer(), make_ticket()
    link_upstream(ticket=ticket, repository="dask/dask", number=1, actor=mira, now=NOW)
    held = set_state(ticket=ticket, state="waiting-on-upstream", actor=mira, now=NOW)
    assert held.state == Ticket.State.WAITING_ON_UPSTREAM
