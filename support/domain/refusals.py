"""What the verbs of tickets refuse, each with what to do instead."""

from http import HTTPStatus

from contracts.models import User
from web.errors import HeadwaterError


class StaffOnly(HeadwaterError):
    """This is the desk's to decide."""

    code = "staff-only"
    status = HTTPStatus.FORBIDDEN


class PriorityRefused(HeadwaterError):
    code = "priority-refused"


class StateRefused(HeadwaterError):
    """A ticket cannot be put into that state."""

    code = "state-refused"


class ProjectRefused(HeadwaterError):
    """The project is another organization's."""

    code = "project-refused"


class AssigneeRefused(HeadwaterError):
    """Only somebody of ours can have a ticket."""

    code = "assignee-refused"


class NothingAwaited(HeadwaterError):
    """Waiting on upstream names the public issue that is waited for (sla.md)."""

    code = "nothing-awaited"
    status = HTTPStatus.CONFLICT


def require_staff(actor: User) -> None:
    """Pass for somebody of ours. Raises `StaffOnly`."""
    if not (actor.is_staff and actor.is_active):
        raise StaffOnly("Only the desk can do this.", remedy="Write it in a message instead.")
