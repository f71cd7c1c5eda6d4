"""What each process is held to."""

import dataclasses
import os
from pathlib import Path

from reproducers.engine.protections import Protection
from reproducers.engine.sandbox.policy import UNBOUNDED, SandboxSpec
from reproducers.engine.sandbox.rlimits import count_of, rlimits

SPEC = SandboxSpec(argv=("/bin/true",), file_bytes=10, open_files=20, memory_bytes=30, pids=40)


def test_files_are_bounded_and_crashes_reported_to_nobody() -> None:
    assert rlimits(SPEC, rung="cgroup-v1", shared_processes=0) == {
        "RLIMIT_CORE": 1,
        "RLIMIT_FSIZE": 10,
        "RLIMIT_NOFILE": 20,
        "RLIMIT_RTPRIO": 0,
        "RLIMIT_NICE": 0,
    }


def test_what_is_switched_off_is_bounded_by_the_hosts_own_limit_alone() -> None:
    off = (Protection.CORE_DUMPS, Protection.FILE_SIZE, Protection.MEMORY, Protection.PROCESSES)
    bounds = rlimits(dataclasses.replace(SPEC, without=off), rung="weak", shared_processes=0)
    unbounded = {name for name, bound in bounds.items() if bound == UNBOUNDED}
    assert unbounded == {"RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_NPROC"}


def test_without_a_cgroup_a_single_process_is_held_to_twice_the_memory() -> None:
    weak = rlimits(SPEC, rung="weak", shared_processes=0)
    assert weak["RLIMIT_DATA"] == 60


def test_without_a_cgroup_processes_count_with_those_that_the_user_has() -> None:
    weak = rlimits(SPEC, rung="weak", shared_processes=300)
    assert weak["RLIMIT_NPROC"] == 380


def test_the_processes_of_a_user_are_counted_with_their_threads() -> None:
    assert count_of(os.geteuid()) >= len(list(Path("/proc/self/task").iterdir()))
    assert count_of(1_999_999_999) == 0
