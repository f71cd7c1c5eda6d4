"""Contracts: what an organization bought, from when until when."""

from datetime import date, datetime
from http import HTTPStatus

from django.db import transaction

from contracts.domain.calendars import require_zone
from contracts.domain.roles import require_manager
from contracts.models import Contract, Organization, User
from contracts.signals import contract_changed
from web.constraints import refusals
from web.errors import HeadwaterError

_PROMISED = ("starts_on", "ends_on", "zone", "signed_at", "sla_policy_id", "organization_id")


class ContractRefused(HeadwaterError):
    """The contract makes no sense, or what was signed would change behind the signature."""

    code = "contract-refused"
    status = HTTPStatus.CONFLICT


def contract_in_force(*, organization: Organization, now: datetime) -> Contract | None:
    """The contract that counts at that instant; of several, the one that began last."""
    contracts = Contract.objects.filter(organization=organization).in_force(now)
    return contracts.select_related("sla_policy__calendar").order_by("-starts_on", "-id").first()


@transaction.atomic
def save_contract(*, actor: User | None, contract: Contract) -> Contract:
    """Keep a contract as filled in, new or changed; who depends on it is told.

    Raises `ContractRefused`, `NotUnderstood` and `ManagersOnly`.
    """
    require_manager(actor)
    require_zone(contract.zone, place="time zone")
    policy = contract.sla_policy
    if not (policy.versions.exists() and policy.calendar.versions.exists()):
        raise ContractRefused(
            f"The policy {policy} or its calendar has no version yet.",
            remedy="Publish its first version.",
        )
    before = Contract.objects.select_for_update().filter(pk=contract.pk).first()
    if before and before.signed_at and before.organization_id != contract.organization_id:
        raise ContractRefused(
            "A signed contract stays with its organization.", remedy="Draft another contract."
        )
    _save(contract)
    if contract.signed_at and (before is None or _promise(before) != _promise(contract)):
        contract_changed.send(sender=Contract, contract=contract)
    return contract


@transaction.atomic
def sign_contract(*, actor: User | None, contract: Contract, now: datetime) -> Contract:
    """From its first day on, the contract is in force. Raises `ContractRefused` if it was."""
    require_manager(actor)
    signed = Contract.objects.filter(pk=contract.pk, signed_at=None).update(signed_at=now)
    if not signed:
        raise ContractRefused("This contract has been signed already.")
    contract.refresh_from_db()
    contract_changed.send(sender=Contract, contract=contract)
    return contract


@transaction.atomic
def end_contract(*, actor: User | None, contract: Contract, ends_on: date) -> Contract:
    """The contract is in force until before `ends_on`. Raises `ContractRefused`."""
    require_manager(actor)
    contract.ends_on = ends_on
    return save_contract(actor=actor, contract=contract)


def _save(contract: Contract) -> None:
    backwards = ContractRefused("A contract ends after it starts.", remedy="Choose a later end.")
    with refusals({"a_contract_ends_after_it_starts": backwards}):
        contract.save()


def _promise(contract: Contract) -> tuple[object, ...]:
    return tuple(getattr(contract, field) for field in _PROMISED)
