"""Waiting for something that another process does."""

import time
from collections.abc import Callable

from tests.processes import Process


def wait_until(holds: Callable[[], bool], *, process: Process, seconds: float = 180) -> None:
    """Return once `holds`; fail with what `process` said if it ends before, or takes too long."""
    give_up = time.monotonic() + seconds
    while not holds():
        assert process.popen.poll() is None, process.said()
        assert time.monotonic() < give_up, process.said()
        time.sleep(0.05)
