"""Works off the inbox and the outbox of trackers. Repeatable: what was done is not done again."""

from celery import shared_task
from django.utils import timezone

from support.domain.reading import read_next_hint
from support.domain.sending import send_next_change
from web.wakeups import wake

AT_ONCE = 100
"""So many a call; then the next call goes on, so that no task holds a worker for long."""


@shared_task
def read_hints() -> int:
    """Read what webhooks hinted at; returns how many hints were worked off."""
    done = 0
    while done < AT_ONCE and read_next_hint(now=timezone.now()):
        done += 1
    if done:
        wake(send_changes)
    return done


@shared_task
def send_changes() -> int:
    """Send what waits for GitHub and may go out now; returns how many changes were taken."""
    done = 0
    while done < AT_ONCE and send_next_change(now=timezone.now()):
        done += 1
    return done
