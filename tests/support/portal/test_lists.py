"""Lists load no reports, and say the same as the ticket's own page."""

from contracts.models import User
from reproducers.engine.verdicts import Verdict
from support.domain.findings import findings_of
from support.domain.wording import sentence_of
from support.models import Ticket
from support.portal.lists import lines_of
from tests.factories import NOW
from tests.support.tickets import SCRIPT, know_releases, make_ticket, report, run_all


def test_a_line_says_what_the_ticket_says(alice: User) -> None:
    know_releases("2025.5.1", "2026.8.0")
    ticket = make_ticket(alice, script=SCRIPT, dask_release="2025.5.1")
    run_all([report(Verdict.REPRODUCED), report(Verdict.LIMIT)])

    (line,) = lines_of(Ticket.objects.all(), now=NOW)

    whole = sentence_of(findings=findings_of(line.ticket), reported=ticket.dask_release)
    assert line.sentence.text == whole.text
    assert "Could not be judged on 2026.8.0: It was limit." in whole.text
