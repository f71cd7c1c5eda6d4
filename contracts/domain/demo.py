"""The people, organizations and contracts of the demonstration, all invented.

Everything is dated relative to `now`. Their password stands on the sign-in page, so they are only
ever filled into a database that is thrown away or that somebody asked for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from contracts.domain.contracts import save_contract, sign_contract
from contracts.domain.organizations import save_organization, save_project
from contracts.domain.people import save_person
from contracts.domain.seats import end_seat, grant_seat
from contracts.domain.service_levels import (
    publish_calendar_version,
    publish_policy_version,
    save_calendar,
    save_policy,
)
from contracts.models import (
    BusinessCalendar,
    Contract,
    Organization,
    Project,
    SlaPolicy,
    User,
)

PASSWORD = "headwater-demo"  # noqa: S105 -- shown on the sign-in page


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Somebody to look at the product as."""

    email: str
    name: str
    who: str


LOGINS = (
    DemoLogin("ines@bank.example", "Ines Okafor", "customer, a seat at the bank"),
    DemoLogin("sam@bank.example", "Sam Osei", "customer, a colleague without a seat"),
    DemoLogin("dana@bank.example", "Dana Kim", "customer, whose seat has ended"),
    DemoLogin("lena@climate.example", "Lena Vos", "customer, a seat at the climate laboratory"),
    DemoLogin("ravi@shop.example", "Ravi Menon", "customer, a seat at the retailer"),
    DemoLogin("mira@headwater.example", "Mira Holt", "support engineer"),
    DemoLogin("jon@headwater.example", "Jon Abel", "support manager"),
)

_OTHERS = (
    DemoLogin("paul@bank.example", "Paul Renner", ""),
    DemoLogin("ana@shop.example", "Ana Ruiz", ""),
    DemoLogin("teo@headwater.example", "Teo Lind", ""),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What was filled in, for those who build on it: people by first name, projects by name."""

    people: dict[str, User]
    projects: dict[str, Project]
    organizations: dict[str, Organization]


def demo_logins() -> list[DemoLogin]:
    """Who of them can sign in here."""
    emails = [login.email for login in LOGINS]
    known = set(
        User.objects.filter(email__in=emails, is_active=True).values_list("email", flat=True)
    )
    return [login for login in LOGINS if login.email in known]


@transaction.atomic
def fill_demo_contracts(*, now: datetime) -> Demo:
    """Three customers with their people, projects, seats and contracts."""
    organizations = _organizations()
    people = _people(organizations)
    manager = people["jon"]
    policies = _policies(manager, now)
    _contracts(manager, organizations, policies, now)
    projects = _projects(manager, organizations)
    _seats(manager, people, projects, now)
    return Demo(people=people, projects=projects, organizations=organizations)


def _organizations() -> dict[str, Organization]:
    named = {
        "bank": Organization(
            name="Kestrel Bank", slug="kestrel-bank", aliases=["kestrel", "kestrel.example"]
        ),
        "climate": Organization(
            name="Northshore Climate Laboratory", slug="northshore", may_be_named=True
        ),
        "shop": Organization(name="Brightcart", slug="brightcart", may_be_named=True),
    }
    for organization in named.values():
        save_organization(actor=None, organization=organization)
    return named


def _people(organizations: dict[str, Organization]) -> dict[str, User]:
    password = make_password(PASSWORD)  # once: a hash takes its time
    people = {}
    for login in LOGINS + _OTHERS:
        first_name, host = login.email.removesuffix(".example").split("@")
        role = _ROLES.get(first_name, User.Role.CUSTOMER)
        people[first_name] = save_person(
            actor=None,
            person=User(
                email=login.email,
                name=login.name,
                role=role,
                organization=organizations.get(host),
                password=password,
            ),
        )
    return people


_ROLES = {"mira": User.Role.ENGINEER, "teo": User.Role.ENGINEER, "jon": User.Role.MANAGER}


def _policies(manager: User, now: datetime) -> dict[str, SlaPolicy]:
    year = now.year
    closed = [f"{y}-{day}" for y in (year, year + 1) for day in ("12-25", "12-26", "01-01")]
    office = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = save_calendar(actor=manager, calendar=BusinessCalendar(name="Berlin office hours"))
    words = {"zone": "Europe/Berlin", "weekly": office, "closed": sorted(closed)}
    began = now - timedelta(days=400)
    publish_calendar_version(actor=manager, calendar=calendar, document=words, now=began)
    return {
        name: _policy(manager, calendar, name, targets, began) for name, targets in _TARGETS.items()
    }


def _policy(
    manager: User,
    calendar: BusinessCalendar,
    name: str,
    targets: dict[str, dict[str, str]],
    began: datetime,
) -> SlaPolicy:
    policy = save_policy(actor=manager, policy=SlaPolicy(name=name, calendar=calendar))
    document = {"targets": targets}
    publish_policy_version(actor=manager, policy=policy, document=document, now=began)
    return policy


_TARGETS = {
    "Four hours": {
        "urgent": {"first_response": "1h", "next_response": "4h"},
        "high": {"first_response": "4h", "next_response": "8h"},
        "normal": {"first_response": "8h", "next_response": "16h"},
        "low": {"first_response": "16h", "next_response": "40h"},
    },
    "Two days": {
        "urgent": {"first_response": "8h", "next_response": "16h"},
        "high": {"first_response": "16h", "next_response": "24h"},
        "normal": {"first_response": "16h", "next_response": "40h"},
    },
}


def _contracts(
    manager: User,
    organizations: dict[str, Organization],
    policies: dict[str, SlaPolicy],
    now: datetime,
) -> None:
    today, four_hours, two_days = now.date(), policies["Four hours"], policies["Two days"]
    bank = Contract(
        sla_policy=four_hours,
        starts_on=today - timedelta(days=335),
        ends_on=today + timedelta(days=30),
        monthly_minutes=600,
        annual_value_cents=48_000_00,
    )
    climate = Contract(
        kind=Contract.Kind.GRANT,
        sla_policy=two_days,
        starts_on=today - timedelta(days=240),
        ends_on=today + timedelta(days=490),
        monthly_minutes=120,
        seats_per_project=1,
        annual_value_cents=9_000_00,
    )
    shop = Contract(
        sla_policy=four_hours,
        starts_on=today - timedelta(days=190),
        ends_on=today + timedelta(days=175),
        monthly_minutes=480,
        annual_value_cents=60_000_00,
        currency="USD",
        zone="America/New_York",
    )
    for name, contract in {"bank": bank, "climate": climate, "shop": shop}.items():
        contract.organization = organizations[name]
        save_contract(actor=manager, contract=contract)
        sign_contract(actor=manager, contract=contract, now=now - timedelta(days=340))


def _projects(manager: User, organizations: dict[str, Organization]) -> dict[str, Project]:
    named = {
        "fraud": Project(name="Fraud models", slug="fraud", dask_release="2025.5.1"),
        "risk": Project(name="Risk reports", slug="risk", dask_release="2024.8.0"),
        "ocean": Project(name="Ocean reanalysis", slug="ocean", dask_release="2025.1.0"),
        "demand": Project(name="Demand forecast", slug="demand", dask_release="2025.7.0"),
    }
    owners = {"fraud": "bank", "risk": "bank", "ocean": "climate", "demand": "shop"}
    for name, project in named.items():
        project.organization = organizations[owners[name]]
        project.python_version = "3.11"
        save_project(actor=manager, project=project)
    return named


def _seats(
    manager: User, people: dict[str, User], projects: dict[str, Project], now: datetime
) -> None:
    began, changed = now - timedelta(days=180), now - timedelta(days=40)
    held = {"ines": "fraud", "dana": "fraud", "lena": "ocean", "ravi": "demand", "ana": "demand"}
    for name, project in held.items():
        grant_seat(actor=manager, user=people[name], project=projects[project], now=began)
    danas = people["dana"].seats.get()
    end_seat(actor=manager, seat=danas, now=changed)
    for project in ("fraud", "risk"):
        grant_seat(actor=manager, user=people["paul"], project=projects[project], now=changed)
