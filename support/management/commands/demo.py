"""Fills an empty database with the demonstration."""

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from contracts.domain.demo import PASSWORD, demo_logins
from support.domain.demo import fill_demo
from web.errors import HeadwaterError


class Command(BaseCommand):
    help = "Fill an empty database with three customers and half a year of their tickets."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tickets = fill_demo(now=timezone.now())
        except HeadwaterError as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] > 0:
            self._tell(len(tickets))

    def _tell(self, tickets: int) -> None:
        self.stdout.write(f"{tickets} tickets. Sign in as one of these, password {PASSWORD}:")
        for login in demo_logins():
            self.stdout.write(f"  {login.email:<24} {login.name}, {login.who}")
