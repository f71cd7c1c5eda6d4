"""What a person may see. Whatever is not theirs is not found, and nothing tells that it exists.

Experiments, trials and files are reached only through their ticket: a hidden ticket hides its runs.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

from contracts.models import User
from reproducers.models import Artifact, Experiment, Trial
from support.models import Attachment, Message, Ticket

LARGEST_KEY = 2**63 - 1
Key = int | str
M = TypeVar("M", bound=Model)


def ticket_for(user: User, pk: Key) -> Ticket:
    """The ticket, with what pages name of it. Raises `Http404`."""
    tickets = Ticket.objects.visible_to(user).select_related(
        "organization", "project", "assignee", "opened_by", "reproducer", "sla_policy_version"
    )
    return _only(tickets, pk=_key(pk))


def message_for(user: User, ticket_pk: Key, pk: Key) -> Message:
    """A message; an internal note only for staff. Raises `Http404`."""
    ticket = ticket_for(user, ticket_pk)
    return _only(Message.objects.filter(ticket=ticket).visible_to(user), pk=_key(pk))


def attachment_for(user: User, ticket_pk: Key, pk: Key) -> Attachment:
    """A file that came with a message that `user` may read. Raises `Http404`."""
    ticket = ticket_for(user, ticket_pk)
    readable = Message.objects.filter(ticket=ticket).visible_to(user)
    return _only(Attachment.objects.filter(message__in=readable), pk=_key(pk))


def experiment_for(user: User, ticket_pk: Key, pk: Key) -> Experiment:
    """Raises `Http404`."""
    ticket = ticket_for(user, ticket_pk)
    return _only(Experiment.objects.filter(ticket_experiment__ticket=ticket), pk=_key(pk))


def trial_for(user: User, ticket_pk: Key, pk: Key) -> Trial:
    """A trial, its experiment joined. Raises `Http404`."""
    ticket = ticket_for(user, ticket_pk)
    trials = Trial.objects.filter(experiment__ticket_experiment__ticket=ticket)
    return _only(trials.select_related("experiment__reproducer"), pk=_key(pk))


def artifact_for(user: User, ticket_pk: Key, trial_pk: Key, pk: Key) -> Artifact:
    """A file that a trial left. Raises `Http404`."""
    trial = trial_for(user, ticket_pk, trial_pk)
    return _only(Artifact.objects.filter(trial=trial), pk=_key(pk))


def _key(text: Key) -> int:
    """A key of a URL or a form as a number that a column can hold; nonsense is not found."""
    word = str(text)
    if not (word.isascii() and word.isdecimal()) or len(word) > 19 or int(word) > LARGEST_KEY:
        raise Http404
    return int(word)


def _only(rows: QuerySet[M], *, pk: int) -> M:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
