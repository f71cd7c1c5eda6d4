"""What a page polls while runs go on."""

from datetime import datetime

import pytest
from django.test import Client

from contracts.models import User
from reproducers.domain.experiments import cancel_experiment
from reproducers.domain.runners import register_runner
from reproducers.domain.trials import heartbeat, lease_trial
from reproducers.engine.events import Event
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment, Runner, Trial
from support.models import Ticket
from tests.factories import NOW
from tests.support.pages import sentence, signed_in, words
from tests.support.tickets import SCRIPT, environment, know_releases, make_ticket, report, run_all

POLL = {"HX-Request": "true"}


@pytest.fixture
def client(alice: User) -> Client:
    return signed_in(alice)


@pytest.fixture
def ticket(alice: User) -> Ticket:
    """Its script waits to be run on two releases."""
    know_releases("2025.5.1", "2026.8.0")
    return make_ticket(alice, script=SCRIPT, dask_release="2025.5.1")


@pytest.fixture
def runner() -> Runner:
    return register_runner(
        name="host-1", slots=2, gpus=0, isolation="bubblewrap", limits="cgroup-v2", now=NOW
    )


def begin(runner: Runner, phase: str = "environment", *, at: datetime = NOW) -> Trial:
    """A runner has taken the next trial and says what it does."""
    trial = lease_trial(runner=runner, now=NOW)
    assert trial is not None
    assert trial.lease_token is not None
    event = Event(phase=phase, done=2, total=5, at=at.timestamp())  # type: ignore[arg-type]
    heartbeat(trial=trial, lease_token=trial.lease_token, progress=event, now=NOW)
    return trial


def test_a_page_polls_only_while_something_runs(client: Client, ticket: Ticket) -> None:
    address = f'hx-get="/tickets/{ticket.pk}/live/"'
    assert address in client.get(f"/tickets/{ticket.pk}/").content.decode()

    run_all([report(Verdict.REPRODUCED), report(Verdict.CLEAN)])

    assert address not in client.get(f"/tickets/{ticket.pk}/").content.decode()


def test_it_says_why_a_run_waits(client: Client, ticket: Ticket) -> None:
    page = client.get(f"/tickets/{ticket.pk}/live/")

    assert sentence(page) == "Waiting to run on 2025.5.1 and 2026.8.0."
    assert "waiting no runner is there; it starts as soon as one is" in words(page).lower()


def test_it_says_what_is_done_now_for_how_long_and_how_much_is_left(
    client: Client, ticket: Ticket, runner: Runner
) -> None:
    begin(runner)

    page = words(client.get(f"/tickets/{ticket.pk}/live/"), "trials")

    assert "2025.5.1 building the environment, 2 of 5 0 s" in page
    assert "2026.8.0 waiting for a free place on a runner 0 s" in page


def test_what_earlier_runs_took_tells_what_is_left(
    alice: User, client: Client, ticket: Ticket, runner: Runner
) -> None:
    run_all(
        [
            report(Verdict.REPRODUCED, environment=environment("2025.5.1")),
            report(Verdict.CLEAN, environment=environment("2026.8.0")),
        ]
    )
    again = make_ticket(alice, script=SCRIPT, dask_release="2025.5.1")
    Experiment.objects.filter(ticket_experiment__ticket=again).update(reproducer=ticket.reproducer)
    Ticket.objects.filter(pk=again.pk).update(reproducer=ticket.reproducer)
    begin(runner, "script")

    page = client.get(f"/tickets/{again.pk}/live/")

    assert "running the script, 2 of 5, about 2 s left" in words(page, "trials")
    assert "<progress" in page.content.decode()


def test_a_poll_without_news_is_answered_with_304(
    client: Client, ticket: Ticket, runner: Runner
) -> None:
    begin(runner)
    first = client.get(f"/tickets/{ticket.pk}/live/", headers=POLL)

    same = client.get(
        f"/tickets/{ticket.pk}/live/", headers=POLL | {"If-None-Match": first.headers["ETag"]}
    )

    assert (first.status_code, same.status_code, same.content) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_news_is_sent(client: Client, ticket: Ticket, runner: Runner) -> None:
    first = client.get(f"/tickets/{ticket.pk}/live/", headers=POLL)
    begin(runner)

    news = client.get(
        f"/tickets/{ticket.pk}/live/", headers=POLL | {"If-None-Match": first.headers["ETag"]}
    )

    assert news.status_code == 200
    assert news.headers["ETag"] != first.headers["ETag"]


def test_the_last_answer_ends_the_polling(client: Client, ticket: Ticket) -> None:
    run_all([report(Verdict.REPRODUCED), report(Verdict.CLEAN)])

    last = client.get(f"/tickets/{ticket.pk}/live/", headers=POLL)

    assert last.status_code == 286
    assert sentence(last).startswith("Reproduced on 2025.5.1, 1 of 1 run.")
    assert client.get(f"/tickets/{ticket.pk}/live/").status_code == 200


def test_a_page_opened_late_still_stops_though_it_knows_the_last_answer(
    client: Client, ticket: Ticket
) -> None:
    run_all([report(Verdict.REPRODUCED), report(Verdict.CLEAN)])
    tag = client.get(f"/tickets/{ticket.pk}/live/", headers=POLL).headers["ETag"]

    last = client.get(f"/tickets/{ticket.pk}/live/", headers=POLL | {"If-None-Match": tag})

    assert last.status_code == 286


def test_what_was_cancelled_says_so(client: Client, ticket: Ticket, mira: User) -> None:
    cancel_experiment(experiment=Experiment.objects.get(), actor=mira, now=NOW)

    page = client.get(f"/tickets/{ticket.pk}/live/")

    assert "It was cancelled." in words(page, "trials")
    assert not Ticket.objects.get().ticket_experiments.get().experiment.is_open
