"""Fixtures of the engine's tests: a home and an index of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.indexes import Index, serving


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty REPRO_HOME."""
    folder = tmp_path / "home"
    monkeypatch.setenv("REPRO_HOME", str(folder))
    return folder


@pytest.fixture
def own_index(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An empty index on loopback, which REPRO_INDEX_URL names."""
    with serving() as index:
        monkeypatch.setenv("REPRO_INDEX_URL", f"{index.url}/simple")
        yield index
