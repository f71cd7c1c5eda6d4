"""What a process in a real sandbox meets, and how its end is told."""

import pytest

from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import SandboxSpec

pytestmark = pytest.mark.sandbox


def shell(script: str) -> SandboxSpec:
    return SandboxSpec(argv=("/bin/sh", "-c", script), environment={"PATH": "/usr/bin"})


def test_an_exit_status_is_told() -> None:
    outcome = run(shell("echo out; echo err >&2; exit 3"), lambda _: True)
    assert (outcome.exit_status, outcome.signal, outcome.limit) == (3, None, None)
    assert (outcome.stdout, outcome.stderr) == (b"out\n", b"err\n")
