"""Experiments of a ticket: asked for, run once more elsewhere, cancelled, and told when ended."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from contracts.models import User
from reproducers.domain.experiments import cancel_experiment as cancel_run
from reproducers.domain.experiments import start_experiment
from reproducers.domain.releases import NEWEST
from reproducers.models import Experiment
from support.domain.events import note_event
from support.domain.findings import finding_of
from support.domain.locking import locked
from support.domain.telling import tell_tracker
from support.domain.wording import sentence_of
from support.models import Ticket, TicketEvent, TicketExperiment
from web.errors import HeadwaterError


class NothingToRun(HeadwaterError):
    """The ticket has no script that could be run."""

    code = "nothing-to-run"
    status = 409


class ReleaseRefused(HeadwaterError):
    """What was asked for is no release."""

    code = "release-refused"


@transaction.atomic
def request_experiment(
    *,
    ticket: Ticket,
    actor: User | None,
    now: datetime,
    releases: Sequence[str] | None = None,
) -> Experiment:
    """Have the ticket's script run: on the reported release and the newest, unless told otherwise.

    Raises `NothingToRun` without a script.
    """
    held = locked(ticket)
    if held.reproducer is None:
        raise NothingToRun(
            "There is no script to run.", remedy="Ask for one: the ticket shows a template."
        )
    experiment = start_experiment(
        reproducer=held.reproducer,
        organization=held.organization,
        releases=[*(releases or _default_releases(held))],
        python=held.python_version,
        requested_by=actor,
        now=now,
    )
    TicketExperiment.objects.create(ticket=held, experiment=experiment)
    if not experiment.is_open:
        # Nothing of it could be prepared: it ended before it was known to be the ticket's.
        note_end(experiment=experiment, now=now)
    return experiment


def rerun_on(*, ticket: Ticket, release: str, actor: User, now: datetime) -> Experiment:
    """Run the ticket's script on one more release. Raises `NothingToRun` and `ReleaseRefused`."""
    wanted = release.strip()
    if not wanted:
        raise ReleaseRefused("No release was named.", remedy="Name one such as 2024.12.1.")
    return request_experiment(ticket=ticket, actor=actor, releases=[wanted], now=now)


def cancel_experiment(*, experiment: Experiment, actor: User, now: datetime) -> Experiment:
    """End a run of a ticket without an answer. Raises `ExperimentOver`."""
    return cancel_run(experiment=experiment, actor=actor, now=now)


@transaction.atomic
def note_end(*, experiment: Experiment, now: datetime) -> TicketEvent | None:
    """Write down what an experiment came to and tell the tracker; None where it is no ticket's.

    Runs inside the transaction that ended the experiment, so it only writes rows.
    """
    link = TicketExperiment.objects.select_related("ticket").filter(experiment=experiment).first()
    if link is None:
        return None
    ticket = locked(link.ticket)
    event = note_event(
        ticket=ticket,
        kind=TicketEvent.Kind.EXPERIMENT,
        at=now,
        actor=experiment.cancelled_by,
        value=str(experiment.pk),
        note=_told(experiment, ticket),
    )
    tell_tracker(ticket=ticket, now=now)
    return event


def _default_releases(ticket: Ticket) -> list[str]:
    return [ticket.dask_release, NEWEST] if ticket.dask_release else [NEWEST]


def _told(experiment: Experiment, ticket: Ticket) -> str:
    if experiment.state == Experiment.State.CANCELLED:
        return f"Experiment {experiment.pk} was cancelled."
    if experiment.reproducer_id != ticket.reproducer_id:
        return f"Experiment {experiment.pk} ended; a newer script has taken its place."
    own = [finding_of(trial) for trial in experiment.trials.defer("job").order_by("position")]
    sentence = sentence_of(findings=own, reported=ticket.dask_release)
    return f"Experiment {experiment.pk}: {sentence.text}"
