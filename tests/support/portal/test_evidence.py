"""The evidence of a ticket as marks, labels and keys."""

from contracts.models import User
from reproducers.engine.verdicts import Verdict
from support.domain.experiments import rerun_on
from support.models import Ticket
from support.portal.evidence import evidence_of
from tests.factories import NOW
from tests.support.tickets import SCRIPT, know_releases, make_ticket, report, run_all


def made(alice: User, *verdicts: Verdict) -> Ticket:
    know_releases("2023.9.2", "2025.4.1", "2025.5.0", "2025.5.1", "2026.8.0")
    ticket = make_ticket(alice, script=SCRIPT, dask_release="2025.5.1")
    run_all([report(verdict) for verdict in verdicts])
    return Ticket.objects.select_related("reproducer").get(pk=ticket.pk)


def test_the_strip_begins_with_the_year_of_the_oldest_release_tried(alice: User) -> None:
    evidence = evidence_of(made(alice, Verdict.REPRODUCED, Verdict.CLEAN), now=NOW)

    assert [(mark.release, mark.state, mark.said) for mark in evidence.marks] == [
        ("2025.4.1", "untried", "not tried"),
        ("2025.5.0", "untried", "not tried"),
        ("2025.5.1", "seen", "reproduced, 1 of 1 run"),
        ("2026.8.0", "clean", "clean, 0 of 1 run"),
    ]
    assert evidence.labels == {"2025.5.1": "reported 2025.5.1", "2026.8.0": "newest 2026.8.0"}
    assert [(key.word, key.count) for key in evidence.keys] == [("reproduced", 1), ("clean", 1)]


def test_what_is_not_the_newest_is_not_called_so(alice: User) -> None:
    ticket = made(alice, Verdict.REPRODUCED, Verdict.CLEAN)
    know_releases("2026.8.0", "2026.9.0")

    assert evidence_of(ticket, now=NOW).labels == {"2025.5.1": "reported 2025.5.1"}


def test_the_most_telling_run_is_the_one_on_the_release_that_was_reported(
    alice: User, mira: User
) -> None:
    ticket = made(alice, Verdict.REPRODUCED, Verdict.REPRODUCED)
    rerun_on(ticket=ticket, release="2023.9.2", actor=mira, now=NOW)
    run_all([report(Verdict.REPRODUCED)])

    telling = evidence_of(ticket, now=NOW).telling

    assert telling is not None
    assert telling.dask == "2025.5.1"


def test_another_failure_is_told_apart(alice: User) -> None:
    evidence = evidence_of(made(alice, Verdict.DIFFERENT, Verdict.LIMIT), now=NOW)

    assert [(run.word, run.said) for run in evidence.runs] == [
        ("failed in another way", "It was different."),
        ("could not be judged", "It was limit."),
    ]


def test_without_a_run_there_is_nothing_to_draw(alice: User) -> None:
    evidence = evidence_of(make_ticket(alice), now=NOW)

    assert (evidence.marks, evidence.labels, evidence.keys, evidence.telling) == ([], {}, [], None)
