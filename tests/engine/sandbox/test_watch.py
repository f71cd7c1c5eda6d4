"""The host's side of a run, with launchers that do not do what launchers do."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import linux, watch
from reproducers.engine.sandbox.launch import check_is_empty
from reproducers.engine.sandbox.policy import SandboxSpec
from reproducers.engine.sandbox.streams import Stream
from reproducers.engine.sandbox.usage import Usage
from reproducers.engine.sandbox.watch import Watch, is_nearly_full
from reproducers.engine.sandbox.weak import Poller, facts_of

SPEC = SandboxSpec(argv=("/bin/true",), wall_seconds=0.1)
STARTED = "echo '{\"started\": 1}'"


@contextmanager
def watching(*launcher: str, holding: bool = False) -> Iterator[Watch]:
    """A Watch over `launcher`; `holding` keeps the other end of an output open."""
    ends = [os.pipe() for _ in range(3)]
    for _, write_end in ends[holding:]:
        os.close(write_end)
    stdout, stderr, status = (Stream(read_end, 100) for read_end, _ in ends)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(launcher, bufsize=0, **pipes) as process:  # type: ignore[call-overload]
        yield Watch(
            spec=SPEC,
            launcher=process,
            meter=Poller(),
            stdout=stdout,
            stderr=stderr,
            status=status,
            in_place=True,
        )
        process.kill()
    for descriptor in (*(read_end for read_end, _ in ends), *(ends[0][1:] if holding else ())):
        os.close(descriptor)


def test_a_sandbox_that_cannot_be_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "END_SECONDS", 0.3)
    with (
        watching("/bin/sh", "-c", f"{STARTED}; exec sleep 60") as one,
        pytest.raises(IsolationError, match="could not be ended") as caught,
    ):
        one.until_dead(lambda _: True)
    assert "state D" in caught.value.remedy
    assert one.limit == "timeout"


def test_a_sandbox_that_never_starts_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "START_SECONDS", 0.1)
    with watching("/bin/sh", "-c", "read word; echo '{\"ended\": {}}'") as one:
        one.until_dead(lambda _: True)
        assert one.limit == "timeout"


def test_a_launcher_that_ends_without_a_word_is_an_error() -> None:
    with (
        watching("/bin/true") as one,
        pytest.raises(IsolationError, match="ended without a word"),
    ):
        one.until_dead(lambda _: True)


def test_the_first_limit_is_the_one_that_counts() -> None:
    with watching("/bin/cat") as one:
        one.end("output")
        one.end("timeout")
        assert one.limit == "output"


def test_a_launcher_that_is_gone_is_told_nothing() -> None:
    with watching("/bin/true") as one:
        one.launcher.wait()
        one.end("timeout")
        assert one.limit == "timeout"


def test_an_output_that_somebody_else_holds_open_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "DRAIN_SECONDS", 0.3)
    with watching("/bin/echo", '{"ended": {}}', holding=True) as one:
        started = time.monotonic()
        one.until_dead(lambda _: True)
        assert time.monotonic() - started < 5
        assert one.words == {"ended": {}}


def test_a_disk_that_is_nearly_full_ends_who_writes_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_nearly_full(tmp_path)
    monkeypatch.setattr(watch, "FREE_BYTES", 10**18)
    assert is_nearly_full(tmp_path)
    assert not is_nearly_full(Path("/proc"))  # which has no size


@dataclass(frozen=True, kw_only=True)
class Crowded(Poller):
    """A meter that finds somebody."""

    def processes(self) -> tuple[int, ...]:
        return (1, 2)


def test_what_somebody_can_still_change_is_not_read() -> None:
    with pytest.raises(IsolationError, match="2 processes of the sandbox are still there"):
        check_is_empty(Crowded())


def test_without_cgroups_the_descendants_are_counted() -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as child:
        used = Poller().usage(os.getpid())
        assert used.processes >= 1
        assert used.memory_bytes > 0
        child.kill()
    assert facts_of(child.pid) is None
    assert Poller().usage(child.pid) == Usage(memory_bytes=0, processes=0)


def test_a_name_that_is_no_text_does_no_harm(tmp_path: Path) -> None:
    program = Path(os.fsdecode(bytes(tmp_path) + b"/\xff\xfe"))
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as child:
        counted = facts_of(child.pid)
        child.kill()
    assert counted is not None
    assert counted[1] == 1


def test_a_kernel_that_refuses_user_namespaces_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(flags: int) -> None:
        raise PermissionError(1, "refused")

    monkeypatch.setattr(linux, "unshare", refuse)
    with pytest.raises(OSError, match="user namespaces are not permitted"):
        linux.user_namespace(inside=0, outside=1)
