"""The demonstration is filled in by the product's own verbs, and shows it after half a year."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from reproducers.engine.report import parse_report
from reproducers.engine.script import read_script
from reproducers.engine.verdicts import Verdict
from reproducers.models import Experiment, Runner, Trial
from support.domain.demo.filling import DatabaseNotEmpty, fill_demo
from support.domain.demo.moments import ZONE, MinutesAgo, Workday
from support.domain.demo.releases import known_by
from support.domain.demo.scripts import SCRIPTS
from support.domain.demo.steps import reports
from support.domain.demo.stories import STORIES
from support.domain.findings import findings_of
from support.domain.wording import sentence_of
from support.models import Cycle, Ticket
from tests.factories import make_user

NOW = datetime(2026, 11, 18, 13, 0, tzinfo=UTC)
"""A Wednesday afternoon."""


def sentence(ticket: Ticket) -> str:
    return sentence_of(
        findings=findings_of(ticket),
        reported=ticket.dask_release,
        has_script=ticket.reproducer_id is not None,
    ).text


@pytest.fixture(scope="class")
def tickets(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Ticket]]:
    """Filled in once for tests that only look, since it takes seconds."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill_demo(now=NOW)
        transaction.set_rollback(True)


class TestFilledIn:
    def test_it_shows_every_state_and_priority(self, tickets: list[Ticket]) -> None:
        assert {ticket.state for ticket in tickets} == set(Ticket.State.values)
        assert {ticket.priority for ticket in tickets} == {"urgent", "high", "normal", "low"}

    def test_it_shows_what_was_found_what_was_not_and_what_could_not_be_judged(
        self, tickets: list[Ticket]
    ) -> None:
        assert set(Trial.objects.values_list("verdict", flat=True)) == {
            "",
            "reproduced",
            "clean",
            "unsatisfiable",
        }

    def test_it_shows_an_answer_that_was_late_and_one_that_is(self, tickets: list[Ticket]) -> None:
        outcomes = Counter(cycle.outcome for cycle in Cycle.objects.all())
        assert outcomes["missed"] == 1
        assert [cycle.ticket.title for cycle in Cycle.objects.open().filter(due_at__lt=NOW)] == [
            "Forecast stands still, every worker is paused"
        ]

    def test_its_verdicts_say_what_is_true_of_dask(self, tickets: list[Ticket]) -> None:
        told = {ticket.title.split(" ")[0]: sentence(ticket) for ticket in tickets}
        assert told["to_dask_array(lengths=True)"] == (
            "Reproduced on 2025.4.1, 1 of 1 run. Clean on 2026.7.1, 0 of 1 run: upgrading "
            "solves it."
        )
        assert told["Taking"] == (
            "Reproduced on 2025.1.0, 1 of 1 run. Clean on 2025.9.0, 0 of 1 run: upgrading "
            "solves it."
        )
        assert told["Boolean"] == (
            "Reproduced on 2025.1.0, 1 of 1 run. Still there on 2026.8.0, 1 of 1 run."
        )
        assert told["Scheduler"] == (
            "Not reproduced: clean on 2025.7.0, 0 of 5 runs and on 2026.8.0, 0 of 5 runs."
        )
        assert told["rolling_exposure"].startswith(
            "Could not be judged on 2024.8.0 and 2026.8.0: Because "
        )
        assert told["How"] == "There is no script to run yet."

    def test_one_ticket_waits_to_be_really_run(self, tickets: list[Ticket]) -> None:
        trials = Trial.objects.filter(state=Trial.State.QUEUED)
        of = {trial.experiment.ticket_experiment.ticket for trial in trials}
        assert of == {tickets[-1]}
        assert sorted(trial.dask for trial in trials) == ["2025.5.1", "2026.8.0"]
        assert Experiment.objects.open().count() == 1
        assert not Runner.objects.exists()

    def test_nothing_lies_in_the_future_and_the_newest_comes_last(
        self, tickets: list[Ticket]
    ) -> None:
        assert all(event.at <= NOW for ticket in tickets for event in ticket.events.all())
        assert tickets == sorted(tickets, key=lambda ticket: ticket.opened_at)
        assert tickets[0].opened_at < NOW - timedelta(days=150)


@pytest.mark.django_db
def test_it_may_be_filled_in_on_a_night_of_a_weekend_years_later() -> None:
    now = datetime(2031, 11, 23, 0, 5, tzinfo=UTC)
    tickets = fill_demo(now=now)
    assert len(tickets) == len(STORIES)
    assert all(event.at <= now for ticket in tickets for event in ticket.events.all())


@pytest.mark.django_db
def test_it_mixes_with_nobody_elses_data() -> None:
    make_user()
    with pytest.raises(DatabaseNotEmpty):
        fill_demo(now=NOW)
    with pytest.raises(CommandError, match="an empty database only"):
        call_command("demo")


@pytest.mark.django_db
def test_the_command_names_the_logins(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo")
    told = capsys.readouterr().out
    assert f"{len(STORIES)} tickets." in told
    assert "ines@bank.example" in told
    assert "headwater-demo" in told


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_can_be_read(name: str) -> None:
    assert read_script(SCRIPTS[name].encode(), name=f"{name}.py").has_block


def is_kept(recorded: Any, told: Any) -> bool:
    """Whether all that was recorded is told again; what reports got since may come on top."""
    if isinstance(recorded, dict):
        return recorded.keys() <= told.keys() and all(
            is_kept(value, told[key]) for key, value in recorded.items()
        )
    if isinstance(recorded, list):
        return len(recorded) == len(told) and all(map(is_kept, recorded, told))
    return bool(recorded == told)


@pytest.mark.parametrize("name", reports())
def test_every_report_is_one_of_the_engine(name: str) -> None:
    for report in reports()[name].values():
        read = parse_report(json.dumps(report).encode())
        assert is_kept(report, json.loads(read.to_json()))
        assert read.verdict != Verdict.INFRASTRUCTURE


def test_every_story_was_run_on_every_release_that_may_be_its_newest() -> None:
    ends = [datetime(year, month, 1, tzinfo=UTC) for year in (2024, 2026, 2027) for month in (1, 8)]
    newest = {known_by(end)[-1].version for end in ends} | {"2026.7.0"}
    for story in STORIES:
        if story.script and story.is_recorded and story.release != "2026.8.0":
            assert newest <= set(reports()[story.script]), story.title


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- made aware by `timezones`
    ago=st.integers(1, 130),
)
def test_working_days_are_counted_backwards_without_weekends(now: datetime, ago: int) -> None:
    day, before = (Workday(each, "09:30").instant(now) for each in (ago, ago + 1))
    assert day.weekday() < 5
    assert (day.tzinfo, day.hour, day.minute) == (ZONE, 9, 30)
    assert (day.date() - before.date()).days == (3 if day.weekday() == 0 else 1)
    assert Workday(1, "00:00").instant(now) < now


def test_just_before_is_told_in_minutes() -> None:
    assert MinutesAgo(2).instant(NOW) == NOW - timedelta(minutes=2)
