"""Housekeeping by the clock."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from web.idempotency import forget_answers


@shared_task
def tidy() -> None:
    """Drop expired sessions and the answers kept for repeated requests."""
    call_command("clearsessions")
    forget_answers(now=timezone.now())
