"""The queue of the desk."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contracts.models import User
from reproducers.engine.verdicts import Verdict
from support.domain.tickets import assign, reply, resolve, set_state, write_note
from support.domain.upstream import link_upstream
from support.models import Ticket
from tests.factories import NOW, make_customer, make_engineer
from tests.support.pages import sentence, signed_in, words
from tests.support.tickets import SCRIPT, know_releases, later, make_ticket, report, run_all

FRIDAY_EVENING = later(-65.25 * 60)
"""A quarter of an hour before closing: an hour from then was over a quarter of an hour ago."""
PEEK = {"HX-Request": "true", "HX-Target": "peek"}


@pytest.fixture
def client(mira: User) -> Client:
    return signed_in(mira)


def order(page: Any, *titles: str) -> list[str]:
    rows = words(page, "q")
    return sorted(titles, key=rows.index)


class TestTheOrder:
    def test_what_is_due_first_comes_first_whoever_is_ours_to_answer(self, client: Client) -> None:
        make_ticket(title="Low", severity="low")
        make_ticket(title="Urgent", severity="urgent")
        make_ticket(title="Late", severity="urgent", now=later(-60 * 24))

        page = client.get("/desk/")

        assert order(page, "Low", "Urgent", "Late") == ["Late", "Urgent", "Low"]

    def test_among_equals_the_higher_priority_and_then_the_older_comes_first(
        self, alice: User, client: Client, mira: User
    ) -> None:
        for title, severity, minutes in (
            ("Newer", "low", 0),
            ("Older", "low", -9),
            ("High", "high", 0),
        ):
            ticket = make_ticket(alice, title=title, severity=severity, now=later(minutes))
            reply(ticket=ticket, actor=mira, body="Hello", now=NOW)

        assert order(client.get("/desk/"), "Newer", "Older", "High") == ["High", "Older", "Newer"]

    def test_what_waits_on_others_comes_last(self, client: Client, mira: User) -> None:
        waits = make_ticket(title="Waits", severity="urgent")
        reply(ticket=waits, actor=mira, body="?", now=NOW, then_wait_on_customer=True)
        make_ticket(title="Ours", severity="low")

        assert order(client.get("/desk/"), "Waits", "Ours") == ["Ours", "Waits"]

    def test_the_due_time_tells_the_terms_of_its_place(self, client: Client) -> None:
        make_ticket(severity="urgent")

        html = client.get("/desk/").content.decode()

        assert 'title="first answer due in 1 h; priority Urgent; opened today 10:00"' in html


class TestTheRows:
    def test_a_row_says_due_for_title_organization_verdict_and_turn(
        self, alice: User, client: Client, mira: User
    ) -> None:
        know_releases("2026.8.0")
        ticket = make_ticket(alice, title="NaN", severity="urgent", script=SCRIPT)
        run_all([report(Verdict.REPRODUCED)])
        assign(ticket=ticket, assignee=mira, actor=mira, now=NOW)

        assert (
            f"in 1 h first answer {ticket.pk} NaN {ticket.organization.name} reproduced 1 of 1 Mira"
        ) in words(client.get("/desk/"), "q")

    def test_late_soon_and_stopped_are_words_and_shapes(self, client: Client, mira: User) -> None:
        make_ticket(severity="urgent", now=FRIDAY_EVENING)
        make_ticket(severity="urgent", now=later(-45))
        waits = make_ticket(now=later(-40))
        reply(ticket=waits, actor=mira, body="?", now=later(-30), then_wait_on_customer=True)
        assign(ticket=waits, assignee=mira, actor=mira, now=NOW)

        page = client.get("/desk/")

        rows = words(page, "q")
        assert "15 min late first answer" in rows
        assert "in 15 min first answer" in rows
        assert "stopped for 30 min" in rows
        assert rows.count("nobody") == 2
        assert "customer, Mira" in rows
        html = page.content.decode()
        assert 'class="due late"' in html
        assert 'class="due soon"' in html
        assert "#g-pause" in html

    def test_the_sentence_counts_what_is_late_and_what_is_close(self, client: Client) -> None:
        make_ticket(severity="urgent", now=FRIDAY_EVENING)
        make_ticket(severity="urgent", now=later(-45))
        make_ticket(severity="urgent", now=later(-40))

        assert sentence(client.get("/desk/")) == (
            "One answer is late, two are due within the half hour."
        )

    def test_its_numbers_open_what_they_count(self, client: Client) -> None:
        make_ticket(title="Late", severity="urgent", now=FRIDAY_EVENING)
        make_ticket(title="Close", severity="urgent", now=later(-45))
        make_ticket(title="Far")

        page = client.get("/desk/")

        for view, title in (("late", "Late"), ("soon", "Close")):
            assert f'href="?view={view}"' in page.content.decode()
            rows = words(client.get(f"/desk/?view={view}"), "q")
            assert [t for t in ("Late", "Close", "Far") if t in rows] == [title]

    def test_with_nothing_late_it_says_so(self, client: Client) -> None:
        assert sentence(client.get("/desk/")) == "Nothing is late."
        assert "Nothing here." in words(client.get("/desk/"), "q")

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_number_of_queries_does_not_grow_with_the_tickets(
        self, client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        know_releases("2026.8.0")
        for _ in range(count):
            make_ticket(script=SCRIPT)
        run_all([report(Verdict.REPRODUCED)] * count)

        with django_assert_num_queries(16):
            client.get("/desk/")


class TestViews:
    def test_each_view_holds_what_it_says(self, alice: User, client: Client, mira: User) -> None:
        mine = make_ticket(alice, title="Mine")
        assign(ticket=mine, assignee=mira, actor=mira, now=NOW)
        customer = make_ticket(alice, title="Customer's")
        set_state(ticket=customer, state="waiting-on-customer", actor=mira, now=NOW)
        upstream = make_ticket(alice, title="Upstream's")
        link_upstream(ticket=upstream, repository="dask/dask", number=1, actor=mira, now=NOW)
        set_state(ticket=upstream, state="waiting-on-upstream", actor=mira, now=NOW)
        resolve(ticket=make_ticket(alice, title="Done"), actor=mira, now=NOW)

        assert words(client.get("/desk/"), "views") == (
            "Open 3 With us 1 Mine 1 Nobody's 2 Waiting on customer 1 Waiting on upstream 1 "
            "Resolved 1"
        )
        for view, title in (
            ("us", "Mine"),
            ("mine", "Mine"),
            ("customer", "Customer's"),
            ("upstream", "Upstream's"),
            ("over", "Done"),
        ):
            rows = words(client.get(f"/desk/?view={view}"), "q")
            listed = [t for t in ("Mine", "Customer's", "Upstream's", "Done") if t in rows]
            assert listed == [title]

    @pytest.mark.parametrize("query", ["NaN", "takes tasks", "acme"])
    def test_search_is_over_titles_texts_and_organizations(
        self, client: Client, query: str
    ) -> None:
        alice = make_customer()
        assert alice.organization is not None
        alice.organization.name = "Acme Robotics"
        alice.organization.save()
        make_ticket(alice, title="NaN")
        make_ticket(title="Other", body="Nothing of that.")

        rows = words(client.get(f"/desk/?q={query}"), "q")

        assert "NaN" in rows
        assert "Other" not in rows

    @pytest.mark.parametrize("query", ["%00", "%25", "_", "'", "<b>", "9" * 40, "%C2%B2"])
    def test_no_search_breaks_the_page(self, client: Client, query: str) -> None:
        page = client.get(f"/desk/?q={query}")

        assert page.status_code == 200
        assert b"<b>" not in page.content.replace(b"<b>nobody</b>", b"")

    def test_a_search_without_result_says_so(self, client: Client) -> None:
        assert "Nothing here has “zebra”" in words(client.get("/desk/?q=zebra"), "q")


class TestPeek:
    def test_the_first_row_is_peeked_at_unless_another_is_named(self, client: Client) -> None:
        first = make_ticket(title="First", severity="urgent")
        second = make_ticket(title="Second", body="The last word")

        assert f"#{first.pk} First" in words(client.get("/desk/"), "peek")
        peek = words(client.get(f"/desk/?peek={second.pk}"), "peek")
        assert f"#{second.pk} Second There is no script to run yet." in peek
        assert "The last word" in peek
        assert "Proposed Take it Open no runner, no hours" in peek
        assert "Place in the queue first answer due in" in peek

    def test_it_says_why_the_due_time_is_what_it_is(self, client: Client) -> None:
        make_ticket(severity="urgent")

        peek = words(client.get("/desk/"), "peek")

        assert "First answer in 1 h, today 11:00 They wrote on Mon 16 Nov 2026" in peek

    def test_the_script_of_the_page_gets_the_peek_alone(self, client: Client) -> None:
        ticket = make_ticket(title="Alone")

        answer = client.get(f"/desk/?peek={ticket.pk}", headers=PEEK)

        assert "Alone" in words(answer)
        assert b"<html" not in answer.content

    @pytest.mark.parametrize("key", ["0", "99999", "x", "9" * 40])
    def test_what_does_not_exist_is_an_empty_peek(self, client: Client, key: str) -> None:
        answer = client.get(f"/desk/?peek={key}", headers=PEEK)

        assert (answer.status_code, words(answer)) == (200, "")

    def test_an_internal_note_is_not_taken_for_the_last_word(
        self, client: Client, mira: User
    ) -> None:
        ticket = make_ticket(body="What they said")
        write_note(ticket=ticket, actor=mira, body="What we noted", now=later(1))

        peek = words(client.get("/desk/"), "peek")

        assert "What they said" in peek
        assert "What we noted" not in peek


class TestNews:
    def test_new_tickets_are_announced_and_counted(self, client: Client, mira: User) -> None:
        make_ticket(now=later(-10))
        for minute in (1, 2):
            make_ticket(now=later(minute))

        said = words(client.get("/desk/news/", {"since": NOW.isoformat()}))

        assert said == "2 new since today 10:00, show them"

    @pytest.mark.parametrize("since", ["", "yesterday", "2026-11-16T09:00:00"])
    def test_without_news_nothing_is_said(self, client: Client, since: str) -> None:
        assert words(client.get("/desk/news/", {"since": since})) == ""


class TestBulk:
    def test_selected_tickets_are_assigned_and_ranked_together(self, client: Client) -> None:
        chosen, other = [make_ticket(), make_ticket()], make_ticket()
        teo = make_engineer("Teo")

        answer = client.post(
            "/desk/bulk/",
            {
                "ticket": [t.pk for t in chosen],
                "assignee": teo.pk,
                "priority": "high",
                "next": "/desk/?view=us",
            },
        )

        assert answer.headers["Location"] == "/desk/?view=us"
        assert "2 tickets: assigned to Teo and priority high." in words(client.get("/desk/"))
        assert set(Ticket.objects.values_list("pk", "assignee", "priority")) == {
            (chosen[0].pk, teo.pk, "high"),
            (chosen[1].pk, teo.pk, "high"),
            (other.pk, None, "normal"),
        }

    def test_nobody_can_have_them(self, client: Client, mira: User) -> None:
        ticket = make_ticket()
        assign(ticket=ticket, assignee=mira, actor=mira, now=NOW)

        client.post("/desk/bulk/", {"ticket": [ticket.pk], "assignee": "nobody"})

        ticket.refresh_from_db()
        assert ticket.assignee is None

    @pytest.mark.parametrize(
        ("sent", "said"),
        [
            ({}, "Nothing was selected."),
            ({"ticket": ["x", "9" * 30]}, "Nothing was selected."),
            ({"ticket": "HERE"}, "nothing was chosen, so nothing was changed"),
            ({"ticket": "HERE", "priority": "purple"}, "'purple' is no priority."),
        ],
    )
    def test_what_makes_no_sense_changes_nothing_and_says_so(
        self, client: Client, sent: dict[str, Any], said: str
    ) -> None:
        ticket = make_ticket()
        if sent.get("ticket") == "HERE":
            sent = sent | {"ticket": ticket.pk}

        answer = client.post("/desk/bulk/", sent | {"next": "https://evil.example/desk/"})

        assert answer.headers["Location"] == "/desk/"
        assert said in words(client.get("/desk/"))

    def test_somebody_who_is_none_of_ours_cannot_be_chosen(
        self, alice: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)

        answer = client.post("/desk/bulk/", {"ticket": ticket.pk, "assignee": alice.pk})

        assert answer.status_code == 404


class TestWhoseDesk:
    @pytest.mark.parametrize("address", ["", "news/", "setup/", "?peek=1"])
    def test_for_customers_there_is_no_desk(self, alice: User, address: str) -> None:
        assert signed_in(alice).get(f"/desk/{address}").status_code == 404

    def test_whoever_is_not_signed_in_is_asked_to(self, client: Client) -> None:
        answer = Client().get("/desk/?view=mine")

        assert answer.headers["Location"] == "/sign-in/?next=/desk/%3Fview%3Dmine"
