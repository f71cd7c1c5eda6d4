"""Scripts for real sandboxes, with the interpreter that runs the tests."""

import json
import sys
from pathlib import Path
from typing import Any

from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec

BASE = Path(sys.base_prefix).resolve()
INTERPRETER = f"/python/{Path(sys.executable).resolve().relative_to(BASE)}"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": "/python/lib"}


def shell(script: str, **wishes: Any) -> SandboxSpec:
    """A shell script; `wishes` are fields of the SandboxSpec."""
    return SandboxSpec(argv=("/bin/sh", "-c", script), environment=ENVIRONMENT, **wishes)


def python(code: str, *, mounts: tuple[Mount, ...] = (), **wishes: Any) -> SandboxSpec:
    """Python code, run with the standard library only."""
    return SandboxSpec(
        argv=(INTERPRETER, "-I", "-S", "-c", code),
        mounts=(Mount(source=BASE, target="/python"), *mounts),
        environment=ENVIRONMENT,
        **wishes,
    )


def go(spec: SandboxSpec) -> SandboxOutcome:
    return run(spec, lambda _: True)


def answer(spec: SandboxSpec) -> Any:
    """What a script that has to succeed printed as JSON."""
    outcome = go(spec)
    assert (outcome.exit_status, outcome.stderr) == (0, b"")
    return json.loads(outcome.stdout)
