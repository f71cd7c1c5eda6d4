"""Sandboxes on machines that have less than this one: what still holds, and what is said."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox.policy import Mount
from tests.engine.sandbox.elsewhere import ORDINARY_USER, outcome
from tests.engine.sandbox.inside import answer, python, shell
from tests.engine.sandbox.remains import owners
from tests.engine.sandbox.test_ending import FORKS, MEBIBYTE, SPREAD, end

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(os.geteuid() != 0, reason="changes mounts of its own, as root"),
]


@pytest.fixture
def users_output() -> Iterator[Path]:
    """A folder of the ordinary user's, in a place that he can reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        folder = Path(name) / "output"
        folder.mkdir()
        os.chown(folder, ORDINARY_USER, ORDINARY_USER)
        yield folder


def test_without_cgroups_the_report_says_so() -> None:
    assert outcome(shell("true"), "no-cgroups").limits == "weak"


def test_without_cgroups_memory_is_bounded_by_looking() -> None:
    code = "kept = [b'x' * (1 << 20) for _ in range(100) if not __import__('time').sleep(0.02)]"
    ended = outcome(python(code, memory_bytes=32 * MEBIBYTE), "no-cgroups")
    assert end(ended) == (None, None, "memory")
    assert ended.peak_memory_bytes is not None
    assert 32 * MEBIBYTE < ended.peak_memory_bytes < 100 * MEBIBYTE


def test_without_cgroups_a_single_leap_in_memory_is_refused() -> None:
    ended = outcome(python("b'x' * (900 << 20)", memory_bytes=100 * MEBIBYTE), "no-cgroups")
    assert ended.stderr.endswith(b"MemoryError\n") or ended.limit == "memory"


def test_without_cgroups_processes_are_bounded() -> None:
    ended = outcome(python(FORKS, pids=20), "no-cgroups")
    assert ended.limit == "pids" or int(ended.stdout) <= 40


def test_without_cgroups_nobody_outlives_the_sandbox_either() -> None:
    script = SPREAD.replace("600002", "600006")
    assert end(outcome(shell(script), "no-cgroups")) == (0, None, None)
    assert owners("600006") == set()


def test_an_ordinary_user_has_a_sandbox_too() -> None:
    ended = outcome(shell("id -u; cat /etc/shadow; ls /run; exit 3"), "ordinary-user")
    assert end(ended) == (3, None, None)
    assert ended.stdout == b"1000\n"
    assert ended.stderr.count(b"No such file or directory") == 2


def test_an_ordinary_user_keeps_what_was_written_to_output(users_output: Path) -> None:
    script = "cd /output; echo 1 > file; ln -s /etc link; mkfifo pipe; mkdir deep"
    ended = outcome(shell(script, output=users_output), "ordinary-user")
    assert (end(ended), ended.refused_files) == ((0, None, None), 2)
    assert sorted(path.name for path in users_output.iterdir()) == ["deep", "file"]


def test_an_ordinary_users_output_is_bounded_by_looking(users_output: Path) -> None:
    script = "while :; do head -c 1M /dev/zero >> /output/big; sleep 0.01; done"
    ended = outcome(shell(script, output=users_output, output_bytes=4 * MEBIBYTE), "ordinary-user")
    assert end(ended) == (None, None, "output")
    assert (users_output / "big").stat().st_size < 100 * MEBIBYTE


def test_an_ordinary_user_cannot_hide_what_fills_the_disk(users_output: Path) -> None:
    script = "mkdir /output/deep; chmod 0 /output/deep; sleep 20"
    ended = outcome(shell(script, output=users_output), "ordinary-user")
    assert end(ended) == (None, None, "output")


def test_an_ordinary_user_can_close_its_output_and_gains_nothing(users_output: Path) -> None:
    script = "echo 1 > /output/file; chmod 0 /output"
    ended = outcome(shell(script, output=users_output), "ordinary-user")
    assert ended.limit == "output" or ended.exit_status == 0  # whether it was looked at in between
    assert (users_output / "file").read_text() == "1\n"


def test_where_mounts_cannot_map_owners_a_writable_one_is_given_and_taken_back(
    tmp_path: Path,
) -> None:
    mount = Mount(source=tmp_path, target="/seen", writable=True)
    (tmp_path / "old").write_text("old")
    script = "echo more >> /seen/old; echo new > /seen/new; cat /seen/*; stat -c %u /seen/new"
    ended = outcome(shell(script, mounts=(mount,)), "no-mapping")
    assert (ended.stdout, ended.stderr) == (b"new\noldmore\n1000\n", b"")


def test_where_mounts_cannot_map_owners_a_copy_of_a_private_one_is_shown(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "file").write_text("1")
    (tmp_path / "file").chmod(0o600)
    (tmp_path / "link").symlink_to("/etc/shadow")
    mounts = (
        Mount(source=tmp_path, target="/seen"),
        Mount(source=tmp_path / "file", target="/single"),
    )
    script = "cat /seen/file /single; readlink /seen/link; echo 2 > /seen/file; stat -c %u /seen"
    ended = outcome(shell(script, mounts=mounts), "no-mapping")
    assert ended.stdout == b"11/etc/shadow\n1000\n"
    assert b"Read-only file system" in ended.stderr


def test_where_mounts_cannot_map_owners_a_large_private_one_is_refused_with_the_remedy(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "file").write_bytes(bytes(17 * MEBIBYTE))
    mount = Mount(source=tmp_path, target="/seen")
    with pytest.raises(IsolationError, match="is readable by its owner only") as caught:
        outcome(shell("true", mounts=(mount,)), "no-mapping")
    assert "chmod -R o+rX" in caught.value.remedy


def test_where_mounts_cannot_map_owners_what_is_open_to_all_is_shown(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_text("1")
    mount = Mount(source=tmp_path, target="/seen")
    assert outcome(shell("cat /seen/file", mounts=(mount,)), "no-mapping").stdout == b"1"


def test_a_python_under_a_private_home_can_be_started() -> None:
    """Which is where pyenv puts it: here when root's home holds it, elsewhere for any home."""
    assert answer(python("print(1)")) == 1
