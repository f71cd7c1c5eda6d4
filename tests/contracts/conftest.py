"""Fixtures of the tests of contracts."""

from collections.abc import Iterator

import pytest

from contracts.models import Contract
from contracts.signals import contract_changed


@pytest.fixture
def told() -> Iterator[list[Contract]]:
    """The contracts that `contract_changed` has named."""
    contracts: list[Contract] = []

    def note(contract: Contract, **_: object) -> None:
        contracts.append(contract)

    contract_changed.connect(note, weak=False, dispatch_uid="test")
    yield contracts
    contract_changed.disconnect(dispatch_uid="test")
