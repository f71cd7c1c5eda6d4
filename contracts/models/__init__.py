"""Organizations, people, contracts, seats, business calendars and SLA policies."""

from contracts.models.contracts import Contract
from contracts.models.organizations import Organization, Project, Seat
from contracts.models.people import PersonalToken, User
from contracts.models.service_levels import (
    BusinessCalendar,
    BusinessCalendarVersion,
    SlaPolicy,
    SlaPolicyVersion,
)

__all__ = [
    "BusinessCalendar",
    "BusinessCalendarVersion",
    "Contract",
    "Organization",
    "PersonalToken",
    "Project",
    "Seat",
    "SlaPolicy",
    "SlaPolicyVersion",
    "User",
]
