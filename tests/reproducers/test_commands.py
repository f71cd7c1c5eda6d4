from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from reproducers.domain.runners import stop_runner
from tests.factories import NOW
from tests.reproducers.factories import lease, make_experiment, make_runner

pytestmark = pytest.mark.django_db


def test_runners_are_listed_with_what_they_do() -> None:
    runner = make_runner("east", slots=2, now=NOW)
    make_runner("west", now=NOW.replace(year=2020))
    make_experiment()
    lease(runner=runner)
    said = StringIO()

    with time_machine.travel(NOW, tick=False):
        call_command("runners", stdout=said)

    assert said.getvalue().splitlines() == [
        "east: alive, 1 of 2 slots busy",
        "west: silent since 2020-11-16 09:00:00, 0 of 2 slots busy",
    ]


def test_without_a_runner_that_is_alive_the_command_fails_and_says_what_to_do() -> None:
    stop_runner(runner=make_runner(now=NOW), now=NOW)
    complaint = StringIO()

    with time_machine.travel(NOW, tick=False), pytest.raises(SystemExit, match="1"):
        call_command("runners", stderr=complaint, stdout=StringIO())

    assert "manage.py runner" in complaint.getvalue()


def test_a_runner_needs_a_slot() -> None:
    with pytest.raises(CommandError, match="--slots"):
        call_command("runner", slots=0)
