"""Waking a worker: the broker is a wake-up call, so a dead broker must not fail a request.

What there is to do stands in PostgreSQL, and beat looks for it by itself.
"""

import logging
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task: "Task[Any, Any]", *arguments: int | str) -> None:
    """Queue the task once the transaction commits, if the broker is there."""
    transaction.on_commit(partial(_send, task, arguments))


def _send(task: "Task[Any, Any]", arguments: tuple[int | str, ...]) -> None:
    try:
        task.apply_async(arguments, retry=False)
    except OperationalError:
        logger.warning("the broker is away; %s waits for beat", task.name)
