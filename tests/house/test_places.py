"""Where the embedded engines live."""

import os
from pathlib import Path

import pytest

from config import places


def test_a_named_folder_is_taken_wherever_a_process_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_STATE", "somewhere")
    monkeypatch.chdir(tmp_path)
    assert places.state_folder() == tmp_path / "somewhere"


def test_root_uses_no_folder_of_a_private_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADWATER_STATE")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert places.state_folder().parent == Path("/var/lib/headwater")
    assert places.redis_socket().is_relative_to(places.state_folder())


def test_others_use_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADWATER_STATE")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert places.state_folder() == places.CHECKOUT / "var" / "state"


@pytest.mark.parametrize("named", ["/home/someone/" + "deep/" * 20, "/home/some one/state?x#y"])
def test_a_place_that_no_socket_may_have_gets_sockets_elsewhere(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_STATE", named)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert places.postgres_socket_folder().parent == Path("/tmp")
    assert len(bytes(places.postgres_socket_folder() / ".s.PGSQL.5432.lock")) <= 107
    assert places.postgres_socket_folder().name in places.database_url()
