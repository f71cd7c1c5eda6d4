"""Where the engine keeps things, and which index it may read."""

import os
from pathlib import Path

import pytest

from reproducers.engine import places
from reproducers.engine.errors import EnvironmentServiceError, UsageError


def test_the_home_is_where_repro_home_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REPRO_HOME", str(tmp_path))
    assert places.home() == tmp_path


def test_root_keeps_things_outside_any_private_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert places.home() == Path("/var/cache/headwater")


def test_others_keep_things_in_their_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("REPRO_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert places.home() == tmp_path / "headwater"


def test_a_folder_is_made_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REPRO_HOME", str(tmp_path / "new"))
    assert places.folder("index") == tmp_path / "new" / "index"
    assert places.folder("index").is_dir()


def test_a_home_that_cannot_be_made_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("REPRO_HOME", str(tmp_path / "file"))
    with pytest.raises(EnvironmentServiceError, match="index cannot be made: Not a dir") as caught:
        places.folder("index")
    assert caught.value.remedy == "Point REPRO_HOME at a folder that you may write to."


def test_the_index_is_pypi_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_INDEX_URL", raising=False)
    assert places.index_url() == "https://pypi.org/simple"
    monkeypatch.setenv("REPRO_INDEX_URL", "http://127.0.0.1:3141/simple/")
    assert places.index_url() == "http://127.0.0.1:3141/simple"


def test_there_is_no_nightly_index_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_NIGHTLY_INDEX", raising=False)
    assert places.nightly_index_url() is None
    monkeypatch.setenv("REPRO_NIGHTLY_INDEX", "https://nightly.example/simple")
    assert places.nightly_index_url() == "https://nightly.example/simple"


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_INDEX_URL", "ftp://mirror.example")
    with pytest.raises(UsageError, match="REPRO_INDEX_URL is no http, https or file address"):
        places.index_url()


@pytest.mark.parametrize(
    "secret", ["https://me:word@mirror.example", "https://token@mirror.example"]
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("REPRO_INDEX_URL", secret)
    with pytest.raises(UsageError) as caught:
        places.index_url()
    assert str(caught.value) == "REPRO_INDEX_URL holds a user name or password"


def test_environments_have_a_bound_that_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_SIZE", raising=False)
    assert places.size_bytes() == 20 * 1024**3
    monkeypatch.setenv("REPRO_SIZE", "512 MiB")
    assert places.size_bytes() == 512 * 1024**2
    monkeypatch.setenv("REPRO_SIZE", "much")
    with pytest.raises(UsageError, match="REPRO_SIZE is no size: 'much' is not a size such as"):
        places.size_bytes()
