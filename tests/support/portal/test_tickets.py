"""The list of tickets, one ticket, and answering on it."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contracts.models import Contract, User
from reproducers.engine.verdicts import Verdict
from support.domain.messages import attach
from support.domain.tickets import add_message, reply, resolve, set_priority, set_state, write_note
from support.domain.upstream import link_upstream
from support.models import Message, Ticket
from support.models.tickets import Channel
from tests.factories import NOW, make_customer, make_user
from tests.support.pages import heading, hidden, sentence, signed_in, words
from tests.support.tickets import (
    SCRIPT,
    environment,
    know_releases,
    later,
    make_ticket,
    report,
    run_all,
)


@pytest.fixture
def client(alice: User) -> Client:
    return signed_in(alice)


class TestTheList:
    def test_it_has_tabs_with_counts_and_the_newest_first(
        self, alice: User, mira: User, client: Client
    ) -> None:
        make_ticket(alice, title="Older", now=later(-5))
        make_ticket(alice, title="Newer")
        waits = make_ticket(alice, title="Waits")
        set_state(ticket=waits, state="waiting-on-customer", actor=mira, now=NOW)
        resolve(ticket=make_ticket(alice, title="Done"), actor=mira, now=NOW)

        page = words(client.get("/tickets/"))

        assert "Open 3 Waiting on you 1 Resolved 1" in words(client.get("/tickets/"), "views")
        assert page.index("Newer") < page.index("Older")
        assert "Done" not in page
        assert sentence(client.get("/tickets/?view=you")) == "1 ticket waiting on you."
        assert "Done" in words(client.get("/tickets/?view=over"))

    def test_an_unknown_view_or_page_shows_what_there_is(self, alice: User, client: Client) -> None:
        make_ticket(alice, title="Here")

        assert "Here" in words(client.get("/tickets/?view=nonsense&page=99999999999999999999"))

    @pytest.mark.parametrize("query", ["paused", "PAUSED", "takes tasks", "{pk}", "%23{pk}"])
    def test_it_finds_by_title_text_and_number(
        self, alice: User, client: Client, query: str
    ) -> None:
        ticket = make_ticket(alice, title="Workers stay paused")
        make_ticket(alice, title="Another", body="Something else.")

        page = words(client.get(f"/tickets/?q={query.format(pk=ticket.pk)}"))

        assert "Workers stay paused" in page
        assert "Another" not in page

    def test_it_does_not_find_by_what_stands_in_an_internal_note(
        self, alice: User, mira: User, client: Client
    ) -> None:
        write_note(ticket=make_ticket(alice), actor=mira, body="the zebra", now=NOW)

        page = words(client.get("/tickets/?q=zebra"))

        assert "Nothing here has “zebra” in its title, text or number. Show all" in page

    def test_what_is_another_organizations_is_not_there(self, client: Client) -> None:
        make_ticket(make_customer("Charlie"), title="Secret")

        assert "Secret" not in words(client.get("/tickets/"))

    def test_a_long_list_has_pages(self, alice: User, client: Client) -> None:
        Ticket.objects.bulk_create(
            Ticket(
                organization=alice.organization,
                title=f"Ticket {n}",
                channel=Channel.PORTAL,
                opened_at=later(n),
            )
            for n in range(51)
        )

        assert "Page 1 of 2 Older" in words(client.get("/tickets/"))
        assert "Newer Page 2 of 2" in words(client.get("/tickets/?page=2"))

    def test_somebody_without_a_seat_is_told_whom_to_ask(self, alice: User) -> None:
        colleague = make_user(organization=alice.organization)

        page = signed_in(colleague).get("/tickets/")

        assert (page.status_code, sentence(page)) == (403, "Please ask one of your contacts.")

    def test_one_of_ours_comes_to_the_desk(self, mira: User) -> None:
        assert signed_in(mira).get("/tickets/").headers["Location"] == "/desk/"

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_number_of_queries_does_not_grow_with_the_tickets(
        self,
        alice: User,
        client: Client,
        count: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        know_releases("2026.8.0")
        for _ in range(count):
            make_ticket(alice, script=SCRIPT)
        run_all([report(Verdict.REPRODUCED)] * count)

        with django_assert_num_queries(12):
            client.get("/tickets/")


class TestOneTicket:
    def test_the_verdict_outranks_the_title_and_says_whose_turn_it_is(
        self, alice: User, client: Client
    ) -> None:
        know_releases("2025.5.1", "2025.7.0", "2026.8.0")
        ticket = make_ticket(alice, title="NaN", script=SCRIPT, dask_release="2025.5.1")
        run_all(
            [
                report(Verdict.REPRODUCED, environment=environment("2025.5.1")),
                report(Verdict.CLEAN),
            ]
        )

        page = client.get(f"/tickets/{ticket.pk}/")

        assert heading(page) == "NaN"
        assert sentence(page) == (
            "Reproduced on 2025.5.1, 1 of 1 run. Clean on 2026.8.0, 0 of 1 run: "
            "upgrading solves it."
        )
        assert "Our turn. First answer by tomorrow 10:00. Why 10:00" in words(page)
        assert "2 runs, 3 s in all" in words(page, "trials")
        assert "2025.5.1, Python 3.11.9 reproduced, 1 of 1 run" in words(page, "trials")
        assert "Traceback: line 3 AssertionError" in words(page)
        assert "Where it runs Python 3.11.9, dask 2025.5.1, pandas 2.2.3" in words(page)
        assert words(page, "command") == "repro run script.py --dask 2025.5.1"

    def test_every_due_time_says_why(self, alice: User, client: Client) -> None:
        ticket = make_ticket(alice)

        why = words(client.get(f"/tickets/{ticket.pk}/"), "why")

        assert why.startswith("Clocks First response tomorrow 10:00 They wrote on Mon 16 Nov 2026")
        assert "Policy" in why

    def test_without_a_script_it_says_what_is_missing_and_shows_a_template(
        self, alice: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)

        page = client.get(f"/tickets/{ticket.pk}/")

        assert sentence(page) == "There is no script to run yet."
        assert "What we need to run it" in words(page)
        assert words(page, "template").startswith("# /// script")

    def test_a_script_that_cannot_be_read_says_why(self, alice: User, client: Client) -> None:
        ticket = make_ticket(alice, script=b"def broken(:\n", script_name="broken.py")

        assert "broken.py, line 1" in words(client.get(f"/tickets/{ticket.pk}/"))

    def test_answers_are_read_and_internal_notes_are_not(
        self, alice: User, mira: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        write_note(ticket=ticket, actor=mira, body="A secret note", now=NOW)
        reply(ticket=ticket, actor=mira, body="We look *into* it", now=NOW)

        page = client.get(f"/tickets/{ticket.pk}/")

        assert "Mira Holt support engineer just now We look into it" in words(page)
        assert "secret" not in page.content.decode()

    def test_what_the_desk_did_in_private_is_not_told(
        self, alice: User, mira: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        set_priority(ticket=ticket, priority="high", actor=mira, now=NOW)

        page = words(client.get(f"/tickets/{ticket.pk}/"))

        assert "Mira Holt set the priority to High." in page
        assert "Severity Normal, worked on as High" in page

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (
                "waiting-on-customer",
                "Your turn, since just now. Answer below, and it is ours again.",
            ),
            ("waiting-on-upstream", "It waits on upstream, since just now."),
            ("resolved", "Resolved, just now. An answer opens it again."),
        ],
    )
    def test_it_says_whose_turn_it_is(
        self, alice: User, mira: User, client: Client, state: str, said: str
    ) -> None:
        ticket = make_ticket(alice)
        link_upstream(ticket=ticket, repository="dask/dask", number=1, actor=mira, now=NOW)
        reply(ticket=ticket, actor=mira, body="Hello", now=NOW)
        set_state(ticket=ticket, state=state, actor=mira, now=NOW)

        assert said in words(client.get(f"/tickets/{ticket.pk}/"))

    def test_it_says_how_far_the_upstream_issue_is(
        self, alice: User, mira: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        link_upstream(
            ticket=ticket,
            repository="dask/dask",
            number=12426,
            title="NaN",
            state="merged",
            actor=mira,
            now=NOW,
        )

        page = client.get(f"/tickets/{ticket.pk}/")

        assert "Upstream dask/dask#12426 NaN reported fix proposed fix merged released" in words(
            page
        )
        assert 'href="https://github.com/dask/dask/issues/12426"' in page.content.decode()

    def test_hostile_text_does_nothing(self, alice: User, client: Client) -> None:
        evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
        ticket = make_ticket(alice, title=evil, body=evil, script=SCRIPT, script_name=f"{evil}.py")

        html = client.get(f"/tickets/{ticket.pk}/").content.decode()

        assert "<script>alert" not in html
        assert "<img" not in html

    def test_a_hidden_ticket_is_not_found(self, client: Client) -> None:
        other = make_ticket(make_customer("Charlie"))

        for address in ("", "live/"):
            assert client.get(f"/tickets/{other.pk}/{address}").status_code == 404
        assert client.post(f"/tickets/{other.pk}/answer/", {"body": "x"}).status_code == 404

    def test_one_of_ours_who_follows_the_link_comes_to_the_desk(
        self, alice: User, mira: User
    ) -> None:
        ticket = make_ticket(alice)

        answer = signed_in(mira).get(f"/tickets/{ticket.pk}/")

        assert answer.headers["Location"] == f"/desk/tickets/{ticket.pk}/"

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_number_of_queries_does_not_grow_with_what_happened(
        self,
        alice: User,
        mira: User,
        client: Client,
        count: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        know_releases("2025.5.1", "2026.8.0")
        ticket = make_ticket(alice, script=SCRIPT, dask_release="2025.5.1")
        for n in range(count):
            message = reply(ticket=ticket, actor=mira, body=f"Answer {n}", now=later(n))
            attach(message=message, content=b"x", name="notes.txt")

        with django_assert_num_queries(21):
            client.get(f"/tickets/{ticket.pk}/")


class TestAnswering:
    def test_an_answer_is_sent_once_however_often_it_is_submitted(
        self, alice: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        key = hidden(client.get(f"/tickets/{ticket.pk}/"), "idempotency_key")
        sent = {"idempotency_key": key, "body": "It is 2025.5.1."}

        answers = [client.post(f"/tickets/{ticket.pk}/answer/", sent) for _ in range(2)]

        assert [a.headers["Location"] for a in answers] == [f"/tickets/{ticket.pk}/#compose"] * 2
        said = Message.objects.filter(ticket=ticket, body="It is 2025.5.1.")
        assert [(m.author, m.channel) for m in said] == [(alice, Channel.PORTAL)]

    def test_it_makes_what_waited_on_the_customer_ours_again(
        self, alice: User, mira: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        reply(ticket=ticket, actor=mira, body="?", now=NOW, then_wait_on_customer=True)

        client.post(
            f"/tickets/{ticket.pk}/answer/", {"idempotency_key": uuid4(), "body": "Here it is."}
        )

        ticket.refresh_from_db()
        assert ticket.state == Ticket.State.OPEN

    def test_nothing_typed_is_not_sent_and_says_so(self, alice: User, client: Client) -> None:
        ticket = make_ticket(alice)

        page = client.post(
            f"/tickets/{ticket.pk}/answer/", {"idempotency_key": uuid4(), "body": " "}
        )

        assert page.status_code == 400
        assert "There is nothing to send yet." in words(page)

    def test_a_script_may_come_with_it_and_even_alone(self, alice: User, client: Client) -> None:
        ticket = make_ticket(alice)
        script = SimpleUploadedFile("twice.py", SCRIPT)

        client.post(
            f"/tickets/{ticket.pk}/answer/",
            {"idempotency_key": uuid4(), "body": "", "script_file": script},
        )

        ticket.refresh_from_db()
        assert ticket.reproducer is not None
        assert ticket.reproducer.name == "twice.py"
        assert "twice.py 61 bytes" in words(client.get(f"/tickets/{ticket.pk}/"))

    def test_somebody_whose_seat_has_ended_finds_nothing_and_sends_nothing(
        self, alice: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        alice.seats.update(ends_at=later(-1))

        page = client.post(
            f"/tickets/{ticket.pk}/answer/", {"idempotency_key": uuid4(), "body": "Half a novel"}
        )

        assert page.status_code == 404
        assert not Message.objects.filter(body="Half a novel").exists()

    def test_when_the_contract_has_run_out_the_text_is_kept_and_the_reason_told(
        self, alice: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        Contract.objects.update(signed_at=None)

        page = client.post(
            f"/tickets/{ticket.pk}/answer/", {"idempotency_key": uuid4(), "body": "Half a novel"}
        )

        assert page.status_code == 403
        assert "There is no contract in force." in words(page)

    def test_a_message_of_a_colleague_without_a_seat_says_so(
        self, alice: User, client: Client
    ) -> None:
        ticket = make_ticket(alice)
        add_message(
            ticket=ticket,
            author=None,
            author_name="ghost",
            body="Me too",
            channel=Channel.GITHUB,
            now=NOW,
        )

        page = words(client.get(f"/tickets/{ticket.pk}/"))

        assert f"ghost {ticket.organization.name}, without a seat, on GitHub" in page
