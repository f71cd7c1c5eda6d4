"""Fixtures of the tests of contracts."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from contracts.models import Contract
from contracts.signals import contract_changed


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """A safe hash takes a third of a second, and nothing here depends on which one it is."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def told() -> Iterator[list[Contract]]:
    """The contracts that `contract_changed` has named."""
    contracts: list[Contract] = []

    def note(contract: Contract, **_: object) -> None:
        contracts.append(contract)

    contract_changed.connect(note, weak=False, dispatch_uid="test")
    yield contracts
    contract_changed.disconnect(dispatch_uid="test")
