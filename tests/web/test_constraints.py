"""A violated constraint becomes an error of ours."""

import pytest
from django.db import IntegrityError

from contracts.models import Organization
from tests.factories import make_organization
from web.constraints import refusals
from web.errors import HeadwaterError

pytestmark = pytest.mark.django_db
TAKEN = HeadwaterError("It is taken.", remedy="Take another.")


def twice() -> None:
    make_organization("Other")
    Organization.objects.create(name="KESTREL", slug="another")


def test_the_named_constraint_raises_its_error_and_undoes_the_block() -> None:
    make_organization("Kestrel")
    with pytest.raises(HeadwaterError, match="It is taken") as refusal:  # noqa: SIM117
        with refusals({"an_organization_is_named_once": TAKEN}):
            twice()
    assert isinstance(refusal.value.__cause__, IntegrityError)
    assert [str(organization) for organization in Organization.objects.all()] == ["Kestrel"]


def test_another_constraint_is_raised_as_it_is() -> None:
    make_organization("Kestrel")
    with pytest.raises(IntegrityError), refusals({"another": TAKEN}):
        twice()
    assert Organization.objects.count() == 1


def test_an_error_says_what_happened_and_what_to_do() -> None:
    assert str(TAKEN) == "It is taken. Take another."
    assert str(HeadwaterError("It is taken.")) == "It is taken."
