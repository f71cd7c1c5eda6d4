"""One ticket on the desk: what is known, what is written, what is done with one press."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contracts.models import User
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment, Trial
from support.domain.drafts import save_draft
from support.domain.tickets import reply
from support.models import Cycle, Draft, Message, Ticket, UpstreamIssue
from tests.factories import NOW, make_customer, make_engineer
from tests.support.pages import heading, hidden, sentence, signed_in, words
from tests.support.tickets import SCRIPT, know_releases, later, make_ticket, report, run_all


@pytest.fixture
def client(mira: User) -> Client:
    return signed_in(mira)


@pytest.fixture
def ticket(alice: User) -> Ticket:
    return make_ticket(alice, title="NaN")


def write(client: Client, ticket: Ticket, body: str, **facts: Any) -> Any:
    sent = {"idempotency_key": str(uuid4()), "to": "reply", "body": body} | facts
    return client.post(f"/desk/tickets/{ticket.pk}/write/", sent)


def done(client: Client, ticket: Ticket, verb: str, **sent: Any) -> str:
    """What the page says after a press."""
    answer = client.post(f"/desk/tickets/{ticket.pk}/{verb}/", sent)
    assert answer.headers["Location"] == f"/desk/tickets/{ticket.pk}/"
    return words(client.get(answer.headers["Location"]))


class TestThePage:
    def test_it_shows_the_same_evidence_and_more(
        self, alice: User, client: Client, mira: User
    ) -> None:
        know_releases("2025.5.1", "2026.8.0")
        ticket = make_ticket(alice, title="NaN", script=SCRIPT, dask_release="2025.5.1")
        run_all([report(Verdict.REPRODUCED), report(Verdict.CLEAN)])

        page = client.get(f"/desk/tickets/{ticket.pk}/")

        assert heading(page) == "NaN"
        assert sentence(page).startswith("Reproduced on 2025.5.1, 1 of 1 run.")
        assert "Our turn. First answer by tomorrow 10:00. Why 10:00" in words(page)
        assert words(page, "release") == "2026.8.0 2025.5.1"
        assert "1 run, about 2 s once its environment stands; not charged" in words(page, "rerun")

    def test_notes_are_told_apart_by_word_and_place(
        self, client: Client, mira: User, ticket: Ticket
    ) -> None:
        write(client, ticket, "Do not name them", to="note")

        page = client.get(f"/desk/tickets/{ticket.pk}/")

        assert "Internal note Mira Holt never leaves the desk just now Do not name them" in words(
            page
        )
        assert 'class="msg inside"' in page.content.decode()

    def test_what_does_not_exist_is_not_found(self, client: Client) -> None:
        assert client.get("/desk/tickets/99999/").status_code == 404

    def test_the_live_part_has_the_next_step_as_well(self, alice: User, client: Client) -> None:
        know_releases("2026.8.0")
        ticket = make_ticket(alice, script=SCRIPT)

        page = client.get(f"/desk/tickets/{ticket.pk}/live/")

        assert "Take it no runner, no hours" in words(page)
        assert "cancel the run (1 not ended yet; what has ended is kept)" in words(page)
        assert b"csrfmiddlewaretoken" in page.content

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_number_of_queries_does_not_grow_with_what_was_said(
        self,
        client: Client,
        mira: User,
        ticket: Ticket,
        count: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for n in range(count):
            reply(ticket=ticket, actor=mira, body=f"Answer {n}", now=later(n))

        with django_assert_num_queries(16):
            client.get(f"/desk/tickets/{ticket.pk}/")


class TestWriting:
    def test_a_public_answer_ends_the_clock_and_reaches_the_customer(
        self, alice: User, client: Client, ticket: Ticket
    ) -> None:
        answer = write(client, ticket, "We look into it.")

        assert answer.headers["Location"] == f"/desk/tickets/{ticket.pk}/#compose"
        assert "Sent to" in words(client.get(f"/desk/tickets/{ticket.pk}/"))
        assert "We look into it." in words(signed_in(alice).get(f"/tickets/{ticket.pk}/"))
        assert Cycle.objects.get().outcome == Cycle.Outcome.MET

    def test_a_note_stays_inside_and_ends_no_clock(
        self, alice: User, client: Client, ticket: Ticket
    ) -> None:
        write(client, ticket, "Do not tell", to="note")

        assert "Kept as an internal note." in words(client.get(f"/desk/tickets/{ticket.pk}/"))
        assert "Do not tell" not in words(signed_in(alice).get(f"/tickets/{ticket.pk}/"))
        assert Cycle.objects.get().outcome == ""

    def test_then_wait_on_customer(self, client: Client, ticket: Ticket) -> None:
        write(client, ticket, "Which release?", then_wait="1")

        ticket.refresh_from_db()
        assert ticket.state == Ticket.State.WAITING_ON_CUSTOMER

    def test_it_is_sent_once_however_often_it_is_submitted(
        self, client: Client, ticket: Ticket
    ) -> None:
        key = hidden(client.get(f"/desk/tickets/{ticket.pk}/"), "idempotency_key")

        for _ in range(2):
            write(client, ticket, "Once", idempotency_key=key)

        assert Message.objects.filter(body="Once").count() == 1

    @pytest.mark.parametrize(
        ("body", "to", "said"),
        [
            (" ", "reply", "There is nothing to send yet."),
            (" ", "note", "There is nothing to send yet."),
            ("x" * 65_537, "reply", "at most 65536 characters"),
        ],
    )
    def test_what_is_refused_says_why(
        self, client: Client, ticket: Ticket, body: str, to: str, said: str
    ) -> None:
        page = write(client, ticket, body, to=to)

        assert page.status_code == 400
        assert said in words(page)
        assert Message.objects.count() == 1

    def test_a_refused_note_is_still_a_note(self, client: Client, ticket: Ticket) -> None:
        html = write(client, ticket, "", to="note").content.decode()

        assert 'value="note" id="as-note"' in html
        assert "checked" in html.split('id="as-note"')[1].split(">")[0]


class TestDrafts:
    def test_what_is_being_written_is_kept_by_the_server(
        self, client: Client, mira: User, ticket: Ticket
    ) -> None:
        said = client.post(f"/desk/tickets/{ticket.pk}/draft/", {"body": "Half a th", "to": "note"})

        assert words(said) == "Draft kept 10:00"
        page = client.get(f"/desk/tickets/{ticket.pk}/")
        assert words(page, "id_body") == "Half a th"
        assert "checked" in page.content.decode().split('id="as-note"')[1].split(">")[0]

    def test_an_empty_text_drops_it(self, client: Client, mira: User, ticket: Ticket) -> None:
        save_draft(ticket=ticket, actor=mira, body="Old", now=NOW)

        said = client.post(f"/desk/tickets/{ticket.pk}/draft/", {"body": "", "to": "reply"})

        assert (words(said), Draft.objects.count()) == ("", 0)

    def test_what_cannot_be_kept_says_so(self, client: Client, ticket: Ticket) -> None:
        said = client.post(f"/desk/tickets/{ticket.pk}/draft/", {"body": "x" * 70_000})

        assert words(said).startswith("The text has 70000 characters; 65536 fit.")

    def test_a_draft_is_ones_own(self, client: Client, ticket: Ticket) -> None:
        save_draft(ticket=ticket, actor=make_engineer("Teo"), body="Teo's", now=NOW)

        assert "Teo's" not in words(client.get(f"/desk/tickets/{ticket.pk}/"))

    def test_sending_it_ends_it(self, client: Client, mira: User, ticket: Ticket) -> None:
        save_draft(ticket=ticket, actor=mira, body="Half", now=NOW)

        write(client, ticket, "Whole")

        assert not Draft.objects.exists()

    def test_a_proposed_answer_is_drafted_and_not_sent(
        self, client: Client, ticket: Ticket
    ) -> None:
        page = client.get(f"/desk/tickets/{ticket.pk}/?draft=script")

        assert "we need a script that shows it" in words(page, "id_body")
        assert Message.objects.count() == 1

    def test_what_is_kept_comes_before_what_is_proposed(
        self, client: Client, mira: User, ticket: Ticket
    ) -> None:
        save_draft(ticket=ticket, actor=mira, body="My own words", now=NOW)

        page = client.get(f"/desk/tickets/{ticket.pk}/?draft=script")

        assert words(page, "id_body") == "My own words"


class TestActions:
    def test_assigning(self, client: Client, ticket: Ticket) -> None:
        teo = make_engineer("Teo Lind")

        assert "Teo Lind has it now." in done(client, ticket, "assign", assignee=teo.pk)
        assert "Nobody has it now." in done(client, ticket, "assign", assignee="")

    @pytest.mark.parametrize("key", ["x", "0", "9" * 30])
    def test_assigning_to_what_is_nobody_of_ours_is_not_found(
        self, client: Client, ticket: Ticket, key: str
    ) -> None:
        answer = client.post(f"/desk/tickets/{ticket.pk}/assign/", {"assignee": key})

        assert answer.status_code == 404

    def test_ranking(self, client: Client, ticket: Ticket) -> None:
        page = done(client, ticket, "priority", priority="urgent")

        assert "The priority is Urgent now." in page
        assert "stated as Normal" in page
        assert "First answer in 1 h, today 11:00" in page

    def test_moving(self, client: Client, ticket: Ticket) -> None:
        assert "The ticket is resolved now." in done(client, ticket, "state", state="resolved")
        assert "Resolved, just now. Open it again no runner, no hours" in words(
            client.get(f"/desk/tickets/{ticket.pk}/")
        )

    def test_what_is_refused_says_why_and_changes_nothing(
        self, client: Client, ticket: Ticket
    ) -> None:
        page = done(client, ticket, "state", state="waiting-on-upstream")

        assert (
            "names no public issue that it could wait for. Link the upstream issue first." in page
        )
        ticket.refresh_from_db()
        assert ticket.state == Ticket.State.NEW

    def test_running_again_on_another_release(self, alice: User, client: Client) -> None:
        know_releases("2024.3.0", "2026.8.0")
        ticket = make_ticket(alice, script=SCRIPT)

        page = done(client, ticket, "rerun", release="2024.3.0")

        assert "It runs on 2024.3.0 as soon as a runner is free." in page
        assert set(Trial.objects.values_list("dask", flat=True)) == {"2026.8.0", "2024.3.0"}

    @pytest.mark.parametrize("release", ["", " ", "\0"])
    def test_without_a_release_nothing_runs_and_it_says_so(
        self, alice: User, client: Client, release: str
    ) -> None:
        know_releases("2026.8.0")
        ticket = make_ticket(alice, script=SCRIPT)

        assert "No release was named." in done(client, ticket, "rerun", release=release)
        assert Trial.objects.count() == 1

    @pytest.mark.parametrize("release", ["2024.1\0.0", "newish", "x" * 100, "<i>"])
    def test_what_is_no_release_is_judged_at_once_with_the_reason(
        self, alice: User, client: Client, release: str
    ) -> None:
        know_releases("2026.8.0")
        ticket = make_ticket(alice, script=SCRIPT)

        done(client, ticket, "rerun", release=release)

        assert Trial.objects.count() == 2
        assert b"<i>" not in client.get(f"/desk/tickets/{ticket.pk}/").content

    def test_without_a_script_nothing_can_run(self, client: Client, ticket: Ticket) -> None:
        assert "There is no script to run." in done(client, ticket, "rerun", release="2024.3.0")

    def test_cancelling(self, alice: User, client: Client) -> None:
        know_releases("2026.8.0")
        ticket = make_ticket(alice, script=SCRIPT)
        experiment = Experiment.objects.get()

        page = done(client, ticket, "cancel", experiment=experiment.pk)

        assert "Cancelled. What had ended is kept." in page
        experiment.refresh_from_db()
        assert experiment.state == Experiment.State.CANCELLED
        assert "has ended already" in done(client, ticket, "cancel", experiment=experiment.pk)

    def test_another_tickets_run_is_not_cancelled(self, alice: User, client: Client) -> None:
        know_releases("2026.8.0")
        make_ticket(alice, script=SCRIPT)
        other = make_ticket(make_customer("Charlie"))

        answer = client.post(
            f"/desk/tickets/{other.pk}/cancel/", {"experiment": Experiment.objects.get().pk}
        )

        assert answer.status_code == 404

    @pytest.mark.parametrize(
        "verb", ["assign", "priority", "state", "rerun", "cancel", "upstream", "write", "draft"]
    )
    def test_nothing_is_done_by_get_nor_by_a_customer(
        self, alice: User, client: Client, ticket: Ticket, verb: str
    ) -> None:
        assert client.get(f"/desk/tickets/{ticket.pk}/{verb}/").status_code == 405
        assert signed_in(alice).post(f"/desk/tickets/{ticket.pk}/{verb}/").status_code == 404


class TestUpstream:
    @pytest.mark.parametrize(
        "reference",
        [
            "dask/dask#12426",
            "https://github.com/dask/dask/issues/12426",
            " https://github.com/dask/dask/pull/12426#issuecomment-1 ",
        ],
    )
    def test_an_issue_is_linked_as_people_paste_it(
        self, client: Client, ticket: Ticket, reference: str
    ) -> None:
        page = done(
            client,
            ticket,
            "upstream",
            reference=reference,
            title="NaN",
            state="released",
            fixed_in="2026.6.0",
        )

        assert "dask/dask#12426 is linked." in page
        assert "reported fix proposed fix merged released in 2026.6.0" in page
        issue = UpstreamIssue.objects.get()
        assert (issue.repository, issue.number, issue.title) == ("dask/dask", 12426, "NaN")

    def test_what_cannot_be_read_is_told_beside_its_field(
        self, client: Client, ticket: Ticket
    ) -> None:
        page = client.post(
            f"/desk/tickets/{ticket.pk}/upstream/", {"reference": "the bug", "state": "open"}
        )

        assert page.status_code == 400
        assert "Write it as dask/dask#12426, or paste its address." in words(page)
        assert 'value="the bug"' in page.content.decode()

    def test_what_is_refused_is_told_and_kept(self, client: Client, ticket: Ticket) -> None:
        page = client.post(
            f"/desk/tickets/{ticket.pk}/upstream/",
            {"reference": "dask/dask#1", "state": "released"},
        )

        assert page.status_code == 400
        assert "A released fix names its release." in words(page)
        assert 'value="dask/dask#1"' in page.content.decode()
        assert not UpstreamIssue.objects.exists()
