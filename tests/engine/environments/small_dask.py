"""Dask played by small wheels: it imports, starts a cluster of nothing, and adds up."""

import sys
from typing import Any

from reproducers.engine.environments import obtain
from reproducers.engine.environments.environment import Environment
from reproducers.engine.job import EnvironmentSpec
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import SandboxOutcome, SandboxSpec
from tests.engine.indexes import Index

HERE = f"3.{sys.version_info.minor}"
RELEASE = "2025.3.0"
DASK = {
    "dask/__init__.py": (
        "def delayed(function):\n    return function\n\n"
        "def compute(*values):\n    return tuple(values)\n"
    ),
    "dask/tests/test_dask.py": "assert True\n",
}
DISTRIBUTED = {
    "distributed/__init__.py": (
        "import contextlib\n\n"
        "def LocalCluster(**options):\n    return contextlib.nullcontext('cluster')\n\n"
        "def Client(cluster):\n    return contextlib.nullcontext('client')\n"
    )
}


def add_release(index: Index, version: str = RELEASE, **facts: Any) -> None:
    """Upload a release of dask and distributed that works."""
    index.add("dask", version, files=DASK, **facts)
    index.add("distributed", version, files=DISTRIBUTED, requires=(f"dask=={version}",), **facts)


def spec(*requirements: str) -> EnvironmentSpec:
    return EnvironmentSpec(requirements=requirements, dask=RELEASE, python=HERE)


def get(*requirements: str, **wishes: Any) -> Environment:
    """The environment of that release with more packages, built if need be."""
    wishes = {"emit": lambda event: None, "cancelled": lambda: False, **wishes}
    return obtain(spec(*requirements), **wishes)


def started(environment: Environment, code: str) -> SandboxOutcome:
    """Run a line of Python in the environment, as a script would be."""
    return run(
        SandboxSpec(
            argv=(environment.python, "-c", code),
            mounts=environment.mounts,
            environment=environment.variables,
        ),
        lambda seconds: True,
    )
