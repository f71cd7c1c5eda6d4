"""Runners sleep until there is work: PostgreSQL tells them when a transaction commits.

A wake-up may be lost (a pooler, a restart): runners look by themselves every two seconds.
"""

from typing import Final

from django.db import connection

CHANNEL: Final = "headwater_trials"
CANCEL: Final = "cancel"
"""The payload that tells runners to ask for every trial of theirs whether it is to end."""


def wake_runners(payload: str = "") -> None:
    """Tell every runner, once the transaction commits, that there is something to take or end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
