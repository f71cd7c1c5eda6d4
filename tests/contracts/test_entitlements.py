"""One answer to "may this person do this now?"."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.domain.entitlements import (
    Entitlement,
    NotEntitled,
    Reason,
    contacts_of,
    may_open_ticket,
    may_write,
)
from contracts.domain.service_levels import current_policy_version
from contracts.models import Contract, Project, User
from tests.factories import (
    NOW,
    make_contract,
    make_engineer,
    make_organization,
    make_project,
    make_seat,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def project() -> Project:
    return make_project(name="Fraud models")


@pytest.fixture
def contract(project: Project) -> Contract:
    return make_contract(project.organization)


@pytest.fixture
def holder(project: Project, contract: Contract) -> User:
    return make_seat(
        make_user("Alice Ode", organization=project.organization), project=project
    ).user


def test_a_seat_and_a_contract_open_a_ticket(
    holder: User, project: Project, contract: Contract
) -> None:
    assert may_open_ticket(user=holder, project=project, now=NOW) == Entitlement(
        allowed=True,
        reason=Reason.SEAT,
        project=project,
        policy_version=current_policy_version(contract.sla_policy),
    )


def test_without_a_project_it_is_that_of_the_oldest_seat(holder: User, project: Project) -> None:
    make_seat(holder, project=make_project(project.organization), starts_at=NOW - DAY)
    assert may_open_ticket(user=holder, now=NOW).project == project


def test_the_policy_is_the_newest_version_of_the_contract_that_began_last(
    holder: User, contract: Contract
) -> None:
    newer = make_contract(contract.organization, starts_on=NOW.date())
    entitlement = may_open_ticket(user=holder, now=NOW)
    assert entitlement.policy_version == current_policy_version(newer.sla_policy)


def test_a_colleague_without_a_seat_is_told_whom_to_ask(holder: User, project: Project) -> None:
    make_seat(make_user("Zoe Ash", organization=project.organization), project=project)
    colleague = make_user(organization=project.organization)
    assert may_open_ticket(user=colleague, now=NOW) == Entitlement(
        allowed=False,
        reason=Reason.NO_SEAT,
        message="You hold no seat.",
        remedy="Please ask one of your contacts: Alice Ode, Zoe Ash.",
        contacts=("Alice Ode", "Zoe Ash"),
    )


def test_a_seat_on_another_project_opens_nothing_there(holder: User, project: Project) -> None:
    other = make_project(project.organization, name="Risk reports")
    entitlement = may_open_ticket(user=holder, project=other, now=NOW)
    assert (entitlement.reason, entitlement.message) == (
        Reason.NO_SEAT,
        "You hold no seat on Risk reports.",
    )


def test_a_seat_that_has_ended_opens_nothing(holder: User, project: Project) -> None:
    former = make_user(organization=project.organization)
    make_seat(former, project=project, ends_at=NOW)
    assert may_open_ticket(user=former, project=project, now=NOW) == Entitlement(
        allowed=False,
        reason=Reason.SEAT_ENDED,
        message="Your seat on Fraud models has ended.",
        remedy="Please ask one of your contacts: Alice Ode.",
        contacts=("Alice Ode",),
    )


def test_a_seat_that_has_not_begun_opens_nothing_yet(project: Project, contract: Contract) -> None:
    soon = make_user(organization=project.organization)
    make_seat(soon, project=project, starts_at=NOW + DAY)
    assert not may_open_ticket(user=soon, now=NOW).allowed
    assert may_open_ticket(user=soon, now=NOW + DAY).allowed


def test_where_nobody_holds_a_seat_the_manager_is_asked(
    project: Project, contract: Contract
) -> None:
    colleague = make_user(organization=project.organization)
    assert may_open_ticket(user=colleague, now=NOW).remedy == (
        "Please ask your manager to have a seat assigned."
    )


CONTRACTS_OUT_OF_FORCE: dict[str, dict[str, object]] = {
    "a draft": {"signed_at": None},
    "one that has ended": {"ends_on": date(2026, 11, 16)},
    "one that has not begun": {"starts_on": date(2026, 11, 17)},
}


@pytest.mark.parametrize("sentence", CONTRACTS_OUT_OF_FORCE)
def test_a_contract_out_of_force_opens_nothing(sentence: str, project: Project) -> None:
    make_contract(project.organization, **CONTRACTS_OUT_OF_FORCE[sentence])  # type: ignore[arg-type]
    holder = make_seat(project=project).user
    entitlement = may_open_ticket(user=holder, project=project, now=NOW)
    assert (entitlement.allowed, entitlement.reason) == (False, Reason.NO_CONTRACT)


def test_the_days_of_a_contract_begin_in_its_own_zone(project: Project) -> None:
    make_contract(project.organization, starts_on=date(2027, 1, 1), zone="America/New_York")
    holder = make_seat(project=project).user
    midnight = datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert not may_open_ticket(user=holder, now=midnight - timedelta(seconds=1)).allowed
    assert may_open_ticket(user=holder, now=midnight).allowed


def test_staff_open_tickets_for_anybody(project: Project, contract: Contract) -> None:
    engineer = make_engineer()
    assert may_open_ticket(user=engineer, project=project, now=NOW) == Entitlement(
        allowed=True,
        reason=Reason.STAFF,
        project=project,
        policy_version=current_policy_version(contract.sla_policy),
    )
    elsewhere = may_open_ticket(user=engineer, organization=make_organization(), now=NOW)
    assert (elsewhere.allowed, elsewhere.policy_version) == (True, None)
    assert may_open_ticket(user=engineer, now=NOW).allowed


def test_a_closed_account_may_do_nothing(holder: User, project: Project) -> None:
    engineer = make_engineer()
    for person in (holder, engineer):
        person.is_active = False
        assert may_open_ticket(user=person, project=project, now=NOW).reason == Reason.INACTIVE
        written = may_write(user=person, organization=project.organization, now=NOW)
        assert written.reason == Reason.INACTIVE


def test_another_organization_is_none_of_theirs(holder: User) -> None:
    elsewhere = make_project()
    assert may_open_ticket(user=holder, project=elsewhere, now=NOW).reason == Reason.NOT_THEIRS
    written = may_write(user=holder, organization=elsewhere.organization, now=NOW)
    assert written.reason == Reason.NOT_THEIRS


def test_a_customer_without_an_organization_may_do_nothing(project: Project) -> None:
    stray = make_user()
    stray.organization = None
    assert may_open_ticket(user=stray, now=NOW).reason == Reason.NOT_THEIRS


def test_any_seat_of_the_organization_writes_on_its_tickets(
    holder: User, project: Project, contract: Contract
) -> None:
    other = make_project(project.organization)
    assert may_write(
        user=holder, organization=project.organization, project=other, now=NOW
    ) == Entitlement(
        allowed=True,
        reason=Reason.SEAT,
        project=other,
        policy_version=current_policy_version(contract.sla_policy),
    )
    without = may_write(user=holder, organization=project.organization, now=NOW)
    assert without.project == project


def test_staff_write_everywhere(project: Project) -> None:
    written = may_write(user=make_engineer(), organization=project.organization, now=NOW)
    assert (written.allowed, written.reason) == (True, Reason.STAFF)


def test_a_colleague_who_writes_is_told_the_contacts_of_that_project_first(
    holder: User, project: Project
) -> None:
    other = make_project(project.organization)
    make_seat(make_user("Ben Low", organization=project.organization), project=other)
    colleague = make_user(organization=project.organization)
    written = may_write(user=colleague, organization=project.organization, project=other, now=NOW)
    assert written.contacts == ("Ben Low",)


def test_contacts_are_those_of_the_organization_where_the_project_has_none(
    holder: User, project: Project
) -> None:
    deserted = make_project(project.organization)
    contacts = contacts_of(organization=project.organization, project=deserted, now=NOW)
    assert contacts == ("Alice Ode",)


def test_contacts_are_named_once_and_only_while_active(holder: User, project: Project) -> None:
    make_seat(holder, project=make_project(project.organization))
    gone = make_seat(make_user("Gone", organization=project.organization), project=project).user
    gone.is_active = False
    gone.save()
    assert contacts_of(organization=project.organization, now=NOW) == ("Alice Ode",)


def test_a_yes_can_be_demanded_and_a_no_is_an_error(holder: User, project: Project) -> None:
    yes = may_open_ticket(user=holder, now=NOW)
    assert yes.demand() is yes
    no = may_open_ticket(user=make_user(organization=project.organization), now=NOW)
    with pytest.raises(NotEntitled) as refusal:
        no.demand()
    assert refusal.value.entitlement == no
    assert (refusal.value.message, refusal.value.remedy) == (no.message, no.remedy)
