"""`manage.py runner`: a process that runs trials on this host."""

import os
import signal
import socket
from argparse import ArgumentParser
from functools import partial
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from reproducers.engine.errors import IsolationError
from reproducers.engine.executors.offer import ask_offer
from reproducers.engine.sandbox.properties import Enclosure
from reproducers.management.runner.process import NameTaken, RunnerProcess, start_child
from reproducers.management.runner.spares import Spares


class Command(BaseCommand):
    help = "Run trials on this host until SIGTERM. Several runners may work side by side."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default=socket.gethostname(), help="default: the host's")
        parser.add_argument(
            "--slots",
            type=int,
            default=max((os.cpu_count() or 2) // 2, 1),
            help="trials at once; default: one for every two processors",
        )
        parser.add_argument(
            "--isolation",
            choices=get_args(Enclosure),
            default="bubblewrap",
            help="the kind of sandbox; default: bubblewrap",
        )
        parser.add_argument(
            "--once", action="store_true", help="end when nothing that is ready is left"
        )

    def handle(
        self, *, name: str, slots: int, once: bool, isolation: Enclosure = "bubblewrap", **_: Any
    ) -> None:
        if slots < 1:
            raise CommandError("--slots has to be 1 or more.")
        try:
            offer = ask_offer(isolation, environ=os.environ)
        except IsolationError as error:
            raise CommandError(f"{error.message} {error.remedy}") from error
        start = partial(start_child, isolation=isolation)
        spares = Spares(start_cold=start, most=slots if isolation == "bubblewrap" else 0)
        runner = RunnerProcess(name=name, slots=slots, offer=offer, once=once, spares=spares)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stop())
        try:
            runner.serve()
        except NameTaken as error:
            raise CommandError(
                f"Another process took the name {name}. Give each runner its own with --name."
            ) from error
