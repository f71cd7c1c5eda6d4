"""What is told while an environment is built."""

import pytest

from reproducers.engine.environments.progress import Progress
from reproducers.engine.events import NOTE_CHARACTERS, Cancellation, Event


def test_each_change_is_told_once() -> None:
    told: list[Event] = []
    progress = Progress(told.append, lambda: False)
    for _ in range(3):
        progress.say("resolving")
    progress.say("x" * 500)
    assert [(event.phase, event.note, event.done, event.total) for event in told] == [
        ("environment", "resolving", 0, 0),
        ("environment", "x" * NOTE_CHARACTERS, 0, 0),
    ]


def test_what_is_counted_is_told_at_every_tick() -> None:
    told: list[Event] = []
    counts = iter([(0, 3), (2, 3)])
    tick = Progress(told.append, lambda: False).ticking("downloading", lambda: next(counts))
    assert tick(0.0)
    assert tick(0.5)
    assert [(event.note, event.done, event.total) for event in told] == [
        ("downloading", 0, 0),
        ("downloading 0 of 3", 0, 3),
        ("downloading 2 of 3", 2, 3),
    ]


def test_a_cancelled_run_ends_the_process_and_begins_no_other() -> None:
    progress = Progress(lambda event: None, lambda: True)
    assert not progress.ticking("compiling")(0.0)
    with pytest.raises(Cancellation):
        progress.check()
