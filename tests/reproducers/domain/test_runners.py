import pytest

from reproducers.domain.runners import heartbeat_runner, register_runner, stop_runner
from reproducers.models import Runner
from tests.factories import NOW
from tests.reproducers.factories import later, make_runner

pytestmark = pytest.mark.django_db


def test_a_runner_is_alive_until_it_is_silent_for_half_a_minute() -> None:
    runner = make_runner(now=NOW)

    assert list(Runner.objects.alive(later(seconds=29))) == [runner]
    assert runner.is_alive(at=later(seconds=29))
    assert list(Runner.objects.alive(later(seconds=30))) == []
    assert not runner.is_alive(at=later(seconds=30))


def test_a_heartbeat_keeps_it_alive() -> None:
    runner = make_runner(now=NOW)

    assert heartbeat_runner(runner=runner, now=later(seconds=20))

    assert Runner.objects.alive(later(seconds=40)).exists()


def test_a_runner_that_stopped_is_not_alive_and_may_come_back() -> None:
    runner = make_runner("east", now=NOW)
    stop_runner(runner=runner, now=later(seconds=1))
    assert not Runner.objects.alive(later(seconds=1)).exists()

    again = register_runner(
        name="east", slots=4, gpus=1, isolation="bubblewrap", limits="weak", now=later(seconds=2)
    )

    assert again.pk == runner.pk
    assert Runner.objects.alive(later(seconds=2)).get().slots == 4


def test_a_process_whose_name_was_taken_learns_so_and_cannot_stop_the_other() -> None:
    first = make_runner("east", now=NOW)
    make_runner("east", now=later(seconds=1))

    assert not heartbeat_runner(runner=first, now=later(seconds=2))
    stop_runner(runner=first, now=later(seconds=3))

    assert Runner.objects.alive(later(seconds=4)).exists()
