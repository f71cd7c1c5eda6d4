"""How gVisor is found and called, and what its end means."""

import stat
from pathlib import Path

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import gvisor
from reproducers.engine.sandbox.policy import SandboxSpec


def put(folder: Path, said: str) -> Path:
    path = folder / "runsc"
    path.write_text(f"#!/bin/sh\necho '{said}'\n")
    path.chmod(stat.S_IRWXU)
    return path


def test_a_machine_without_it_is_told_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(IsolationError, match="not installed") as caught:
        gvisor.program(among=str(tmp_path))
    assert "apt install runsc" in caught.value.remedy
    assert "--isolation bubblewrap" in caught.value.remedy


@pytest.mark.parametrize(
    "said", ["runsc version 0.0~20221219.0", "runsc version release-20251110.0"]
)
def test_a_release_that_is_new_enough_is_taken(tmp_path: Path, said: str) -> None:
    path = put(tmp_path, said)
    assert gvisor.program(among=str(tmp_path)) == str(path)


@pytest.mark.parametrize("said", ["runsc version release-20220905.0", "runsc version VERSION", ""])
def test_a_release_that_is_too_old_or_unknown_is_refused(tmp_path: Path, said: str) -> None:
    put(tmp_path, said)
    with pytest.raises(IsolationError, match="too old"):
        gvisor.program(among=str(tmp_path))


@pytest.mark.parametrize(("has_network", "kind"), [(False, "none"), (True, "host")])
def test_it_has_a_network_only_for_downloads(has_network: bool, kind: str) -> None:
    words = gvisor.command("/runsc", name="one", bundle="/b", state="/s", has_network=has_network)
    assert f"--network={kind}" in words
    assert words[-4:] == ["run", "--bundle", "/b", "one"]
    assert {"--rootless", "--root=/s", "--log=/s/log", "--panic-log=/s/panic"} <= set(words)


def test_the_host_bounds_more_threads_than_the_script_may_have() -> None:
    assert gvisor.bounds(SandboxSpec(argv=("a",), pids=100)).pids == 700


def test_files_are_bounded_inside_and_not_on_the_host() -> None:
    given = {"RLIMIT_CORE": 1, "RLIMIT_FSIZE": 5, "RLIMIT_DATA": 6, "RLIMIT_NOFILE": 7}
    assert gvisor.rlimits(given) == {"RLIMIT_CORE": 1, "RLIMIT_NOFILE": 1 << 20}


@pytest.mark.parametrize(
    ("status", "memory_kills", "refused_forks", "limit"),
    [
        (0, 0, 0, None),
        (1, 0, 0, None),
        (137, 1, 0, "memory"),
        (2, 3, 0, "memory"),
        (0, 1, 0, None),
        (2, 0, 1, "pids"),
        (2, 1, 1, "pids"),
    ],
)
def test_what_it_cannot_go_on_without_ended_it(
    status: int, memory_kills: int, refused_forks: int, limit: str | None
) -> None:
    found = gvisor.limit(status=status, memory_kills=memory_kills, refused_forks=refused_forks)
    assert found == limit


NOTED = "I1121 15:32:42.018863 4839 rate_limited.go:36] A process tried something"


@pytest.mark.parametrize(
    ("status", "told", "complaint"),
    [
        (0, '{"msg":"cannot start"}', None),
        (128, "", None),
        (128, '{"msg":"cannot start","level":"error"}{"msg":"and so on"}', "cannot start"),
        (128, f'{NOTED}\n{{"msg":"cannot start"}}', "cannot start"),
        (128, '{"level":"error"}', '{"level":"error"}'),
        (128, "{[]", "{[]"),
        (128, "panic: forged", None),
        (2, NOTED, None),
        (2, f"{NOTED}\npanic: it broke\n\ngoroutine 1", "panic: it broke"),
        (2, "panic: " + "x" * 1000, "panic: " + "x" * 493),
        (1, "panic: it broke", None),
    ],
)
def test_its_complaint_is_one_line(status: int, told: str, complaint: str | None) -> None:
    assert gvisor.complaint(told, status=status) == complaint
