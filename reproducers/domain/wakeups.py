"""Runners sleep until there is work: PostgreSQL tells them when a transaction commits.

A wake-up may be lost (a pooler, a restart): runners look by themselves every two seconds.
"""

from typing import Final

from django.db import connection

CHANNEL: Final = "headwater_trials"


def wake_runners() -> None:
    """Tell every runner, once the transaction commits, that there is something to take or end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
