"""Typed factories: each makes one row with everything it needs, and says what matters by name.

Contracts and seats run from 2020 to 2100 unless told otherwise, so that they are in force both at
`NOW` and for tests through the edges, which read the real clock.
"""

from datetime import UTC, date, datetime
from itertools import count

from contracts.models import (
    BusinessCalendar,
    BusinessCalendarVersion,
    Contract,
    Organization,
    Project,
    Seat,
    SlaPolicy,
    SlaPolicyVersion,
    User,
)

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
"""Monday 10:00 in Berlin, an hour after opening."""

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2100, 1, 1)
PASSWORD = "correct horse battery staple"

OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
HOUR = 3600
TARGETS = {
    "urgent": {"first_response": 1 * HOUR, "next_response": 2 * HOUR},
    "high": {"first_response": 4 * HOUR, "next_response": 8 * HOUR},
    "normal": {"first_response": 8 * HOUR, "next_response": 16 * HOUR},
    "low": {"first_response": 16 * HOUR, "next_response": 40 * HOUR},
}

_numbers = count(1)


def make_organization(name: str = "", **fields: object) -> Organization:
    number = next(_numbers)
    values = {"name": name or f"Organization {number}", "slug": f"organization-{number}"} | fields
    return Organization.objects.create(**values)


def make_project(organization: Organization | None = None, **fields: object) -> Project:
    number = next(_numbers)
    values = {"name": f"Project {number}", "slug": f"project-{number}"} | fields
    return Project.objects.create(organization=organization or make_organization(), **values)


def make_user(
    name: str = "",
    *,
    organization: Organization | None = None,
    email: str = "",
    password: str | None = None,
    **fields: object,
) -> User:
    """A customer's person; without `password` nobody can sign in as them."""
    number = next(_numbers)
    return User.objects.create_user(
        email or f"person-{number}@example.org",
        password,
        name=name or f"Person {number}",
        organization=organization or make_organization(),
        **fields,
    )


def make_engineer(name: str = "Mira Holt", *, password: str | None = None) -> User:
    return _make_staff(name, User.Role.ENGINEER, password)


def make_manager(name: str = "Jon Abel", *, password: str | None = None) -> User:
    return _make_staff(name, User.Role.MANAGER, password)


def _make_staff(name: str, role: User.Role, password: str | None) -> User:
    email = f"staff-{next(_numbers)}@example.org"
    return User.objects.create_user(email, password, name=name, role=role, is_staff=True)


def make_seat(
    user: User | None = None,
    *,
    project: Project | None = None,
    starts_at: datetime = LONG_AGO,
    ends_at: datetime | None = None,
) -> Seat:
    """Without a person, somebody of the project's organization; without either, somebody new."""
    if project is None:
        project = make_project(user.organization if user else None)
    user = user or make_user(organization=project.organization)
    return Seat.objects.create(user=user, project=project, starts_at=starts_at, ends_at=ends_at)


def make_calendar(
    *,
    zone: str = "Europe/Berlin",
    always: bool = False,
    weekly: dict[str, list[list[str]]] | None = None,
    closed: list[str] | None = None,
    valid_from: datetime = LONG_AGO,
) -> BusinessCalendar:
    """Monday to Friday 9 to 17 in Berlin, in one version."""
    calendar = BusinessCalendar.objects.create(name=f"Calendar {next(_numbers)}")
    BusinessCalendarVersion.objects.create(
        calendar=calendar,
        number=1,
        zone=zone,
        always=always,
        weekly={} if always else weekly or OFFICE_HOURS,
        closed=closed or [],
        valid_from=valid_from,
    )
    return calendar


def make_policy(
    *,
    calendar: BusinessCalendar | None = None,
    targets: dict[str, dict[str, int]] | None = None,
    **version: object,
) -> SlaPolicy:
    """A policy with one version; `targets` in seconds of open time."""
    policy = SlaPolicy.objects.create(
        name=f"Policy {next(_numbers)}", calendar=calendar or make_calendar()
    )
    values = {"created_at": LONG_AGO, "number": 1} | version
    SlaPolicyVersion.objects.create(policy=policy, targets=targets or TARGETS, **values)
    return policy


def make_contract(
    organization: Organization | None = None,
    *,
    policy: SlaPolicy | None = None,
    signed_at: datetime | None = LONG_AGO,
    starts_on: date = FIRST_DAY,
    ends_on: date = LAST_DAY,
    **fields: object,
) -> Contract:
    """A signed contract of ten hours a month; `signed_at=None` leaves it a draft."""
    values = {"monthly_minutes": 600} | fields
    return Contract.objects.create(
        organization=organization or make_organization(),
        sla_policy=policy or make_policy(),
        signed_at=signed_at,
        starts_on=starts_on,
        ends_on=ends_on,
        **values,
    )


def make_customer(name: str = "Alice Ode", *, password: str | None = None) -> User:
    """Somebody who may open tickets: a seat on a project, and a contract in force."""
    seat = make_seat(make_user(name, password=password))
    make_contract(seat.project.organization)
    return seat.user
