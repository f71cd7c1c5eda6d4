"""`Client()` without arguments connects to the private cluster; every other Client is left alone.

Dask's own setting `scheduler-address` cannot be used for it: with it set, `Client(n_workers=2)` and
`Client(processes=False)` raise ValueError in every release. So `Client.__init__` is wrapped, in the
script's process only, once `distributed.client` has been imported.

The cluster is started at once where the source has such a call, so that it comes up while the
script imports; else when the first such call is made. A script that only computes starts none.
"""

from __future__ import annotations

import ast
import functools
import importlib.abc
import importlib.machinery
import inspect
import socket
import subprocess
import sys
import time
from types import ModuleType
from typing import Any, Callable, Sequence

from reproducers.engine.inside.settings import Settings

START_SECONDS = 60.0
POLL_SECONDS = 0.02

# What Client takes for itself in every release; anything else is passed on to a LocalCluster.
CLIENT_KEYWORDS = frozenset(
    {"timeout", "set_as_default", "name", "direct_to_workers", "heartbeat_interval", "loop"}
    | {"asynchronous", "serializers", "deserializers", "extensions", "connection_limit"}
)

OF_A_CLUSTER = frozenset({"cluster", "shutdown"})


def install(settings: Settings, source: str, is_up: bool = False) -> None:
    """Prepare the script's process; starts the cluster where the source shows its use.

    `is_up`: it was started before the script was known.
    """
    nodes = read_nodes(source) if "Client" in source else []
    if wants_the_cluster_itself(nodes):
        return
    cluster = PrivateCluster(settings, is_up)
    if "distributed.client" in sys.modules:
        wrap(sys.modules["distributed.client"].Client, cluster)
    else:
        sys.meta_path.insert(
            0, AfterImport("distributed.client", lambda module: wrap(module.Client, cluster))
        )
    if has_bare_client(nodes):
        cluster.start()


def is_for(source: str) -> bool:
    """Whether a script with this source finds its private cluster started."""
    nodes = read_nodes(source)
    return has_bare_client(nodes) and not wants_the_cluster_itself(nodes)


def read_nodes(source: str) -> list[ast.AST]:
    """The syntax of the source; nothing where it cannot be parsed, which running it will show."""
    try:
        return list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def wants_the_cluster_itself(nodes: list[ast.AST]) -> bool:
    """Whether it reads `client.cluster`, or ends it: then it shall have one of its own."""
    return any(isinstance(node, ast.Attribute) and node.attr in OF_A_CLUSTER for node in nodes)


def has_bare_client(nodes: list[ast.AST]) -> bool:
    """Whether a call such as `Client()` or `Client(timeout=10)` stands in the source."""
    return any(isinstance(node, ast.Call) and is_bare_client(node) for node in nodes)


def is_bare_client(call: ast.Call) -> bool:
    name = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
    keywords = {keyword.arg for keyword in call.keywords}
    return name == "Client" and not call.args and keywords <= CLIENT_KEYWORDS


class PrivateCluster:
    """The cluster that lies ready beside the script, in a process of its own."""

    def __init__(self, settings: Settings, is_started: bool = False) -> None:
        self._settings = settings
        self._is_started = is_started

    def start(self, modules: Sequence[str] = ()) -> None:
        """Start it, once. It detaches itself, so it is no child of the script's.

        `modules` are imported by its processes before it counts as started.
        """
        if self._is_started:
            return
        self._is_started = True
        program = __file__.rpartition("/")[0] + "/cluster.py"
        subprocess.run(  # noqa: S603
            [sys.executable, program, self._settings.to_json(), *modules], check=False
        )

    def address(self) -> str | None:
        """Where its scheduler listens, once all workers are there.

        None where it cannot start, or was shut down by an earlier client.
        """
        self.start()
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                with open(self._settings.private) as file:
                    address = file.read()
                return address if is_answering(address) else None
            except FileNotFoundError:
                time.sleep(POLL_SECONDS)
        return None


def is_answering(address: str) -> bool:
    """Whether somebody listens at `tcp://HOST:PORT`."""
    host, _, port = address.rpartition("/")[2].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=START_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def wrap(client: Any, cluster: PrivateCluster) -> None:
    """Give the class an `__init__` that fills in the address where none is asked for."""
    original = client.__init__
    own_keywords = frozenset(inspect.signature(original).parameters) & CLIENT_KEYWORDS

    @functools.wraps(original)
    def connect(self: Any, address: Any = None, *arguments: Any, **keywords: Any) -> None:
        is_bare = address is None and not arguments and own_keywords.issuperset(keywords)
        if is_bare and not names_a_scheduler():
            address = cluster.address()
        original(self, address, *arguments, **keywords)

    client.__init__ = connect


def names_a_scheduler() -> bool:
    import dask  # noqa: PLC0415 -- Client is imported by now

    return bool(dask.config.get("scheduler-address", None))


class AfterImport(importlib.abc.MetaPathFinder):
    """Calls `ready` with the module of that name once it has been executed."""

    def __init__(self, module: str, ready: Callable[[Any], None]) -> None:
        self._module = module
        self._ready = ready

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def _follow(self, loader: Any) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self._ready(module)

        loader.exec_module = exec_module
