"""Bring the database up to date before the processes start."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import (
    BadMigrationError,
    InconsistentMigrationHistory,
    NodeNotFoundError,
)
from django.db.migrations.executor import MigrationExecutor

from contracts.domain.demo import PASSWORD, demo_logins
from contracts.models import User


class Command(BaseCommand):
    """Progress goes to stderr; stdout gets the demo logins, where there is demo data."""

    help = "Migrate if there is anything to do, and fill an empty embedded database with demo data."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: object) -> None:
        try:
            self._migrate()
        except (
            DatabaseError,
            BadMigrationError,
            NodeNotFoundError,
            InconsistentMigrationHistory,
        ) as error:
            raise CommandError(f"The database cannot be migrated: {error}") from error
        if settings.IS_EMBEDDED and not User.objects.exists():
            self.stderr.write("Filling in demo data ...")
            call_command("demo", verbosity=0)
        if settings.IS_EMBEDDED:
            self._tell_logins()

    def _tell_logins(self) -> None:
        if logins := demo_logins():
            self.stdout.write(f"Sign in with the password {PASSWORD} as")
        for login in logins:
            self.stdout.write(f"  {login.email:<26}{login.who}")

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            self.stderr.write(f"Applying {len(plan)} migrations ...")
            call_command("migrate", verbosity=0, interactive=False)
