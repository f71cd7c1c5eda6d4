"""Signing, changing and ending what was bought; organizations and their projects."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from contracts.domain.calendars import NotUnderstood
from contracts.domain.contracts import (
    ContractRefused,
    contract_in_force,
    end_contract,
    save_contract,
    sign_contract,
)
from contracts.domain.organizations import NameTaken, save_organization, save_project
from contracts.domain.roles import ManagersOnly
from contracts.models import (
    BusinessCalendar,
    Contract,
    Organization,
    Project,
    SlaPolicy,
)
from tests.factories import (
    NOW,
    make_calendar,
    make_contract,
    make_engineer,
    make_manager,
    make_organization,
    make_policy,
    make_project,
)

pytestmark = pytest.mark.django_db


def draft(organization: Organization | None = None, **fields: object) -> Contract:
    values = {
        "sla_policy": make_policy(),
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 1, 1),
        "monthly_minutes": 600,
    } | fields
    return Contract(organization=organization or make_organization(), **values)


def test_a_draft_is_not_in_force_until_it_is_signed(told: list[Contract]) -> None:
    contract = save_contract(actor=make_manager(), contract=draft())
    assert contract_in_force(organization=contract.organization, now=NOW) is None
    assert told == []
    sign_contract(actor=make_manager(), contract=contract, now=NOW)
    assert contract_in_force(organization=contract.organization, now=NOW) == contract
    assert (told, contract.signed_at) == ([contract], NOW)


def test_a_contract_is_signed_once(told: list[Contract]) -> None:
    contract = make_contract()
    with pytest.raises(ContractRefused, match="signed already"):
        sign_contract(actor=None, contract=contract, now=NOW)
    assert told == []


CHANGES: dict[str, tuple[str, Callable[[], object], bool]] = {
    "its end": ("ends_on", lambda: date(2099, 1, 1), True),
    "its beginning": ("starts_on", lambda: date(2021, 1, 1), True),
    "its zone": ("zone", lambda: "America/New_York", True),
    "its policy": ("sla_policy", make_policy, True),
    "its hours": ("monthly_minutes", lambda: 120, False),
}


@pytest.mark.parametrize("sentence", CHANGES)
def test_a_changed_promise_is_told(sentence: str, told: list[Contract]) -> None:
    field, value, is_told = CHANGES[sentence]
    contract = make_contract()
    setattr(contract, field, value())
    save_contract(actor=None, contract=contract)
    assert told == ([contract] if is_told else [])


def test_a_draft_changes_silently(told: list[Contract]) -> None:
    contract = make_contract(signed_at=None)
    contract.ends_on = date(2099, 1, 1)
    save_contract(actor=None, contract=contract)
    assert told == []


def test_a_contract_is_ended(told: list[Contract]) -> None:
    contract = make_contract()
    end_contract(actor=make_manager(), contract=contract, ends_on=NOW.date())
    assert contract_in_force(organization=contract.organization, now=NOW) is None
    assert (
        contract_in_force(organization=contract.organization, now=NOW - timedelta(days=1))
        == contract
    )
    assert told == [contract]


def test_a_contract_ends_after_it_starts(told: list[Contract]) -> None:
    contract = make_contract()
    with pytest.raises(ContractRefused, match="ends after it starts"):
        end_contract(actor=None, contract=contract, ends_on=contract.starts_on)
    assert told == []


def test_a_signed_contract_stays_with_its_organization() -> None:
    contract = make_contract()
    contract.organization = make_organization()
    with pytest.raises(ContractRefused, match="stays with its organization"):
        save_contract(actor=None, contract=contract)


def test_a_contract_without_a_real_zone_is_refused() -> None:
    with pytest.raises(NotUnderstood):
        save_contract(actor=None, contract=draft(zone="Berlin"))


def test_a_contract_promises_something() -> None:
    hourless = BusinessCalendar.objects.create(name="Hourless")
    bare = SlaPolicy.objects.create(name="Bare", calendar=make_calendar())
    unmeasured = make_policy(calendar=hourless)
    for policy in (bare, unmeasured):
        with pytest.raises(ContractRefused, match="has no version yet"):
            save_contract(actor=None, contract=draft(sla_policy=policy))


def test_of_several_in_force_the_one_that_began_last_counts() -> None:
    organization = make_organization()
    later = make_contract(organization, starts_on=date(2026, 2, 1))
    make_contract(organization, starts_on=date(2026, 1, 1))
    make_contract(starts_on=date(2026, 3, 1))
    assert contract_in_force(organization=organization, now=NOW) == later


def test_an_organization_is_named_once_whatever_its_letters() -> None:
    save_organization(actor=make_manager(), organization=Organization(name="Kestrel", slug="k"))
    for other in (Organization(name="KESTREL", slug="o"), Organization(name="Other", slug="k")):
        with pytest.raises(NameTaken):
            save_organization(actor=None, organization=other)
    assert Organization.objects.count() == 1


def test_a_project_is_named_once_in_its_organization() -> None:
    project = make_project(slug="fraud")
    again = Project(organization=project.organization, name="Fraud", slug="fraud")
    with pytest.raises(NameTaken, match="short name fraud"):
        save_project(actor=None, project=again)
    elsewhere = Project(organization=make_organization(), name="Fraud", slug="fraud")
    assert save_project(actor=make_manager(), project=elsewhere).pk


def test_engineers_change_no_contracts() -> None:
    engineer, contract = make_engineer(), make_contract()
    refused: list[Callable[[], object]] = [
        lambda: save_contract(actor=engineer, contract=contract),
        lambda: sign_contract(actor=engineer, contract=contract, now=NOW),
        lambda: end_contract(actor=engineer, contract=contract, ends_on=NOW.date()),
        lambda: save_organization(actor=engineer, organization=contract.organization),
        lambda: save_project(actor=engineer, project=make_project()),
    ]
    for verb in refused:
        with pytest.raises(ManagersOnly):
            verb()
