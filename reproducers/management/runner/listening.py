"""How the runner sleeps: until PostgreSQL or one of its own threads calls, or some seconds pass."""

import select
import socket
from contextlib import suppress

import psycopg
from django.db import connection

from reproducers.domain.wakeups import CHANNEL


class Listener:
    """Waits for calls. The database's come over the connection of the thread that waits."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._listening_on: psycopg.Connection | None = None

    def call(self) -> None:
        """Wake the waiting thread. Safe in any thread, in a signal handler, and when closed."""
        with suppress(OSError):  # full of calls already, or closed
            self._writer.send(b"!")

    def wait(self, *, seconds: float) -> set[str]:
        """Return when called, or after `seconds`; the payloads that PostgreSQL sent.

        Raises django.db.OperationalError where the database does not answer.
        """
        with connection.wrap_database_errors:
            database = self._database()
            # What arrived together with the answer to a query is no longer on the socket.
            if payloads := _payloads(database):
                return payloads
            select.select([database.fileno(), self._reader], [], [], seconds)
            self._forget_calls()
            return _payloads(database)

    def rest(self, *, seconds: float) -> None:
        """Wait without the database."""
        select.select([self._reader], [], [], seconds)
        self._forget_calls()

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def _forget_calls(self) -> None:
        with suppress(BlockingIOError):
            self._reader.recv(4096)

    def _database(self) -> psycopg.Connection:
        connection.ensure_connection()
        found: psycopg.Connection = connection.connection
        if found is not self._listening_on:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self._listening_on = found
        return found


def _payloads(database: psycopg.Connection) -> set[str]:
    return {note.payload for note in database.notifies(timeout=0)}
