"""Each protection that docs/threats.md claims names a test, and the test is there."""

import re

from config import places

THREATS = places.CHECKOUT / "docs" / "threats.md"
TESTS = places.CHECKOUT / "tests"


def named() -> set[str]:
    return set(re.findall(r"`(test_\w+)", THREATS.read_text()))


def there() -> set[str]:
    files = list(TESTS.rglob("test_*.py"))
    functions = (re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE) for path in files)
    return {name for found in functions for name in found} | {path.stem for path in files}


def test_every_test_that_a_protection_names_is_there() -> None:
    assert len(named()) > 30
    assert named() - there() == set()
