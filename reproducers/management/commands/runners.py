"""`manage.py runners`: which runners there are, and whether they are well."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reproducers.models import Runner, Trial


class Command(BaseCommand):
    help = "List the runners. Ends with 1 where none is alive."

    def handle(self, **_: Any) -> None:
        now = timezone.now()
        for runner in Runner.objects.all():
            state = (
                "alive" if runner.is_alive(at=now) else f"silent since {runner.heartbeat_at:%F %T}"
            )
            busy = Trial.objects.running().filter(runner=runner).count()
            self.stdout.write(f"{runner}: {state}, {busy} of {runner.slots} slots busy")
        if not Runner.objects.alive(now).exists():
            self.stderr.write("No runner is alive. Start one with `manage.py runner`.")
            raise SystemExit(1)
