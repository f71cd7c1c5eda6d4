"""What every change of a ticket ends with."""

from datetime import datetime

from support.domain.cycles import settle_clocks
from support.domain.telling import tell_tracker
from support.models import Ticket


def settle(*, ticket: Ticket, now: datetime) -> None:
    """Bring the clocks up to the facts, and let the tracker know."""
    settle_clocks(ticket=ticket, now=now)
    tell_tracker(ticket=ticket, now=now)
