"""Runners: processes that say what they offer, and that they are there."""

import uuid
from datetime import datetime

from reproducers.models import Runner


def register_runner(
    *,
    name: str,
    slots: int,
    now: datetime,
    gpus: int = 0,
    isolation: str = "",
    limits: str = "",
) -> Runner:
    """Let a new process hold `name`; one that held it before learns so at its next heartbeat.

    `isolation` and `limits` are what the engine found on that host.
    """
    offered = {"slots": slots, "gpus": gpus, "isolation": isolation, "limits": limits}
    present = {
        "session": uuid.uuid4(),
        "registered_at": now,
        "heartbeat_at": now,
        "stopped_at": None,
    }
    runner, _ = Runner.objects.update_or_create(name=name[:120], defaults=offered | present)
    return runner


def heartbeat_runner(*, runner: Runner, now: datetime) -> bool:
    """Say that it is there. False: another process took its name, so it has to stop."""
    mine = Runner.objects.filter(pk=runner.pk, session=runner.session)
    return mine.update(heartbeat_at=now) == 1


def stop_runner(*, runner: Runner, now: datetime) -> None:
    """Say that it leaves, so that nobody waits for it."""
    Runner.objects.filter(pk=runner.pk, session=runner.session).update(
        heartbeat_at=now, stopped_at=now
    )
