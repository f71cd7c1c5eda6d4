"""Experiments of tickets, from the script to the sentence in the book and the comment."""

from datetime import timedelta

import pytest

from reproducers.domain.experiments import ExperimentOver, start_experiment
from reproducers.domain.reproducers import record_reproducer
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment
from support.domain.experiments import (
    NothingToRun,
    ReleaseRefused,
    cancel_experiment,
    request_experiment,
    rerun_on,
)
from support.domain.findings import findings_of
from support.domain.tickets import add_message
from support.models import OutgoingChange, Ticket, TicketEvent
from support.models.tickets import Channel
from tests.factories import NOW, make_engineer
from tests.support.tickets import (
    NEWEST_RELEASE,
    SCRIPT,
    environment,
    know_releases,
    later,
    make_ticket,
    report,
    run_all,
    track,
)

pytestmark = pytest.mark.django_db
OLD = "2024.8.0"
REPRODUCED, CLEAN = report(Verdict.REPRODUCED), report(Verdict.CLEAN)


@pytest.fixture
def ticket() -> Ticket:
    """A ticket whose script waits to be run on two releases."""
    know_releases(OLD, NEWEST_RELEASE)
    return make_ticket(script=SCRIPT, dask_release=OLD)


def ends(ticket: Ticket) -> list[str]:
    """What the book says of experiments."""
    events = ticket.events.filter(kind=TicketEvent.Kind.EXPERIMENT)
    return [event.note.split(": ", 1)[-1] for event in events]


def releases(experiment: Experiment) -> list[str]:
    return [trial.dask for trial in experiment.trials.all()]


def test_a_script_runs_on_the_reported_release_and_the_newest(ticket: Ticket) -> None:
    assert releases(ticket.ticket_experiments.get().experiment) == [OLD, NEWEST_RELEASE]


def test_without_a_reported_release_it_runs_on_the_newest_alone() -> None:
    know_releases(OLD, NEWEST_RELEASE)
    ticket = make_ticket(script=SCRIPT)
    assert releases(ticket.ticket_experiments.get().experiment) == [NEWEST_RELEASE]


def test_until_the_releases_are_known_the_experiment_waits() -> None:
    experiment = make_ticket(script=SCRIPT).ticket_experiments.get().experiment
    assert (releases(experiment), experiment.is_open) == ([], True)


def test_the_verdict_is_written_into_the_book(ticket: Ticket) -> None:
    run_all([REPRODUCED, CLEAN], now=later(3))
    event = ticket.events.get(kind=TicketEvent.Kind.EXPERIMENT)
    assert event.at == later(3)
    assert event.is_public
    assert ends(ticket) == [
        "Reproduced on 2024.8.0, 1 of 1 run. Clean on 2026.8.0, 0 of 1 run: upgrading solves it."
    ]


def test_the_verdict_goes_to_the_tracker_once_all_has_ended(ticket: Ticket) -> None:
    issue = track(ticket)
    run_all([REPRODUCED])
    assert not issue.outgoing.exists()
    run_all([CLEAN])
    changes = {change.kind: change.payload for change in issue.outgoing.all()}
    assert changes[OutgoingChange.Kind.VERDICT]["body"].startswith("**Reproduced on 2024.8.0")
    assert "reproduced" in changes[OutgoingChange.Kind.LABELS]["labels"]


def test_a_second_experiment_edits_the_one_comment(ticket: Ticket) -> None:
    issue = track(ticket)
    run_all([REPRODUCED, CLEAN])
    rerun_on(ticket=ticket, release="2025.1.0", actor=make_engineer(), now=later(1))
    run_all([REPRODUCED], now=later(2))
    verdicts = issue.outgoing.filter(kind=OutgoingChange.Kind.VERDICT)
    assert [change.state for change in verdicts] == ["superseded", "pending"]
    assert "| 2025.1.0 | reproduced |" in verdicts[1].payload["body"]


def test_findings_are_facts_of_the_trials(ticket: Ticket) -> None:
    run_all([report(Verdict.REPRODUCED, environment=environment(OLD))])
    first, second = findings_of(ticket)
    assert (first.shape, first.often, first.seconds, first.peak_memory_bytes) == (
        "seen",
        "1 of 1 run",
        1.5,
        300 * 1024**2,
    )
    assert (first.python, first.packages["pandas"], first.exception_type) == (
        "3.11.9",
        "2.2.3",
        "AssertionError",
    )
    assert (second.shape, second.is_open, second.seconds) == ("untried", True, None)


def test_a_report_that_never_ran_says_why(ticket: Ticket) -> None:
    run_all([report(Verdict.UNSATISFIABLE, hits=0, runs=0, tries=()), CLEAN])
    first, _ = findings_of(ticket)
    assert (first.shape, first.reason, first.peak_memory_bytes) == (
        "cannot",
        "It was unsatisfiable.",
        None,
    )


def test_runs_of_an_earlier_script_are_no_findings_of_the_present_one(ticket: Ticket) -> None:
    run_all([REPRODUCED])
    add_message(
        ticket=ticket,
        author=ticket.opened_by,
        body="Smaller:",
        channel=Channel.PORTAL,
        now=later(1),
        script=SCRIPT + b"\n",
    )
    ticket.refresh_from_db()
    assert [finding.shape for finding in findings_of(ticket)] == ["untried", "untried"]
    run_all([CLEAN], now=later(2))
    first = Experiment.objects.earliest("id")
    told = f"Experiment {first.pk} ended; a newer script has taken its place."
    assert ends(ticket) == [told]


def test_an_engineer_runs_it_on_another_release(ticket: Ticket) -> None:
    mira = make_engineer()
    experiment = rerun_on(ticket=ticket, release=" 2025.1.0 ", actor=mira, now=NOW)
    assert (releases(experiment), experiment.requested_by) == (["2025.1.0"], mira)


def test_a_release_that_is_none_ends_at_once_with_the_reason(ticket: Ticket) -> None:
    experiment = rerun_on(ticket=ticket, release="newish", actor=make_engineer(), now=NOW)
    assert not experiment.is_open
    assert [finding.dask for finding in findings_of(ticket)] == [OLD, NEWEST_RELEASE, "newish"]
    assert "Name one such as 2024.12.1." in findings_of(ticket)[2].reason
    assert len(ends(ticket)) == 1


def test_a_release_has_to_be_named(ticket: Ticket) -> None:
    with pytest.raises(ReleaseRefused):
        rerun_on(ticket=ticket, release="  ", actor=make_engineer(), now=NOW)


def test_without_a_script_nothing_can_be_run() -> None:
    with pytest.raises(NothingToRun):
        request_experiment(ticket=make_ticket(), actor=make_engineer(), now=NOW)


def test_a_cancelled_experiment_says_so_and_who_did_it(ticket: Ticket) -> None:
    mira, experiment = make_engineer(), ticket.ticket_experiments.get().experiment
    cancel_experiment(experiment=experiment, actor=mira, now=later(1))
    event = ticket.events.get(kind=TicketEvent.Kind.EXPERIMENT)
    assert (event.actor, event.note) == (mira, f"Experiment {experiment.pk} was cancelled.")
    assert [finding.reason for finding in findings_of(ticket)] == ["It was cancelled."] * 2
    with pytest.raises(ExperimentOver):
        cancel_experiment(experiment=experiment, actor=mira, now=later(2))


def test_an_experiment_of_our_own_suite_is_no_tickets_business() -> None:
    know_releases(NEWEST_RELEASE)
    start_experiment(
        reproducer=record_reproducer(script=SCRIPT, name="script.py", now=NOW),
        organization=None,
        releases=["nonsense"],
        requested_by=None,
        now=NOW,
    )
    assert not TicketEvent.objects.exists()


def test_a_running_trial_is_a_finding_that_runs(ticket: Ticket) -> None:
    run_all([REPRODUCED])
    trial = ticket.ticket_experiments.get().experiment.trials.last()
    assert trial is not None
    trial.state = "leased"
    trial.lease_token, trial.started_at = "0" * 32, NOW
    trial.lease_expires_at = NOW + timedelta(seconds=30)
    trial.save()
    assert [finding.shape for finding in findings_of(ticket)] == ["seen", "run"]
