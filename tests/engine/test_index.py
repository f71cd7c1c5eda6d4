"""The index is asked once, believed within bounds, and not needed a second time."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from reproducers.engine import index as engine_index
from reproducers.engine.errors import EnvironmentServiceError
from reproducers.engine.index import Wheel, kept_wheels, wheels
from tests.engine.indexes import JSON, Index

DEAD = "http://127.0.0.1:9/simple"
NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)


def versions(found: tuple[Wheel, ...]) -> list[str]:
    return [wheel.version for wheel in found]


def grow_old(home: Path, *, hours: float) -> None:
    """Let whatever is kept have been written that long ago."""
    for path in (home / "index").iterdir():
        os.utime(path, (time.time() - hours * 3600,) * 2)


@pytest.mark.parametrize("speaks", ["json", "html"])
def test_wheels_are_read_from_json_and_from_pages(
    own_index: Index, speaks: Literal["json", "html"]
) -> None:
    own_index.speaks = speaks
    own_index.add("dask", "2024.1.0", requires_python=">=3.9,<4")
    own_index.add("dask", "2024.1.1", uploaded="2024-01-26T23:12:00.5+01:00", yanked="too <slow>")
    own_index.add("dask", "2024.2.0", yanked=True, tag="cp311-cp311-manylinux_2_17_x86_64")
    assert wheels("Dask") == (
        Wheel(
            version="2024.1.0",
            uploaded_at=NEW_YEAR,
            requires_python=">=3.9,<4",
            yanked=None,
            tags=("py3-none-any",),
        ),
        Wheel(
            version="2024.1.1",
            uploaded_at=datetime(2024, 1, 26, 22, 12, 0, 500_000, tzinfo=UTC),
            requires_python=None,
            yanked="too <slow>",
            tags=("py3-none-any",),
        ),
        Wheel(
            version="2024.2.0",
            uploaded_at=NEW_YEAR,
            requires_python=None,
            yanked="",
            tags=("cp311-cp311-manylinux_2_17_x86_64",),
        ),
    )


def test_what_cannot_be_used_is_left_out(own_index: Index) -> None:
    own_index.add("dask", "2024.1.0", requires_python="three")
    own_index.add("dask", "2024.1.1", uploaded=None)
    own_index.add("dask", "2024.1.2", uploaded="yesterday")
    for name in ("dask-2024.1.3.tar.gz", "dask-nonsense.whl"):
        own_index.projects["dask"].append(
            {"filename": name, "upload-time": "2024-01-01T00:00:00Z", "yanked": False}
        )
    [found] = wheels("dask")
    assert (found.version, found.requires_python) == ("2024.1.0", None)


def test_links_of_a_page_that_are_no_files_do_no_harm(own_index: Index) -> None:
    page = (
        b'<p>x</p><a>no address</a><a href="dask-1.0-py3-none-any.whl" '
        b'data-upload-time="2024-01-01T00:00:00Z">'
    )
    own_index.answers["/simple/dask/"] = (200, "text/html", page)
    assert versions(wheels("dask")) == ["1.0"]


def test_a_project_that_does_not_exist_has_no_wheels(own_index: Index) -> None:
    assert wheels("no-such-project") == ()


def test_what_was_listed_once_is_kept(own_index: Index) -> None:
    assert kept_wheels("dask") == ()
    own_index.add("dask", "2024.1.0")
    assert wheels("dask") == wheels("dask") == kept_wheels("dask")
    assert own_index.asked == ["/simple/dask/"]


def test_a_kept_list_is_read_again_when_it_is_old_or_when_told_to(
    own_index: Index, home: Path
) -> None:
    own_index.add("dask", "2024.1.0")
    wheels("dask")
    own_index.add("dask", "2024.1.1")
    assert versions(wheels("dask")) == ["2024.1.0"]
    assert versions(wheels("dask", refresh=True)) == ["2024.1.0", "2024.1.1"]
    own_index.add("dask", "2024.2.0")
    grow_old(home, hours=7)
    assert versions(wheels("dask")) == ["2024.1.0", "2024.1.1", "2024.2.0"]


def test_an_old_list_is_better_than_none_and_a_dead_index_is_not_asked_again_at_once(
    own_index: Index, home: Path
) -> None:
    own_index.add("dask", "2024.1.0")
    wheels("dask")
    grow_old(home, hours=7)
    own_index.answers["/simple/dask/"] = (503, "text/plain", b"")
    assert versions(wheels("dask")) == versions(wheels("dask")) == ["2024.1.0"]
    assert own_index.asked == ["/simple/dask/"] * 2


def test_each_index_has_a_list_of_its_own(
    own_index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_index.add("dask", "2024.1.0")
    wheels("dask")
    monkeypatch.setenv("REPRO_INDEX_URL", DEAD)
    assert kept_wheels("dask") == ()


def test_a_dead_index_is_an_error_that_may_pass(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_INDEX_URL", DEAD)
    with pytest.raises(EnvironmentServiceError, match="The index does not answer") as caught:
        wheels("dask")
    assert caught.value.retryable
    assert caught.value.exit_status == 3


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (JSON, b"{"),
        (JSON, b"[]"),
        (JSON, b'{"files": [{}]}'),
        (JSON, b'{"files": [1]}'),
        (JSON, b"[" * 200_000),
    ],
)
def test_an_answer_that_is_nonsense_is_an_error_of_the_service(
    own_index: Index, kind: str, content: bytes
) -> None:
    own_index.answers["/simple/dask/"] = (200, kind, content)
    with pytest.raises(EnvironmentServiceError, match="The index's answer for dask cannot be read"):
        wheels("dask")


def test_an_answer_has_a_size(own_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_index, "ANSWER_BYTES", 1000)
    own_index.answers["/simple/dask/"] = (200, JSON, b" " * 1001)
    with pytest.raises(EnvironmentServiceError, match="The index's answer is too large"):
        wheels("dask")


def test_an_index_without_upload_times_cannot_be_used(own_index: Index) -> None:
    own_index.add("dask", "2024.1.0", uploaded=None)
    with pytest.raises(EnvironmentServiceError, match="gives no upload times") as caught:
        wheels("dask")
    assert "PEP 700" in caught.value.remedy


def test_an_index_may_be_a_folder(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "simple" / "dask" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<a href="dask-2024.1.0-py3-none-any.whl" data-upload-time="2024-01-01T00:00:00Z">x</a>'
    )
    monkeypatch.setenv("REPRO_INDEX_URL", (tmp_path / "simple").as_uri())
    assert versions(wheels("dask")) == ["2024.1.0"]
    assert wheels("other") == ()


def test_what_is_kept_is_plain_json(own_index: Index, home: Path) -> None:
    own_index.add("dask", "2024.1.0")
    wheels("dask")
    [path] = (home / "index").iterdir()
    assert json.loads(path.read_text())[0]["version"] == "2024.1.0"


def test_files_of_a_local_index_are_read_and_none_that_another_index_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "small.whl"
    named.write_bytes(b"wheel")
    assert engine_index.download(named.as_uri(), limit=100) is None
    monkeypatch.setenv("REPRO_INDEX_URL", tmp_path.as_uri())
    assert engine_index.download(named.as_uri(), limit=100) == b"wheel"
    assert engine_index.download(f"{named.as_uri()}.metadata", limit=100) is None
    with pytest.raises(EnvironmentServiceError, match="too large"):
        engine_index.download(named.as_uri(), limit=4)
