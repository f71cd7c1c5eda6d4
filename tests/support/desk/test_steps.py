"""The next step on a ticket: what is proposed, at what cost, and what is drafted."""

from typing import Any

import pytest

from contracts.models import User
from reproducers.engine.report import ExceptionFacts
from reproducers.engine.verdicts import Verdict
from support.desk.steps import draft_text, proposals
from support.domain.experiments import rerun_on
from support.domain.scripts import TEMPLATE
from support.domain.tickets import assign, resolve, set_state
from support.domain.upstream import link_upstream
from support.models import Ticket
from support.portal.evidence import evidence_of
from tests.factories import NOW
from tests.support.tickets import SCRIPT, environment, know_releases, make_ticket, report, run_all


def proposed(ticket: Ticket, reader: User) -> list[str]:
    found = Ticket.objects.select_related("reproducer").get(pk=ticket.pk)
    evidence = evidence_of(found, now=NOW)
    return [step.title for step in proposals(found, evidence, reader_id=reader.pk)]


def drafted(name: str, ticket: Ticket) -> str:
    found = Ticket.objects.get(pk=ticket.pk)
    return draft_text(name, found, evidence_of(found, now=NOW), template=TEMPLATE)


@pytest.fixture
def ticket(mira: User) -> Ticket:
    """Mira's; its script is asked to run on 2025.5.1 and 2026.8.0."""
    know_releases("2025.5.1", "2026.8.0")
    made = make_ticket(script=SCRIPT, dask_release="2025.5.1")
    return assign(ticket=made, assignee=mira, actor=mira, now=NOW)


SEEN, CLEAN, LIMIT = Verdict.REPRODUCED, Verdict.CLEAN, Verdict.LIMIT


@pytest.mark.parametrize(
    ("verdicts", "titles"),
    [
        ([], ["Write an answer", "Cancel the runs"]),
        ([SEEN], ["Write an answer", "Cancel the run"]),
        ([SEEN, CLEAN], ["Answer: upgrade to 2026.8.0", "Write an answer"]),
        ([SEEN, SEEN], ["Answer with what we saw", "Write an answer"]),
        ([CLEAN, SEEN], ["Answer with what we saw", "Write an answer"]),
        (
            [CLEAN, CLEAN],
            ["Say that we cannot see it", "Run it again on 2025.5.1", "Write an answer"],
        ),
        ([LIMIT, LIMIT], ["Run it again on 2025.5.1", "Write an answer"]),
    ],
    ids=str,
)
def test_the_verdict_proposes_the_step(
    ticket: Ticket, mira: User, verdicts: list[Verdict], titles: list[str]
) -> None:
    run_all([report(verdict) for verdict in verdicts])

    assert proposed(ticket, mira) == titles


def test_what_nobody_has_is_taken_first(mira: User) -> None:
    assert proposed(make_ticket(), mira) == [
        "Take it",
        "Ask for a reproducer",
        "Write an answer",
    ]


def test_what_a_colleague_has_can_be_taken_too(ticket: Ticket, alice: User) -> None:
    run_all([report(SEEN), report(CLEAN)])

    assert proposed(ticket, alice)[:2] == ["Answer: upgrade to 2026.8.0", "Take it"]


def test_what_is_over_can_be_opened_again(ticket: Ticket, mira: User) -> None:
    resolve(ticket=ticket, actor=mira, now=NOW)
    run_all([report(SEEN), report(CLEAN)])

    assert proposed(ticket, mira) == ["Open it again", "Write an answer"]


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("waiting-on-customer", "Remind them"),
        ("waiting-on-upstream", "Tell them how far it is"),
    ],
)
def test_what_waits_on_others_is_followed_up(
    ticket: Ticket, mira: User, state: str, title: str
) -> None:
    run_all([report(SEEN), report(CLEAN)])
    link_upstream(ticket=ticket, repository="dask/dask", number=1, actor=mira, now=NOW)
    set_state(ticket=ticket, state=state, actor=mira, now=NOW)

    assert proposed(ticket, mira) == [title, "Write an answer"]


def test_a_script_that_was_never_run_is_run(mira: User) -> None:
    made = make_ticket(script=SCRIPT)
    assign(ticket=made, assignee=mira, actor=mira, now=NOW)

    assert proposed(made, mira)[0] in {"Run it", "Run it again on 2026.8.0", "Write an answer"}


class TestDrafts:
    def test_asking_for_a_script_shows_the_template(self) -> None:
        text = drafted("script", make_ticket())

        assert text.startswith("To see it for ourselves we need a script that shows it.")
        assert f"```python\n{TEMPLATE}```" in text

    def test_an_upgrade_that_solves_it(self, ticket: Ticket) -> None:
        run_all([report(SEEN), report(CLEAN)])

        assert drafted("upgrade", ticket).startswith(
            "We see the same on 2025.5.1, in 1 of 1 run. On 2026.8.0 your script is clean, "
            "0 of 1 run: upgrading to 2026.8.0 solves it."
        )

    def test_what_we_saw(self, ticket: Ticket) -> None:
        shown = ExceptionFacts(type="KeyError", message="'x'")
        facts: dict[str, Any] = {"exception": shown, "environment": environment("2025.5.1")}
        run_all([report(SEEN, **facts), report(SEEN, **facts)])

        assert drafted("seen", ticket) == (
            "We see the same: Reproduced on 2025.5.1, 1 of 1 run. Still there on 2026.8.0, "
            "1 of 1 run.\n\nIt ends with `KeyError: 'x'`."
        )

    def test_what_we_could_not_see(self, ticket: Ticket) -> None:
        run_all([report(CLEAN), report(CLEAN)])

        assert drafted("clean", ticket).startswith(
            "We could not see it: your script was clean on 2025.5.1, 0 of 1 run and on 2026.8.0, "
            "0 of 1 run."
        )

    def test_a_reminder_asks_what_is_still_needed(self) -> None:
        assert drafted("reminder", make_ticket()).startswith("Did it help")

    def test_how_far_upstream_is(self, ticket: Ticket, mira: User) -> None:
        for number, state in ((1, "merged"), (2, "released")):
            link_upstream(
                ticket=ticket,
                repository="dask/dask",
                number=number,
                state=state,
                fixed_in="2026.6.0" if state == "released" else "",
                actor=mira,
                now=NOW,
            )

        assert drafted("upstream", ticket) == (
            "This is how far the fix is:\n\n"
            "dask/dask#1: fix merged.\ndask/dask#2: released in 2026.6.0."
        )

    @pytest.mark.parametrize("name", ["upgrade", "seen", "clean", "upstream", "", "nonsense"])
    def test_what_the_evidence_does_not_say_is_not_drafted(self, name: str) -> None:
        assert drafted(name, make_ticket()) == ""

    def test_a_new_release_gives_a_new_answer(self, ticket: Ticket, mira: User) -> None:
        run_all([report(SEEN), report(SEEN)])
        rerun_on(ticket=ticket, release="2026.9.0", actor=mira, now=NOW)
        run_all([report(CLEAN)])

        assert proposed(ticket, mira)[0] == "Answer: upgrade to 2026.9.0"
