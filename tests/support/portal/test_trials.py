"""One run, and strangers' files as downloads."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from contracts.models import User
from reproducers.domain.artifacts import keep_artifacts
from reproducers.engine.report import ExceptionFacts, Try
from reproducers.engine.verdicts import Symptom, Verdict
from reproducers.models import Artifact, Trial
from support.domain.messages import attach
from support.domain.tickets import write_note
from support.models import Attachment, Ticket
from support.portal import trials
from tests.factories import NOW, make_customer
from tests.support.pages import sentence, signed_in, words
from tests.support.tickets import SCRIPT, environment, know_releases, make_ticket, report, run_all

EVIL = "<script>alert(1)</script>"
FILES = {
    "stacks.txt": b"<b>thread 1</b>",
    "series.json": b'{"schema": 1, "seconds": [0, 2], "memory_bytes": [0, 1048576],'
    b' "tasks": {"processing": [4, 0], "<script>": [9, 9]}}',
}


@pytest.fixture
def client(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def ticket(alice: User) -> Ticket:
    know_releases("2026.8.0")
    return make_ticket(alice, script=SCRIPT, script_name="twice.py")


@pytest.fixture
def trial(ticket: Ticket) -> Trial:
    run_all(
        [
            report(
                Verdict.REPRODUCED,
                environment=environment("2026.8.0"),
                output=f"printed {EVIL}\n",
                exception=ExceptionFacts(type="KeyError", message=EVIL, traceback=f"tb {EVIL}"),
                symptom=Symptom.HANG,
                kind="deadlock",
                fingerprint="fp1|exception|KeyError",
                owner="dask/dask",
                notes=("The clock was frozen.",),
            )
        ]
    )
    ended = Trial.objects.get()
    keep_artifacts(trial=ended, files=FILES)
    return ended


def page_of(trial: Trial) -> str:
    return f"/tickets/{trial.experiment.ticket_experiment.ticket_id}/trials/{trial.pk}/"


def test_it_shows_what_the_verdict_rests_on(client: Client, trial: Trial) -> None:
    page = client.get(page_of(trial))

    assert sentence(page) == "Reproduced, 1 of 1 run."
    said = words(page)
    assert "Dask 2026.8.0, Python 3.11.9" in said
    assert f"What it ended with KeyError: {EVIL} tb {EVIL}" in said
    assert f"What the script printed printed {EVIL}" in said
    assert "twice.py, 3 lines" in said
    assert "packages as of 2026-08-01, lock 0123abcd 2 packages dask==2026.8.0" in said
    assert "Runs reproduced 1.5 s, 300 MiB" in said
    assert "Limits 120 s, 4 GiB, 2 workers of 1 thread" in said
    assert "Seconds environment 2.0 start 0.8 script 1.5" in said
    assert "Sandbox bubblewrap on test" in said
    assert "Symptom hang, deadlock raised in dask/dask fp1|exception|KeyError" in said
    assert "Notes The clock was frozen." in said
    assert "Files it left series.json 115 bytes stacks.txt 15 bytes" in said
    assert "Where its threads stood <b>thread 1</b>" in said


def test_what_came_out_of_the_sandbox_is_text_and_nothing_else(
    client: Client, trial: Trial
) -> None:
    for address in (page_of(trial), f"/tickets/{trial.experiment.ticket_experiment.ticket_id}/"):
        assert EVIL not in client.get(address).content.decode()


def test_it_shows_how_its_cluster_went_with_the_numbers(client: Client, trial: Trial) -> None:
    page = client.get(page_of(trial))

    said = words(page)
    assert "How its cluster went Memory of the workers at most 1 MiB of 3.2 GiB" in said
    assert "Time processes 0 s 0 B 2 s 1 MiB" in said
    assert "Tasks by state at most 4 processing The numbers Time processing 0 s 4 2 s 0" in said
    assert '<title id="plot-1-name">Memory of the workers</title>' in page.content.decode()


def test_the_ticket_shows_the_same_folded(client: Client, trial: Trial) -> None:
    page = client.get(f"/tickets/{trial.experiment.ticket_experiment.ticket_id}/")

    assert "Memory and tasks on 2026.8.0 Memory of the workers at most 1 MiB" in words(page)
    assert f'href="{page_of(trial)}#plots">The numbers</a>' in page.content.decode()


def test_the_ticket_asks_twice_for_what_it_draws(
    client: Client, trial: Trial, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(22):
        client.get(f"/tickets/{trial.experiment.ticket_experiment.ticket_id}/")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b'{"schema": 1, "seconds": [1, 0]}'])
def test_numbers_that_cannot_be_drawn_are_left_to_be_downloaded(
    client: Client, ticket: Ticket, content: bytes
) -> None:
    run_all([report(Verdict.CLEAN)])
    ended = Trial.objects.get()
    keep_artifacts(trial=ended, files={"series.json": content})

    page = words(client.get(page_of(ended)))

    assert "How its cluster went" not in page
    assert "series.json" in page


def test_of_several_tries_the_one_that_speaks_for_all_is_shown(
    client: Client, ticket: Ticket
) -> None:
    tries = [
        Try(verdict=v, seconds=1.0, peak_memory_bytes=None)
        for v in (Verdict.CLEAN, Verdict.REPRODUCED)
    ]
    run_all([report(Verdict.REPRODUCED, tries=tuple(tries), runs=2, label="often")])
    ended = Trial.objects.get()
    keep_artifacts(trial=ended, files={f"try-2-{name}": FILES[name] for name in FILES})

    said = words(client.get(page_of(ended)))

    assert "Memory of the workers at most 1 MiB" in said
    assert "Where its threads stood" in said
    assert "Runs clean 1.0 s reproduced 1.0 s" in said


def test_a_trial_for_which_no_job_could_be_made_has_no_limits() -> None:
    assert trials._limits(Trial(job=None)) == ""


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_files(
    client: Client,
    trial: Trial,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    keep_artifacts(trial=trial, files={f"{n}.txt": b"x" for n in range(count)})

    with django_assert_num_queries(12):
        client.get(page_of(trial))


def test_a_run_that_goes_on_says_so(client: Client, ticket: Ticket) -> None:
    page = client.get(page_of(Trial.objects.get()))

    assert sentence(page).startswith("Waiting")
    assert "It is not over yet." in words(page)


def test_one_of_ours_sees_it_within_the_desk(mira: User, trial: Trial) -> None:
    page = signed_in(mira).get(page_of(trial))

    assert 'href="/desk/"' in page.content.decode()
    assert words(page).count("Queue") == 2


def test_a_file_of_a_run_is_a_download_that_nothing_shows(client: Client, trial: Trial) -> None:
    found = Artifact.objects.get(name="stacks.txt")

    answer = client.get(f"{page_of(trial)}files/{found.pk}/")

    assert answer.content == b"<b>thread 1</b>"
    assert_harmless(answer, 'attachment; filename="stacks.txt"')


def test_an_attachment_is_a_download_that_nothing_shows(client: Client, ticket: Ticket) -> None:
    found = Attachment.objects.get()

    answer = client.get(f"/tickets/{ticket.pk}/attachments/{found.pk}/")

    assert answer.content == SCRIPT
    assert_harmless(answer, 'attachment; filename="twice.py"')


def test_a_name_in_another_script_survives(client: Client, ticket: Ticket) -> None:
    found = attach(message=ticket.messages.get(), content=b"", name="наборы данных.csv")

    answer = client.get(f"/tickets/{ticket.pk}/attachments/{found.pk}/")

    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0")


def assert_harmless(answer: object, disposition: str) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    assert headers["Content-Disposition"] == disposition
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "private, no-store"


def test_a_hidden_ticket_hides_its_runs_and_files(trial: Trial, ticket: Ticket) -> None:
    charlie = signed_in(make_customer("Charlie"))
    artifact, attachment = Artifact.objects.get(name="stacks.txt"), Attachment.objects.get()

    for address in (
        page_of(trial),
        f"{page_of(trial)}files/{artifact.pk}/",
        f"/tickets/{ticket.pk}/attachments/{attachment.pk}/",
    ):
        assert charlie.get(address).status_code == 404


def test_a_run_is_not_reached_through_another_ticket(
    alice: User, client: Client, trial: Trial
) -> None:
    other = make_ticket(alice)

    assert client.get(f"/tickets/{other.pk}/trials/{trial.pk}/").status_code == 404


def test_a_file_of_an_internal_note_stays_inside(
    client: Client, mira: User, ticket: Ticket
) -> None:
    note = write_note(ticket=ticket, actor=mira, body="See the file", now=NOW)
    found = attach(message=note, content=b"secret", name="secret.txt")
    address = f"/tickets/{ticket.pk}/attachments/{found.pk}/"

    assert client.get(address).status_code == 404
    assert signed_in(mira).get(address).content == b"secret"
