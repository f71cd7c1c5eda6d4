"""Contracts."""

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from contracts.admin.actor import actor_of
from contracts.domain.contracts import save_contract, sign_contract
from contracts.models import Contract
from web.admin import ManagedAdmin


@admin.register(Contract)
class ContractAdmin(ManagedAdmin[Contract]):
    fields = [
        "organization",
        "kind",
        "starts_on",
        "ends_on",
        "zone",
        "sla_policy",
        "monthly_minutes",
        "seats_per_project",
        "annual_value_cents",
        "currency",
        "signed_at",
    ]
    readonly_fields = ["signed_at"]
    list_display = ["organization", "kind", "starts_on", "ends_on", "sla_policy", "signed_at"]
    list_filter = ["kind", "sla_policy"]
    list_select_related = ["organization", "sla_policy"]
    search_fields = ["organization__name"]
    autocomplete_fields = ["organization", "sla_policy"]
    date_hierarchy = "ends_on"
    actions = ["sign"]

    def save(
        self, request: HttpRequest, row: Contract, form: ModelForm[Contract], *, is_new: bool
    ) -> None:
        save_contract(actor=actor_of(request), contract=row)

    @admin.action(description="Sign", permissions=["change"])
    def sign(self, request: HttpRequest, contracts: QuerySet[Contract]) -> None:
        actor, now = actor_of(request), timezone.now()
        for contract in contracts:
            verb = partial(sign_contract, actor=actor, contract=contract, now=now)
            self.act(request, f"Signed: {contract}.", verb)
