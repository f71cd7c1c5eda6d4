"""The runner as a process, with the fake engine: `python -m tests.reproducers.fake_runner`."""

import os
import signal
import sys
from pathlib import Path

import django

from reproducers.engine.executors.offer import Offer
from reproducers.engine.executors.process import JobProcess

OFFER = Offer(isolation="bubblewrap", limits="weak")
ENGINE = Path(__file__).parent / "fake_engine.py"


def start_fake(job_json: str) -> JobProcess:
    return JobProcess(job_json, environ=os.environ, command=(sys.executable, "-I", str(ENGINE)))


def main(name: str, slots: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from reproducers.management.runner.process import (  # noqa: PLC0415 -- after django.setup
        RunnerProcess,
    )

    runner = RunnerProcess(name=name, slots=int(slots), offer=OFFER, start=start_fake)
    signal.signal(signal.SIGTERM, lambda *_: runner.stop())
    runner.serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
