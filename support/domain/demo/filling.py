"""Fills an empty database with the demonstration."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from django.db import transaction

from contracts.domain.demo import fill_demo_contracts
from contracts.models import Organization, Project, User
from reproducers.domain.releases import record_releases
from reproducers.domain.runners import register_runner
from support.domain.demo.releases import known_by
from support.domain.demo.scripts import SCRIPTS
from support.domain.demo.steps import Stage, record_runs
from support.domain.demo.stories import STORIES, Story
from support.domain.tickets import open_ticket
from support.models import Ticket
from support.models.tickets import Channel
from web.errors import HeadwaterError

READ_BEFORE: Final = timedelta(hours=2)
"""The releases count as read so long ago, so that the index is soon asked for newer ones."""


class DatabaseNotEmpty(HeadwaterError):
    """Demo data never mixes with anybody's own."""

    code = "database-not-empty"
    status = HTTPStatus.CONFLICT


@transaction.atomic
def fill_demo(*, now: datetime) -> list[Ticket]:
    """Three customers and half a year of their tickets, the last of which waits to be run.

    Raises `DatabaseNotEmpty`.
    """
    if User.objects.exists() or Organization.objects.exists():
        raise DatabaseNotEmpty(
            "There are people or organizations in this database already.",
            remedy="Demo data goes into an empty database only.",
        )
    demo = fill_demo_contracts(now=now)
    # Its trials are recorded, not run: the host is forgotten again.
    runner = register_runner(name="demo", slots=1, isolation="bubblewrap", now=now)
    stage = Stage(people=demo.people, runner=runner)
    told = sorted(STORIES, key=lambda story: story.at.instant(now))
    tickets = [_tell(story, stage, demo.projects[story.project], now) for story in told]
    runner.delete()
    return tickets


def _tell(story: Story, stage: Stage, project: Project, now: datetime) -> Ticket:
    at = story.at.instant(now)
    record_releases(releases=known_by(at), now=min(at, now - READ_BEFORE))
    ticket = open_ticket(
        organization=project.organization,
        project=project,
        opened_by=stage.people[story.opener],
        title=story.title,
        body=story.body,
        severity=story.severity,
        channel=Channel.PORTAL,
        dask_release=story.release or project.dask_release,
        python_version=project.python_version,
        script=SCRIPTS[story.script].encode() if story.script else None,
        script_name=f"{story.script}.py",
        now=at,
    )
    if story.script and story.is_recorded:
        record_runs(stage, story.script, at)
    for step in story.steps:
        ticket.refresh_from_db()
        step.play(stage, ticket, step.at.instant(now))
    ticket.refresh_from_db()
    return ticket
