"""Asks the SLA clocks "what if": facts in, cycles out, nothing stored and no database needed."""

import json
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from contracts.domain.calendars import NotUnderstood
from support.domain.clock_facts import explain, parse_instant


class Command(BaseCommand):
    help = "Compute the cycles that the facts in a JSON file make, and explain each (sla.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("facts", metavar="FACTS.json", help="the file, or - for stdin")
        parser.add_argument("--now", metavar="INSTANT", help="as of when; default: the clock")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = explain(_document(options["facts"]), now=_instant(options["now"]))
        except NotUnderstood as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False))


def _document(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}.") from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{name} is no JSON: {error}.") from error


def _instant(text: str | None) -> datetime:
    return timezone.now() if text is None else parse_instant(text, place="--now")
