"""Which clients are given the private cluster, told from a source and from a call."""

import socket
import sys
from typing import Any

import pytest

from reproducers.engine.inside import private_client
from reproducers.engine.inside.private_client import (
    AfterImport,
    PrivateCluster,
    read_nodes,
    wrap,
)


@pytest.mark.parametrize(
    ("source", "is_bare"),
    [
        ("client = Client()", True),
        ("client = dask.distributed.Client()", True),
        ("with Client(timeout=10) as client: pass", True),
        ("client = Client(asynchronous=True)", True),
        ("client = Client(n_workers=2)", False),
        ("client = Client(processes=False)", False),
        ("client = Client(cluster)", False),
        ("client = Client('tcp://127.0.0.1:8786')", False),
        ("client = Client(**options)", False),
        ("print('Client()')", False),
        ("Client(", False),
        ("x = " + "-" * 100_000 + "1", False),
    ],
)
def test_a_bare_client_is_told_from_the_source(source: str, is_bare: bool) -> None:
    assert private_client.has_bare_client(read_nodes(source)) is is_bare


@pytest.mark.parametrize(
    ("source", "wants"),
    [
        ("client.cluster.scale(4)", True),
        ("cluster = client.cluster", True),
        ("client.shutdown()", True),
        ("from sklearn.cluster import KMeans", False),
        ("cluster = LocalCluster()\nClient(cluster)", False),
        ("client.clustering", False),
    ],
)
def test_a_script_that_uses_its_clients_cluster_gets_one_of_its_own(
    source: str, wants: bool
) -> None:
    assert private_client.wants_the_cluster_itself(read_nodes(source)) is wants


class Cluster(PrivateCluster):
    """A private cluster that is up, or one that cannot start."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def address(self) -> str | None:
        return self._address


def wrapped(address: str | None) -> Any:
    class Client:
        """Takes what distributed's takes."""

        def __init__(
            self, address: Any = None, loop: Any = None, timeout: Any = 0, **keywords: Any
        ) -> None:
            self.got = (address, timeout, keywords)

    wrap(Client, Cluster(address))
    return Client


@pytest.fixture(autouse=True)
def without_a_named_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_client, "names_a_scheduler", lambda: False)


def test_a_client_without_arguments_gets_the_address() -> None:
    assert wrapped("tcp://x")().got == ("tcp://x", 0, {})


def test_a_client_with_settings_of_its_own_gets_the_address_too() -> None:
    assert wrapped("tcp://x")(timeout=3).got == ("tcp://x", 3, {})


@pytest.mark.parametrize(
    ("arguments", "keywords", "got"),
    [
        ([], {"n_workers": 2}, (None, 0, {"n_workers": 2})),
        ([], {"processes": False}, (None, 0, {"processes": False})),
        (["tcp://y"], {}, ("tcp://y", 0, {})),
        ([], {"address": "tcp://y"}, ("tcp://y", 0, {})),
        ([None, None, 5], {}, (None, 5, {})),
    ],
)
def test_every_other_client_is_left_alone(
    arguments: list[Any], keywords: dict[str, Any], got: Any
) -> None:
    assert wrapped("tcp://x")(*arguments, **keywords).got == got


def test_where_the_private_cluster_cannot_start_the_script_does_as_it_would_alone() -> None:
    assert wrapped(None)().got == (None, 0, {})


def test_where_a_setting_names_a_scheduler_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_client, "names_a_scheduler", lambda: True)
    assert wrapped("tcp://x")().got == (None, 0, {})


def test_a_module_is_followed_once_it_has_been_executed() -> None:
    seen: list[Any] = []
    finder = AfterImport("distributed.client", seen.append)
    sys.meta_path.insert(0, finder)
    assert finder.find_spec("json.decoder", None) is None
    assert finder.find_spec("distributed.client", ["/nowhere"]) is None
    assert finder not in sys.meta_path
    assert seen == []


def test_an_address_is_believed_while_somebody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert private_client.is_answering(address)
    assert not private_client.is_answering(address)
    assert not private_client.is_answering("")
