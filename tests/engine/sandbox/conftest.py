"""Real sandboxes need root's or a user's namespaces; their launcher is measured as well."""

from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(autouse=True, scope="module")
def measured_launcher() -> Iterator[None]:
    """Where coverage is measured, measure the launcher too, which is a process of its own."""
    with pytest.MonkeyPatch.context() as patched:
        if coverage.Coverage.current() is not None:
            patched.setenv("COVERAGE_PROCESS_START", str(CHECKOUT / "pyproject.toml"))
        yield
