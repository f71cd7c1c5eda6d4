"""Sandboxes on other machines: without cgroups, without root, on older kernels.

`outcome` starts a process with mounts of its own, in which the machine is changed as asked for, and
runs a sandbox there.
"""

import base64
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import linux
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec

Change = Literal["no-cgroups", "ordinary-user", "no-mapping"]
CHECKOUT = Path(__file__).parents[3]
ORDINARY_USER = 23_456
RUNTIME = "/run/user-of-tests"


def outcome(spec: SandboxSpec, *changes: Change) -> SandboxOutcome:
    """How `spec` ends there; raises IsolationError as `run` does."""
    facts = json.dumps({"changes": changes, "spec": dataclasses.asdict(spec)}, default=str)
    code = "from tests.engine.sandbox.elsewhere import change; change()"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, input=facts, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    if "error" in told:
        raise IsolationError(told["error"], remedy=told["remedy"])
    for name in ("stdout", "stderr"):
        told[name] = base64.b64decode(told[name])
    return SandboxOutcome(**told)


def change() -> None:
    """In the other process: change the machine, become who was asked for, and start anew."""
    facts = json.load(sys.stdin)
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    if "no-cgroups" in facts["changes"]:
        linux.mount("none", "/sys/fs/cgroup", "tmpfs")
    if "no-mapping" in facts["changes"]:
        for mount in facts["spec"]["mounts"]:
            if Path(mount["source"]).is_file():
                continue  # it lies in one that is covered
            _cover_with_a_filesystem_that_cannot_map_owners(mount["source"])
    environment = dict(os.environ)
    if "ordinary-user" in facts["changes"]:
        _open_the_way_to(Path(sys.base_prefix).resolve(), CHECKOUT)
        _make_runtime_folder()
        environment |= {"XDG_RUNTIME_DIR": RUNTIME, "HOME": "/"}
        environment.pop("COVERAGE_PROCESS_START", None)  # it may not write here
        os.setgroups([])
        os.setresgid(*[ORDINARY_USER] * 3)
        os.setresuid(*[ORDINARY_USER] * 3)
    code = "from tests.engine.sandbox.elsewhere import tell; tell()"
    command = [sys.executable, "-c", code, json.dumps(facts["spec"])]
    os.execve(sys.executable, command, environment)


def tell() -> None:
    """In the process started anew: run, and print how it ended."""
    told = json.loads(sys.argv[-1])
    told["argv"] = tuple(told["argv"])
    told["mounts"] = tuple(
        Mount(source=Path(one["source"]), target=one["target"], writable=one["writable"])
        for one in told["mounts"]
    )
    told["output"] = told["output"] and Path(told["output"])
    facts = _run(SandboxSpec(**told))
    sys.stdout.write(json.dumps(facts, default=lambda raw: base64.b64encode(raw).decode()))


def _run(spec: SandboxSpec) -> dict[str, Any]:
    try:
        return dataclasses.asdict(run(spec, lambda _: True))
    except IsolationError as error:
        return {"error": error.message, "remedy": error.remedy}


def _cover_with_a_filesystem_that_cannot_map_owners(path: str) -> None:
    """ramfs cannot; what was in the folder is copied into it."""
    mode = Path(path).stat().st_mode & 0o7777
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(path, kept, symlinks=True, dirs_exist_ok=True)
        linux.mount("none", path, "ramfs", 0, f"mode={mode:o}")
        shutil.copytree(kept, path, symlinks=True, dirs_exist_ok=True)


def _open_the_way_to(*folders: Path) -> None:
    """Show folders that lie under private ones at the same place, with the way there open."""
    closed = {private for folder in folders for private in _private_ancestors(folder)}
    tops = [path for path in closed if not closed & set(path.parents)]
    for top in tops:
        hidden = [folder for folder in folders if folder.is_relative_to(top)]
        kept = [os.open(folder, os.O_PATH) for folder in hidden]
        linux.mount("none", str(top), "tmpfs", 0, "mode=755")
        for folder, descriptor in zip(hidden, kept, strict=True):
            folder.mkdir(parents=True)
            source = f"/proc/self/fd/{descriptor}"
            linux.mount(source, str(folder), None, linux.MS_BIND | linux.MS_REC)


def _private_ancestors(folder: Path) -> Iterator[Path]:
    for path in folder.parents:
        if not path.stat().st_mode & 0o001:
            yield path


def _make_runtime_folder() -> None:
    linux.mount("none", "/run", "tmpfs", 0, "mode=755")
    Path(RUNTIME).mkdir(mode=0o700)
    os.chown(RUNTIME, ORDINARY_USER, ORDINARY_USER)
