"""RAPIDS and the releases of Dask that it pins, from the table and from an index."""

import io
import json
import subprocess
import sys
import zipfile

import pytest

from reproducers.engine import index, rapids
from reproducers.engine.rapids import Pin
from tests.engine.indexes import Index

EIGHTEEN = 18


@pytest.fixture(autouse=True)
def pinner(own_index: Index) -> Index:
    """An index with what was published, a patch that moved the pin, and the next release."""
    add(own_index, "24.10.0", "dask==2024.9.0", "distributed==2024.9.0", "dask-expr==1.1.14")
    add(own_index, "25.12.0", "dask==2025.9.1", "distributed==2025.9.1")
    add(own_index, "25.12.1", "dask==2025.9.2", "distributed==2025.9.2", "pytest; extra == 'test'")
    add(own_index, "26.12.0", "bokeh<3.10", "dask<2026.9.2,>=2026.9.1", "not a requirement")
    return own_index


def add(index: Index, version: str, *requires: str, yanked: bool = False) -> None:
    index.add("rapids-dask-dependency", version, requires=requires, yanked=yanked)


def of(release: str) -> list[Pin]:
    return [pin for pin in rapids.known() if pin.rapids == release]


def test_rapids_pinned_eighteen_releases_oldest_first() -> None:
    found = rapids.pins()
    assert (len(found), found[0], found[-1]) == (EIGHTEEN, "2022.11.1", "2026.7.1")
    assert len(set(found)) == EIGHTEEN


def test_what_the_index_has_since_is_added_to_the_table() -> None:
    assert [pin.dask for pin in of("25.12")] == ["2025.9.1", "2025.9.2"]
    assert of("26.12") == [
        Pin(rapids="26.12", dask="2026.9.1", distributed="2026.9.1", pinner="26.12.0")
    ]
    assert rapids.known()[-1].rapids == "26.12"


def test_what_the_table_knows_is_not_asked_for(pinner: Index) -> None:
    rapids.known()
    assert [path for path in pinner.asked if "24.10.0" in path or "25.12.0" in path] == []


def test_a_published_file_is_read_once(pinner: Index) -> None:
    first = rapids.known()
    pinner.asked.clear()
    assert rapids.known() == first
    assert pinner.asked == []


def test_what_was_taken_back_or_is_not_final_pins_nothing(pinner: Index) -> None:
    add(pinner, "27.2.0", "dask==2026.11.0", yanked=True)
    add(pinner, "27.4.0a5", "dask==2026.12.0")
    assert rapids.known()[-1].rapids == "26.12"


def test_a_package_that_pins_no_dask_is_passed_over(pinner: Index) -> None:
    add(pinner, "27.2.0", "dask", "distributed==2026.11.*")
    assert rapids.known()[-1].rapids == "26.12"


def test_a_wheel_without_its_metadata_beside_it_is_looked_into(pinner: Index) -> None:
    for name in [name for name in pinner.files if name.endswith(".metadata")]:
        del pinner.files[name]
    assert of("26.12")[0].dask == "2026.9.1"


def test_a_file_that_is_named_but_not_there_pins_nothing(pinner: Index) -> None:
    pinner.files.clear()
    assert of("26.12") == []


def test_a_release_that_has_gone_meanwhile_pins_nothing(pinner: Index) -> None:
    index.wheels("rapids-dask-dependency")
    pinner.projects["rapids-dask-dependency"] = [{"filename": "no-wheel.whl", "url": "x"}]
    assert of("26.12") == []


def test_an_archive_without_metadata_says_nothing() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme", "text")
    assert rapids.metadata_in(packed.getvalue()) == b""
    assert rapids.metadata_in(b"PK no archive") == b""


@pytest.mark.parametrize(
    ("version", "is_so"),
    [("24.4.1", True), ("24.4.0a12", False), ("24.4.240607", False), ("24.6.0", False)],
)
def test_a_version_belongs_to_a_release(version: str, is_so: bool) -> None:
    assert rapids.belongs_to(version, "24.04") is is_so


ASKED = """
import json
from packaging.version import Version
from reproducers.engine import index, rapids

firsts = {}
for wheel in index.wheels(rapids.PINNER):
    if not Version(wheel.version).is_prerelease and wheel.yanked is None:
        release = rapids.release_of(wheel.version)
        firsts[release] = min(wheel.version, firsts.get(release, wheel.version), key=Version)
pins = {release: rapids.read_pin(one, rapids._requirements(one)) for release, one in firsts.items()}
print(json.dumps({release: [pin.dask, pin.distributed] for release, pin in pins.items()}))
"""


@pytest.mark.index
@pytest.mark.soak
def test_the_table_is_what_the_index_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPRO_INDEX_URL")
    done = subprocess.run(
        [sys.executable, "-c", ASKED], capture_output=True, text=True, check=True, timeout=120
    )
    told = {pin.rapids: [pin.dask, pin.distributed] for pin in rapids.TABLE}
    said = {release: pin for release, pin in json.loads(done.stdout).items() if release in told}
    assert len(said) > 15
    assert said == {release: told[release] for release in said}
