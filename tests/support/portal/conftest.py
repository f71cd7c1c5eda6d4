"""What every test of the portal's pages starts with."""

from collections.abc import Iterator

import pytest
import time_machine

from contracts.models import User
from tests.factories import NOW, make_customer, make_engineer


@pytest.fixture(autouse=True)
def _the_clock_stands(db: None) -> Iterator[None]:
    """Views read the clock: it shows NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def alice() -> User:
    """A seat holder whose contract is in force."""
    return make_customer("Alice Ode")


@pytest.fixture
def mira() -> User:
    return make_engineer("Mira Holt")
