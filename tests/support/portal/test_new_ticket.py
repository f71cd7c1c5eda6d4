"""Opening a ticket: what is promised before it is sent, what is read, what is kept on errors."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contracts.models import Contract, Project, User
from reproducers.engine.script import SCRIPT_BYTES
from support.models import Message, Ticket, UpstreamIssue
from support.models.tickets import Channel
from tests.factories import make_customer, make_project, make_seat, make_user
from tests.support.pages import hidden, sentence, signed_in, words
from tests.support.tickets import SCRIPT, know_releases, later, make_ticket

NEW = "/tickets/new/"


@pytest.fixture
def client(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def project(alice: User) -> Project:
    return alice.seats.get().project


def filled(project: Project, **facts: Any) -> dict[str, Any]:
    """What a browser sends."""
    return {
        "idempotency_key": str(uuid4()),
        "project": project.pk,
        "title": "to_parquet writes one partition twice",
        "body": "Two files, the same rows.",
        "severity": "high",
        "dask_release": "2025.5.1",
        "python_version": "3.11",
        "script_text": "",
        "script_name": "",
    } | facts


READING = b'# /// script\n# [tool.repro]\n# files = ["sales.csv"]\n# ///\nimport dask\n'


def upload(content: bytes = SCRIPT, name: str = "twice.py") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/x-python")


class TestTheForm:
    def test_beside_each_severity_stands_when_the_first_answer_is_promised(
        self, client: Client
    ) -> None:
        page = words(client.get(NEW))

        assert "Urgent by today 11:00 Production is down" in page
        assert "High by today 14:00" in page
        assert "Normal by tomorrow 10:00" in page
        assert "Low by Wed 10:00" in page

    def test_without_a_contract_no_time_is_promised(self, client: Client) -> None:
        Contract.objects.update(signed_at=None)

        page = words(client.get(NEW))

        assert page.count("no time promised") == 4
        assert "There is no contract in force" in page

    def test_what_is_known_of_the_project_is_filled_in(
        self, client: Client, project: Project
    ) -> None:
        Project.objects.update(dask_release="2024.8.0", python_version="3.12")

        html = client.get(NEW).content.decode()

        assert 'value="2024.8.0"' in html
        assert 'value="3.12"' in html
        assert hidden(client.get(NEW), "project") == str(project.pk)

    def test_a_choice_of_projects_holds_those_of_ones_own_seats(
        self, alice: User, client: Client
    ) -> None:
        second = make_project(alice.organization, name="Second")
        make_seat(alice, project=second)
        make_project(alice.organization, name="Not hers")

        page = client.get(NEW).content.decode()

        assert ">Second</option>" in page
        assert "Not hers" not in page

    def test_a_colleague_without_a_seat_is_told_whom_to_ask(self, alice: User) -> None:
        page = signed_in(make_user(organization=alice.organization)).get(NEW)

        assert (page.status_code, sentence(page)) == (403, "Please ask one of your contacts.")
        assert "Alice Ode" in words(page)

    def test_one_of_ours_comes_to_the_desk(self, mira: User) -> None:
        assert signed_in(mira).get(NEW).headers["Location"] == "/desk/"


class TestSimilar:
    def test_what_reads_alike_is_shown_while_one_types(self, alice: User, client: Client) -> None:
        known = make_ticket(alice, title="Gather hangs after retire_workers")
        UpstreamIssue.objects.create(
            repository="dask/distributed",
            number=9,
            title="gather hangs",
            state="released",
            fixed_in="2025.5.0",
        )

        said = words(client.post(f"{NEW}similar/", {"title": "It hangs in gather"}))

        assert said == (
            f"Perhaps it is one of these: #{known.pk} Gather hangs after retire_workers new "
            "dask/distributed#9 gather hangs released in 2025.5.0"
        )

    def test_nothing_alike_says_nothing(self, client: Client) -> None:
        assert words(client.post(f"{NEW}similar/", {"title": "It hangs\0 in gather"})) == ""


class TestOpening:
    def test_it_becomes_a_ticket_with_its_script(
        self, alice: User, client: Client, project: Project
    ) -> None:
        answer = client.post(NEW, filled(project, script_file=upload()))

        ticket = Ticket.objects.get()
        assert answer.headers["Location"] == f"/tickets/{ticket.pk}/"
        assert (ticket.opened_by, ticket.project, ticket.channel) == (
            alice,
            project,
            Channel.PORTAL,
        )
        assert (ticket.title, ticket.severity, ticket.dask_release, ticket.python_version) == (
            "to_parquet writes one partition twice",
            "high",
            "2025.5.1",
            "3.11",
        )
        assert ticket.reproducer is not None
        assert (ticket.reproducer.name, ticket.reproducer.script) == ("twice.py", SCRIPT.decode())
        assert "Ticket #" in words(client.get(answer.headers["Location"]))

    def test_the_data_of_a_script_comes_along(self, client: Client, project: Project) -> None:
        files = [SimpleUploadedFile("sales.csv", b"shop,sum\n"), upload(READING)]
        client.post(NEW, filled(project, script_file=files))

        reproducer = Ticket.objects.get().reproducer
        assert reproducer is not None
        assert (reproducer.name, [*reproducer.files]) == ("twice.py", ["sales.csv"])

    def test_too_many_files_are_refused(self, client: Client, project: Project) -> None:
        files = [SimpleUploadedFile(f"{number}.csv", b"1") for number in range(22)]
        page = client.post(NEW, filled(project, script_file=files))

        assert page.status_code == 400
        assert "These are 22 files; send 21 at most." in words(page)

    def test_a_pasted_script_is_a_script(self, client: Client, project: Project) -> None:
        client.post(NEW, filled(project, script_text=SCRIPT.decode()))

        reproducer = Ticket.objects.get().reproducer
        assert reproducer is not None
        assert (reproducer.name, reproducer.script) == ("script.py", SCRIPT.decode())

    def test_submitted_twice_it_opens_one_ticket(self, client: Client, project: Project) -> None:
        sent = filled(project)

        places = {client.post(NEW, sent).headers["Location"] for _ in range(2)}

        assert places == {f"/tickets/{Ticket.objects.get().pk}/"}
        assert Message.objects.count() == 1

    def test_what_is_missing_is_told_beside_its_field(
        self, client: Client, project: Project
    ) -> None:
        page = client.post(NEW, filled(project, title="", body=" ", severity=""))

        assert page.status_code == 400
        told = words(page)
        assert "Nothing was sent yet. What you typed is all still here." in told
        assert told.count("Say in one line what goes wrong.") == 2
        assert told.count("Say what happens and what you expected.") == 2
        assert "Choose how severe it is." in told
        assert not Ticket.objects.exists()

    def test_on_an_error_nothing_typed_is_lost_the_attached_file_included(
        self, client: Client, project: Project
    ) -> None:
        sent = filled(project, title="", body="A long story.", severity="low", script_file=upload())

        page = client.post(NEW, sent)

        html = page.content.decode()
        assert "A long story." in html
        assert 'value="2025.5.1"' in html
        assert 'value="low" id="severity-low" checked' in html
        assert words(page, "id_script_text") == " ".join(SCRIPT.decode().split())
        assert hidden(page, "script_name") == "twice.py"
        assert hidden(page, "idempotency_key") == sent["idempotency_key"]

        again = sent | {
            "title": "Now with a title",
            "script_text": SCRIPT.decode(),
            "script_name": "twice.py",
        }
        again.pop("script_file")
        client.post(NEW, again)
        reproducer = Ticket.objects.get().reproducer
        assert reproducer is not None
        assert (reproducer.name, reproducer.script) == ("twice.py", SCRIPT.decode())

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"def broken(:\n", "line 1"),
            (b"# /// script\n# dependencies = [\n# ///\n", "no TOML"),
            (b"\xff\xfe", "not UTF-8"),
            (b"", "is empty"),
            (b"x = 1\n" * SCRIPT_BYTES, "larger than 1 MiB"),
        ],
    )
    def test_a_script_that_cannot_be_run_opens_the_ticket_all_the_same_and_says_why(
        self, client: Client, project: Project, content: bytes, said: str
    ) -> None:
        answer = client.post(NEW, filled(project, script_file=upload(content)))

        assert said in words(client.get(answer.headers["Location"]))
        assert Ticket.objects.get().reproducer is None

    def test_a_file_that_is_too_large_to_keep_is_refused_and_the_text_kept(
        self, client: Client, project: Project
    ) -> None:
        page = client.post(
            NEW, filled(project, body="A long story.", script_file=upload(b"x" * 7_500_000))
        )

        assert page.status_code == 413
        assert "twice.py is larger than 7 MiB." in words(page)
        assert "A long story." in page.content.decode()

    def test_a_text_beyond_all_bounds_is_told_in_words(
        self, client: Client, project: Project
    ) -> None:
        page = client.post(NEW, filled(project, body="x" * 9_000_000))

        assert page.status_code == 400
        assert sentence(page) == "This could not be read, so nothing was done."

    @pytest.mark.parametrize("field", ["title", "body", "dask_release", "script_text"])
    def test_a_nul_breaks_nothing(self, client: Client, project: Project, field: str) -> None:
        page = client.post(NEW, filled(project, **{field: "a\0b"}))

        assert page.status_code in {302, 400}

    def test_a_project_of_somebody_else_cannot_be_chosen(self, client: Client) -> None:
        charlie = make_customer("Charlie")

        page = client.post(NEW, filled(charlie.seats.get().project))

        assert page.status_code == 400
        assert not Ticket.objects.exists()

    def test_whoever_lost_the_seat_while_typing_is_told_and_keeps_the_text(
        self, alice: User, client: Client, project: Project
    ) -> None:
        alice.seats.update(ends_at=later(-1))

        page = client.post(NEW, filled(project, body="A long story."))

        assert page.status_code == 403
        assert "A long story." in words(page)
        assert not Ticket.objects.exists()

    def test_without_a_contract_it_is_not_opened_and_the_text_is_kept(
        self, client: Client, project: Project
    ) -> None:
        Contract.objects.update(signed_at=None)

        page = client.post(NEW, filled(project, body="A long story."))

        assert page.status_code == 403
        assert "There is no contract in force." in words(page)
        assert "A long story." in page.content.decode()


class TestReading:
    """The script is read before it is sent."""

    def read(self, client: Client, **facts: Any) -> str:
        return words(client.post(f"{NEW}reading/", facts))

    def test_it_says_what_we_would_run(self, client: Client) -> None:
        know_releases("2025.5.1", "2026.8.0")

        said = self.read(
            client, script_file=upload(), dask_release="2025.5.1", python_version="3.11"
        )

        assert said == (
            "We would run twice.py, 3 lines, on Python 3.11, with Dask 2025.5.1 and with the "
            "newest release, 2026.8.0. The script names no dependencies; taken are dask[complete]."
        )

    def test_it_says_which_data_is_missing(self, client: Client) -> None:
        lack = "Missing: sales.csv, which the script reads. Attach it as well."
        assert lack in self.read(client, script_file=upload(READING))
        both = [upload(READING), SimpleUploadedFile("sales.csv", b"1")]
        assert lack not in self.read(client, script_file=both)

    def test_it_says_what_the_metadata_names(self, client: Client) -> None:
        block = '# /// script\n# requires-python = ">=3.10"\n# dependencies = ["pandas>=2"]\n'
        block += '# [tool.repro]\n# reported = "2024.3.0"\n# ///\nimport pandas\n'

        assert self.read(client, script_text=block) == (
            "We would run script.py, 7 lines, on Python >=3.10, with Dask 2024.3.0 and with the "
            "newest release. It names pandas>=2."
        )

    def test_it_says_what_is_missing(self, client: Client) -> None:
        assert "Missing: the release of Dask that you see it on." in self.read(
            client, script_text="import dask\n"
        )

    def test_it_says_what_we_would_not_run_and_why(self, client: Client) -> None:
        said = self.read(
            client, script_text="# /// script\n# dependencies = ['a @ http://x/']\n# ///"
        )

        assert said.startswith("We would not run it.")
        assert "address" in said

    def test_a_block_of_python_in_the_text_is_read_where_nothing_is_attached(
        self, client: Client
    ) -> None:
        said = self.read(client, body="See:\n\n```python\nimport dask\n```\n")

        assert said.startswith("We would run the code block, 1 line, with the newest release.")

    def test_without_any_script_there_is_nothing_to_say(self, client: Client) -> None:
        assert self.read(client, body="Only words.") == ""

    def test_without_javascript_a_button_reads_it_and_keeps_everything(
        self, client: Client, project: Project
    ) -> None:
        sent = filled(project, title="", body="A *story*.", read="1", script_file=upload())

        page = client.post(NEW, sent)

        assert page.status_code == 200
        assert "We would run twice.py" in words(page)
        assert "<p>A <em>story</em>.</p>" in page.content.decode()
        assert "Nothing was sent yet" not in words(page)
        assert not Ticket.objects.exists()


class TestPreview:
    def test_it_shows_markdown_as_it_will_read(self, client: Client) -> None:
        html = client.post(f"{NEW}preview/", {"body": "It *breaks* <b onclick=x>"}).content

        assert b"<p>It <em>breaks</em>" in html
        assert b"<b onclick" not in html

    def test_nothing_typed_is_said(self, client: Client) -> None:
        assert words(client.post(f"{NEW}preview/", {"body": ""})) == "Nothing typed yet."
