import threading
import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, connections

from reproducers.domain.wakeups import CANCEL, wake_runners
from reproducers.management.runner.listening import Listener

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    listening.wait(seconds=0)
    yield listening
    listening.close()


def elsewhere(payload: str) -> None:
    """Notify from another connection, as another process does."""

    def notify() -> None:
        wake_runners(payload)
        connection.close()

    thread = threading.Thread(target=notify)
    thread.start()
    thread.join()


def wait_often(listener: Listener) -> None:
    for _ in range(20):
        listener.wait(seconds=1)


def seconds_of(listener: Listener, *, seconds: float) -> float:
    began = time.monotonic()
    listener.wait(seconds=seconds)
    return time.monotonic() - began


def test_a_wait_without_calls_takes_its_time(listener: Listener) -> None:
    assert 0.2 <= seconds_of(listener, seconds=0.2) < 2


def test_a_call_of_a_thread_ends_the_wait_once(listener: Listener) -> None:
    listener.call()
    listener.call()

    assert seconds_of(listener, seconds=20) < 5
    assert seconds_of(listener, seconds=0.2) >= 0.2


def test_a_notice_of_the_database_ends_the_wait_and_tells_what(listener: Listener) -> None:
    elsewhere(CANCEL)

    assert listener.wait(seconds=20) == {CANCEL}


def test_a_notice_that_came_with_the_answer_to_a_query_is_heard_at_once(
    listener: Listener,
) -> None:
    elsewhere("")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert seconds_of(listener, seconds=20) < 5


def test_a_connection_that_was_cut_is_told_and_the_next_one_listens(listener: Listener) -> None:
    database = connections["default"].connection

    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [database.info.backend_pid])
        connection.close()

    thread = threading.Thread(target=cut)
    thread.start()
    thread.join()
    # The server's last words may come before the end of the connection.
    with pytest.raises(OperationalError):
        wait_often(listener)
    connection.close()

    listener.wait(seconds=0)
    elsewhere("")

    assert seconds_of(listener, seconds=20) < 5


def test_a_call_when_it_is_closed_or_full_does_no_harm(listener: Listener) -> None:
    for _ in range(100_000):
        listener.call()
    listener.rest(seconds=20)
    listener.close()

    listener.call()
