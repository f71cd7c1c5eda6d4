"""`client.get_versions()`: the client's versions, and who has others."""

import json
from typing import Any

from reproducers.engine.imported.reading import read_text
from reproducers.engine.imported.surroundings import Difference, Package


def side(**packages: str | None) -> dict[str, Any]:
    return {"host": {"OS": "Linux"}, "packages": {"python": "3.10.12.final.0", **packages}}


FACTS = {
    "client": side(dask="2024.3.0", pandas="2.2.1", lz4=None),
    "scheduler": side(dask="2024.3.0", pandas="2.1.0"),
    "workers": {
        "tcp://10.0.0.1:1": side(dask="2024.3.0", pandas="2.1.0", lz4="4.3.3"),
        "tcp://10.0.0.1:2": side(dask="2024.3.0", pandas="2.2.1"),
        "tcp://10.0.0.1:3": side(dask="2024.3.0", pandas="2.1.0"),
    },
}


def test_the_clients_versions_are_taken() -> None:
    read = read_text(json.dumps(FACTS))
    assert (read.format, read.python) == ("client.get_versions()", "3.10")
    assert read.packages == (
        Package(name="dask", version="2024.3.0"),
        Package(name="pandas", version="2.2.1"),
    )


def test_what_differs_is_named_with_who_has_what() -> None:
    assert read_text(json.dumps(FACTS)).differences == (
        Difference(name="lz4", client=None, scheduler=None, workers={"4.3.3": 1, "none": 2}),
        Difference(
            name="pandas", client="2.2.1", scheduler="2.1.0", workers={"2.1.0": 2, "2.2.1": 1}
        ),
    )


def test_without_a_client_the_scheduler_or_a_worker_tells() -> None:
    without = {"scheduler": side(dask="2024.3.0"), "workers": {}}
    assert read_text(json.dumps(without)).packages[0].version == "2024.3.0"
    workers = {"workers": {"a": side(dask="2024.4.0")}}
    assert read_text(json.dumps(workers)).packages[0].version == "2024.4.0"
    assert read_text(json.dumps(workers)).differences == ()


def test_what_is_no_version_is_no_package() -> None:
    strange = {"client": {"packages": {"dask": "2024.3.0", "x y": "1", "numpy": 7, "z": "\x1b"}}}
    read = read_text(json.dumps(strange))
    assert [package.name for package in read.packages] == ["dask"]
    assert [left.name for left in read.left_out] == ["z"]
    assert read.python is None
