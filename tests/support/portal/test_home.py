"""The portal's first page."""

import pytest
from pytest_django import DjangoAssertNumQueries

from contracts.models import Contract, User
from reproducers.engine.verdicts import Verdict
from support.domain.tickets import assign, reply, resolve, set_state
from support.domain.upstream import link_upstream
from tests.factories import NOW, make_customer, make_project, make_seat, make_user
from tests.support.pages import sentence, signed_in, words
from tests.support.tickets import SCRIPT, know_releases, later, make_ticket, report, run_all


def test_it_says_at_once_what_waits_on_whom_and_when_we_answer(alice: User, mira: User) -> None:
    make_ticket(alice, title="Ours")
    theirs = make_ticket(alice, title="Theirs")
    reply(ticket=theirs, actor=mira, body="Which release?", now=NOW, then_wait_on_customer=True)

    page = signed_in(alice).get("/")

    assert sentence(page) == (
        "One problem waits on you. We are working on one more; "
        "you hear from us next by tomorrow 10:00."
    )
    assert words(page, "yours").startswith(
        "Waiting on you it is ours again as soon as you answer Theirs"
    )
    assert words(page, "ours") == (
        f"We are working on Ours #{theirs.pk - 1} There is no script to run yet. "
        "First answer tomorrow 10:00 with us"
    )


def test_each_clock_is_told_in_words_and_names_who_has_it(alice: User, mira: User) -> None:
    near = make_ticket(alice, title="Near", severity="urgent")
    late = make_ticket(alice, title="Late", severity="urgent", now=later(-60 * 24 * 4))
    assign(ticket=near, assignee=mira, actor=mira, now=NOW)

    page = words(signed_in(alice).get("/"), "ours")

    assert page.index("Late") < page.index("Near"), "what is due first comes first"
    assert "First answer in 1 h by today 11:00, Mira Holt" in page
    assert f"Late #{late.pk}" in page
    assert "First answer 3 days late due Thu 11:00 with us" in page


def test_without_an_open_ticket_it_says_what_to_do(alice: User, mira: User) -> None:
    resolve(ticket=make_ticket(alice), actor=mira, now=NOW)

    page = signed_in(alice).get("/")

    assert sentence(page) == "Nothing is open."
    assert "Open a ticket with a script that shows it" in words(page)


def test_a_problem_that_waits_on_upstream_is_told_apart(alice: User, mira: User) -> None:
    ticket = make_ticket(alice, title="Awaited")
    link_upstream(ticket=ticket, repository="dask/dask", number=12426, actor=mira, now=NOW)
    set_state(ticket=ticket, state="waiting-on-upstream", actor=mira, now=NOW)

    page = signed_in(alice).get("/")

    assert sentence(page) == "Nothing waits on you."
    assert "Awaited" in words(page, "upstream")


def test_what_the_contract_buys_is_told_in_one_honest_line(alice: User) -> None:
    page = words(signed_in(alice).get("/"))

    assert "Office hours 10 h a month is what your contract buys, until 1 January 2100." in page
    assert "Bug fixing Not counted, not billed." in page
    assert "Who may talk to us: Alice Ode." in page


def test_without_a_contract_in_force_it_says_so(alice: User) -> None:
    Contract.objects.update(signed_at=None)

    assert "There is no contract in force." in words(signed_in(alice).get("/"))


def test_fixes_that_reached_a_release_stand_with_what_our_own_run_said(
    alice: User, mira: User
) -> None:
    know_releases("2025.5.1", "2026.8.0")
    ticket = make_ticket(alice, title="NaN", script=SCRIPT, dask_release="2025.5.1")
    run_all([report(Verdict.REPRODUCED), report(Verdict.CLEAN)])
    for number, state in ((12426, "released"), (12427, "merged")):
        link_upstream(
            ticket=ticket,
            repository="dask/dask",
            number=number,
            title=f"Title {number}",
            state=state,
            fixed_in="2026.6.0" if state == "released" else "",
            actor=mira,
            now=NOW,
        )

    page = words(signed_in(alice).get("/"))

    assert f"2026.6.0 Title 12426 #{ticket.pk} dask/dask#12426 clean, 0 of 1 run" in page
    assert "12427" not in page


def test_another_organizations_problems_are_nowhere(alice: User, mira: User) -> None:
    other = make_ticket(make_customer("Charlie"), title="Secret problem")
    link_upstream(
        ticket=other,
        repository="dask/dask",
        number=1,
        title="Secret fix",
        state="released",
        fixed_in="2026.6.0",
        actor=mira,
        now=NOW,
    )

    assert "Secret" not in words(signed_in(alice).get("/"))


def test_a_colleague_without_a_seat_is_told_whom_to_ask(alice: User) -> None:
    colleague = make_user("Sam", organization=alice.organization)

    page = signed_in(colleague).get("/")

    assert page.status_code == 403
    assert sentence(page) == "Please ask one of your contacts."
    assert "Alice Ode" in words(page)


def test_somebody_whose_seat_has_ended_is_told_whom_to_ask(alice: User) -> None:
    make_ticket(alice, title="Ours")
    former = make_user("Dana", organization=alice.organization)
    project = make_project(alice.organization)
    make_seat(former, project=project, ends_at=later(-1))

    page = signed_in(former).get("/")

    assert page.status_code == 403
    assert "Your seat has ended." in words(page)
    assert "Ours" not in words(page)


def test_one_of_ours_comes_to_the_desk(mira: User) -> None:
    assert signed_in(mira).get("/").headers["Location"] == "/desk/"


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_tickets(
    alice: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    know_releases("2026.8.0")
    for _ in range(count):
        make_ticket(alice, script=SCRIPT)
    run_all([report(Verdict.REPRODUCED)] * count)
    client = signed_in(alice)

    with django_assert_num_queries(14):
        client.get("/")
