"""The suite is known to bite: without a protection, one of the scripts against it succeeds.

In a world of its own, which ends with the test.
"""

import os
import platform

import pytest

from reproducers.engine.protections import Protection
from tests.engine.hostile import attacks
from tests.engine.hostile.attacks import Attack
from tests.engine.hostile.elsewhere import shown_there

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(os.geteuid() != 0, reason="makes a world of its own, as root"),
]
MARKED = [
    one if one is Protection.NETWORK else pytest.param(one, marks=pytest.mark.soak)
    for one in Protection
]


def succeeds(attack: Attack, without: Protection) -> bool:
    """Whether it does without the protection, and does not with it."""
    then = "outlive" if attack.alone else "tell"
    (safe, left), (harmed, _) = shown_there(attack.name, [], [without], then=then)
    assert not safe.is_as(attack.harm), safe.says[-2000:]
    assert safe.is_as(attack.safe), (safe.verdict, safe.reason, safe.says[-2000:])
    assert left == []
    return harmed.is_as(attack.harm)


@pytest.mark.parametrize("protection", MARKED)
def test_without_it_one_of_its_scripts_succeeds(protection: Protection) -> None:
    fitting = [one for one in attacks.on(protection) if one.machine in {None, platform.machine()}]
    if not fitting:
        pytest.skip(f"no script against it is for {platform.machine()}")
    assert any(succeeds(attack, protection) for attack in fitting)
