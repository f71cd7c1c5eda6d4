"""Each hostile script, run by the engine's own door: what a safe run shows, and nothing is left."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from reproducers.engine.protections import Protection
from reproducers.engine.tries import folder_of_a_try
from tests.engine.hostile import attacks
from tests.engine.hostile.attacks import Attack
from tests.engine.hostile.door import StandardLibrary, shown
from tests.engine.hostile.footprint import footprint, is_soon
from tests.engine.sandbox.remains import abandoned

pytestmark = pytest.mark.sandbox

SAMPLE = (
    *("files_of_the_host", "forged_exception", "forks", "hosts_loopback", "links_in_output"),
    *("memory_of_many", "poison_the_environment", "secrets_in_variables", "status_of_a_signal"),
    "user_namespace",
)
RUN = [name for name in attacks.names() if not attacks.attack(name).alone]
MARKED = [name if name in SAMPLE else pytest.param(name, marks=pytest.mark.soak) for name in RUN]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the environment of all scripts lies."""
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture
def unharmed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What was there before is there afterwards, and nothing else."""
    monkeypatch.setenv("REPRO_HOME", str(folder / "home"))
    StandardLibrary(folder)
    with folder_of_a_try():
        pass  # what the first of them makes for all others is there
    before, others = footprint(folder), abandoned()  # of hosts that other tests have killed
    yield
    assert footprint(folder) == before
    assert is_soon(lambda: not set(abandoned()) - set(others))


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("name", MARKED)
def test_a_safe_run_shows_what_it_has_to(name: str, folder: Path) -> None:
    attack = attacks.attack(name)
    if attack.machine not in {None, platform.machine()}:
        pytest.skip(f"is code for {attack.machine}")
    seen = shown(attack, folder)
    assert not seen.is_as(attack.harm), seen.says[-2000:]
    assert seen.is_as(attack.safe), (seen.verdict, seen.reason, seen.says[-2000:])


def test_the_suite_has_at_least_forty_scripts() -> None:
    assert len(attacks.names()) >= 40


@pytest.mark.parametrize(
    "attack", [attacks.attack(name) for name in attacks.names()], ids=attacks.names()
)
def test_each_script_says_what_it_does_and_what_stops_it(attack: Attack) -> None:
    assert attack.what.endswith(".")
    assert bool(attack.attacks) != bool(attack.guard)


@pytest.mark.parametrize("protection", Protection)
def test_each_protection_is_attacked(protection: Protection) -> None:
    assert attacks.on(protection)
