"""Which role of ours may do what."""

from http import HTTPStatus

from contracts.models import User
from web.errors import HeadwaterError


class ManagersOnly(HeadwaterError):
    code = "managers-only"
    status = HTTPStatus.FORBIDDEN


def require_manager(actor: User | None) -> None:
    """Pass for a support manager and for the system itself (`actor` None: set-up, demo data)."""
    if actor is None or (actor.is_active and actor.is_manager):
        return
    raise ManagersOnly(
        "This needs the role of a support manager.", remedy="Ask a support manager to do it."
    )
