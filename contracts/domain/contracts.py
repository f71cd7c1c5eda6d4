"""Contracts: signing, changing and ending them."""

from datetime import datetime

from contracts.models import Contract, Organization


def contract_in_force(*, organization: Organization, now: datetime) -> Contract | None:
    """The contract that counts at that instant; of several, the one that began last."""
    contracts = Contract.objects.filter(organization=organization).in_force(now)
    return contracts.select_related("sla_policy__calendar").order_by("-starts_on", "-id").first()
