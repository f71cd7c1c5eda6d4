"""Data that could leak: a customer whose every text carries a word that nobody else may see."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.domain.tokens import IssuedToken, issue_token
from contracts.models import Project, User
from reproducers.domain.trials import record_trial
from reproducers.engine.report import Report
from reproducers.engine.verdicts import Verdict
from reproducers.models import Artifact, Trial
from support.domain.messages import attach
from support.domain.tickets import open_ticket, reply, write_note
from support.domain.upstream import link_upstream
from support.models import Attachment, Ticket
from support.models.tickets import Channel
from tests.factories import (
    make_contract,
    make_customer,
    make_engineer,
    make_manager,
    make_organization,
    make_project,
    make_seat,
    make_user,
)
from tests.reproducers.factories import lease, make_releases

PRIVATE = "kestrelword"
"""Stands in whatever only Acme's seat holders and we may read."""
INTERNAL = "ravenword"
"""Stands in what only we may read."""
NAME = "Wrenworks"
"""The customer's name: its own people know it, nobody else does."""
SCRIPT = f'import dask\nprint("{PRIVATE}")\n'


@dataclass(frozen=True)
class World:
    """Alice may see the ticket; Eve held a seat once; Charlie is another organization's."""

    alice: User
    eve: User
    charlie: User
    engineer: User
    manager: User
    project: Project
    ticket: Ticket
    attachment: Attachment
    trial: Trial
    artifact: Artifact
    token: IssuedToken

    @property
    def keys(self) -> dict[str, object]:
        """What the placeholders of routes stand for."""
        return {
            "ticket_id": self.ticket.pk,
            "pk": self.ticket.pk,
            "attachment_id": self.attachment.pk,
            "trial_id": self.trial.pk,
            "artifact_id": self.artifact.pk,
            "token_id": self.token.token.pk,
            "uidb64": "MQ",
            "token": "set-password",
        }


def make_world() -> World:
    now = datetime.now(UTC)
    make_releases("2025.5.1")
    organization = make_organization(NAME)
    project = make_project(organization, name=f"{NAME} project", slug="wren")
    make_contract(organization)
    alice = make_user(f"Alice of {NAME}", organization=organization)
    eve = make_user(f"Eve of {NAME}", organization=organization)
    make_seat(alice, project=project)
    make_seat(eve, project=project, ends_at=now - timedelta(days=1))
    engineer, manager = make_engineer(), make_manager()
    manager.is_superuser = True
    manager.save()
    ticket = _ticket(alice, engineer, project, now)
    trial = _judged(now)
    message = ticket.messages.order_by("id")[0]
    return World(
        alice=alice,
        eve=eve,
        charlie=make_customer("Charlie"),
        engineer=engineer,
        manager=manager,
        project=project,
        ticket=Ticket.objects.get(),
        attachment=attach(message=message, content=SCRIPT.encode(), name=f"{PRIVATE}.txt"),
        trial=trial,
        artifact=trial.artifacts.get(),
        token=issue_token(actor=alice, name=PRIVATE, now=now),
    )


def _ticket(alice: User, engineer: User, project: Project, now: datetime) -> Ticket:
    ticket = open_ticket(
        organization=project.organization,
        project=project,
        opened_by=alice,
        title=f"{PRIVATE} hangs",
        body=f"It says {PRIVATE}.",
        channel=Channel.PORTAL,
        dask_release="2025.5.1",
        script=SCRIPT.encode(),
        now=now,
    )
    reply(ticket=ticket, actor=engineer, body=f"We see {PRIVATE}.", now=now)
    write_note(ticket=ticket, actor=engineer, body=f"Not for them: {INTERNAL}.", now=now)
    link_upstream(
        ticket=ticket, repository="dask/dask", number=7, actor=engineer, title=PRIVATE, now=now
    )
    return ticket


def _judged(now: datetime) -> Trial:
    trial, token = lease(now=now)
    report = Report(verdict=Verdict.REPRODUCED, reason=f"{PRIVATE} was raised.", output=PRIVATE)
    return record_trial(
        trial_id=trial.pk,
        lease_token=token,
        report_json=report.to_json().encode(),
        artifacts={"output.txt": PRIVATE.encode()},
        now=now,
    )
