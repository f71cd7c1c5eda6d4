"""`--isolation none`: the process itself, with limits and an end that leaves nobody."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox.policy import SandboxSpec
from tests.engine.sandbox.elsewhere import outcome
from tests.engine.sandbox.inside import go
from tests.engine.sandbox.remains import owners
from tests.engine.sandbox.test_ending import MEBIBYTE, end

pytestmark = pytest.mark.sandbox


def bare(script: str, folder: Path, **wishes: Any) -> SandboxSpec:
    return SandboxSpec(
        argv=("/bin/sh", "-c", script),
        environment={"PATH": "/usr/bin:/bin", "GIVEN": "1"},
        working_directory=str(folder),
        isolation="none",
        **wishes,
    )


def test_it_runs_where_it_is_told_to_with_what_it_is_given(tmp_path: Path) -> None:
    ended = go(bare("pwd; echo $GIVEN $HOME; id -u; exit 3", tmp_path))
    assert end(ended) == (3, None, None)
    assert ended.stdout == f"{tmp_path}\n1\n{os.geteuid()}\n".encode()


def test_the_signal_that_ended_it_is_told(tmp_path: Path) -> None:
    assert end(go(bare("kill -SEGV $$", tmp_path))) == (None, 11, None)


def test_time_ends_it(tmp_path: Path) -> None:
    assert end(go(bare("sleep 60", tmp_path, wall_seconds=0.3))) == (None, None, "timeout")


def test_whoever_tries_to_outlive_it_is_dead_when_it_returns(tmp_path: Path) -> None:
    script = "setsid sh -c 'sleep 600007 & (setsid sleep 600007 &) &' & sleep 0.2"
    assert end(go(bare(script, tmp_path))) == (0, None, None)
    assert owners("600007", own=True) == set()


def test_its_memory_is_bounded(tmp_path: Path) -> None:
    script = f"exec {sys.executable} -I -S -c 'b\"x\" * (200 << 20)'"
    ended = go(bare(script, tmp_path, memory_bytes=64 * MEBIBYTE))
    assert end(ended) == (None, None, "memory")


@pytest.mark.skipif(os.geteuid() != 0, reason="changes mounts of its own, as root")
def test_its_memory_is_bounded_without_cgroups_too(tmp_path: Path) -> None:
    code = 'kept = [b"x" * (1 << 20) for _ in range(100) if not __import__("time").sleep(0.02)]'
    script = f"exec {sys.executable} -I -S -c '{code}'"
    ended = outcome(bare(script, tmp_path, memory_bytes=32 * MEBIBYTE), "no-cgroups")
    assert end(ended) == (None, None, "memory")


def test_what_it_leaves_in_its_output_is_plain_and_bounded(tmp_path: Path) -> None:
    output = tmp_path / "output"
    output.mkdir()
    script = "cd output; ln -s /etc link; mkfifo pipe; echo 1 > file"
    ended = go(bare(script, tmp_path, output=output))
    assert [path.name for path in output.iterdir()] == ["file"]
    assert ended.refused_files == 2
    flood = "while :; do head -c 1M /dev/zero >> output/file; sleep 0.01; done"
    ended = go(bare(flood, tmp_path, output=output, output_bytes=2 * MEBIBYTE))
    assert end(ended) == (None, None, "output")


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    spec = SandboxSpec(argv=("/nowhere",), isolation="none", working_directory=str(tmp_path))
    with pytest.raises(IsolationError, match="No such file or directory: '/nowhere'"):
        go(spec)
