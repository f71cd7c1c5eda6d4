"""Tickets, clocks, trackers and upstream issues."""

from support.models.clocks import Cycle
from support.models.evidence import TicketExperiment
from support.models.tickets import Attachment, Draft, Message, Ticket, TicketEvent
from support.models.trackers import Delivery, OutgoingChange, TrackedIssue, Tracker
from support.models.upstream import UpstreamIssue, UpstreamLink

__all__ = [
    "Attachment",
    "Cycle",
    "Delivery",
    "Draft",
    "Message",
    "OutgoingChange",
    "Ticket",
    "TicketEvent",
    "TicketExperiment",
    "TrackedIssue",
    "Tracker",
    "UpstreamIssue",
    "UpstreamLink",
]
