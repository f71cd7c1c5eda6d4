"""How the end of a process is told, what ends it, and that nothing of it is left."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from reproducers.engine.errors import EnvironmentServiceError, IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import cgroups, slots
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec
from tests.engine.sandbox.inside import ENVIRONMENT, answer, go, python, shell
from tests.engine.sandbox.remains import left_by, mounts, owners, soon, staged

pytestmark = pytest.mark.sandbox

MEBIBYTE = 1024**2
CHECKOUT = Path(__file__).parents[3]


def end(outcome: SandboxOutcome) -> tuple[int | None, int | None, str | None]:
    return outcome.exit_status, outcome.signal, outcome.limit


def test_an_exit_status_and_both_outputs_are_told() -> None:
    outcome = go(shell("echo out; echo err >&2; exit 3"))
    assert end(outcome) == (3, None, None)
    assert (outcome.stdout, outcome.stderr) == (b"out\n", b"err\n")
    assert 0 < outcome.seconds < 5


def test_the_signal_that_ended_it_is_told() -> None:
    # Process 1 of a namespace takes no signal from inside, so it passes on what a child died of.
    assert end(go(shell("(kill -SEGV $BASHPID; :) || exit $?; sh -c 'kill -SEGV $$'"))) == (
        *(None, 11, None),
    )


def test_what_it_prints_cannot_change_how_its_end_is_told() -> None:
    forged = '{ "exit-code": 0 }'
    outcome = go(shell(f"echo '{forged}'; echo '{forged}' >&2; exit 7"))
    assert end(outcome) == (7, None, None)


def test_a_program_that_is_not_there_is_no_exit_status() -> None:
    spec = SandboxSpec(argv=("/nowhere",), environment=ENVIRONMENT)
    with pytest.raises(IsolationError, match="execvp /nowhere: No such file or directory"):
        go(spec)


def test_time_ends_it() -> None:
    outcome = go(shell("echo before; sleep 60", wall_seconds=0.5))
    assert end(outcome) == (None, None, "timeout")
    assert outcome.stdout == b"before\n"
    assert 0.5 <= outcome.seconds < 2.5


def test_a_cancelled_run_ends_within_two_seconds() -> None:
    asked = []

    def cancel_at_once(seconds: float) -> bool:
        asked.append(seconds)
        return False

    outcome = run(shell("trap '' TERM INT HUP; sleep 60 & wait; sleep 60"), cancel_at_once)
    assert end(outcome) == (None, None, "cancelled")
    assert outcome.seconds < 2.0
    assert len(asked) == 1


def test_it_is_asked_about_twice_a_second_whether_to_go_on() -> None:
    asked: list[float] = []

    def go_on(seconds: float) -> bool:
        asked.append(time.monotonic())
        return True

    run(shell("sleep 1.2"), go_on)
    assert len(asked) >= 2
    assert min(later - earlier for earlier, later in itertools.pairwise(asked)) >= 0.49


def test_an_exception_while_it_runs_ends_it_and_is_raised_again() -> None:
    def fail(seconds: float) -> bool:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(shell("sleep 600001"), fail)
    assert time.monotonic() - started < 5
    assert owners("600001") == set()


def test_its_own_memory_limit_is_told_when_it_ends_the_process() -> None:
    outcome = go(python("b'x' * (200 << 20)", memory_bytes=64 * MEBIBYTE))
    assert end(outcome) == (None, None, "memory")
    assert outcome.memory_kills >= 1
    assert outcome.peak_memory_bytes == 64 * MEBIBYTE


def test_a_child_that_the_memory_limit_kills_is_counted_and_ends_nothing_else() -> None:
    code = "import os; os.fork() or b'x' * (200 << 20); print(os.wait()[1])"
    outcome = go(python(code, memory_bytes=64 * MEBIBYTE))
    assert end(outcome) == (0, None, None)
    assert (outcome.memory_kills, outcome.stdout) == (1, b"9\n")


def test_files_in_memory_count_as_memory() -> None:
    outcome = go(shell("head -c 200M /dev/zero > /dev/shm/big", memory_bytes=64 * MEBIBYTE))
    assert outcome.memory_kills >= 1


def test_the_peak_of_memory_is_what_was_held() -> None:
    outcome = go(python("import time; kept = b'x' * (100 << 20); time.sleep(0.5)"))
    assert outcome.peak_memory_bytes is not None
    assert 100 * MEBIBYTE < outcome.peak_memory_bytes < 140 * MEBIBYTE


FORKS = """
import os, time
made = 0
try:
    while made < 200:
        if os.fork() == 0:
            time.sleep(60)
        made += 1
except BlockingIOError:
    print(made)
"""


def test_processes_are_bounded_and_refusals_counted() -> None:
    outcome = go(python(FORKS, pids=20))
    assert end(outcome) == (0, None, None)
    assert int(outcome.stdout) < 20
    assert outcome.refused_forks == 1


def test_threads_count_as_processes() -> None:
    code = """
import threading
gate = threading.Event()
try:
    for made in range(100):
        threading.Thread(target=gate.wait, daemon=True).start()
except RuntimeError:
    print(made)
    gate.set()
"""
    assert answer(python(code, pids=20)) < 20


def test_open_files_are_bounded() -> None:
    code = """
kept = []
try:
    while True:
        kept.append(open("/dev/null"))
except OSError as error:
    print(len(kept))
"""
    assert answer(python(code, open_files=64)) == 61


def test_the_size_of_a_file_is_bounded() -> None:
    code = """
import os
with open("/tmp/big", "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(1 << 20))
    except OSError as error:
        print(os.stat("/tmp/big").st_size)
"""
    assert answer(python(code, file_bytes=3 * MEBIBYTE)) == 3 * MEBIBYTE


@pytest.mark.parametrize("folder", ["/tmp", "/work", "/dev/shm"])
def test_folders_in_memory_are_bounded(folder: str) -> None:
    outcome = go(shell(f"head -c 9M /dev/zero > {folder}/big", temporary_bytes=4 * MEBIBYTE))
    assert outcome.stderr.endswith(b"No space left on device\n")


def test_the_share_of_processors_is_bounded() -> None:
    code = """
import time
start, used = time.monotonic(), time.process_time()
while time.monotonic() - start < 1:
    pass
print(time.process_time() - used)
"""
    assert answer(python(code, cpus=0.25)) < 0.5


def test_a_flood_of_output_keeps_its_beginning_and_end() -> None:
    outcome = go(shell("echo first; head -c 1M /dev/zero; echo last", output_bytes=100_000))
    assert end(outcome) == (0, None, None)
    assert outcome.stdout.startswith(b"first\n\0")
    assert outcome.stdout.endswith(b"\0last\n")
    assert outcome.dropped_bytes == MEBIBYTE + len("first\nlast\n") - 100_000
    assert len(outcome.stdout) < 100_100


def test_a_flood_without_end_is_ended() -> None:
    outcome = go(shell("yes", output_bytes=MEBIBYTE, wall_seconds=20))
    assert end(outcome) == (None, None, "output")
    assert len(outcome.stdout) < MEBIBYTE + 100


def test_who_writes_to_neither_output_is_not_waited_for() -> None:
    assert end(go(shell("exec >&- 2>&-; sleep 0.2; exit 4"))) == (4, None, None)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def test_what_is_written_to_output_is_there_afterwards_as_ours(output: Path) -> None:
    go(
        shell(
            "mkdir /output/deep; echo one > /output/deep/file; chmod 0 /output/deep", output=output
        )
    )
    assert (output / "deep" / "file").read_text() == "one\n"
    facts = (output / "deep" / "file").stat()
    assert (facts.st_uid, facts.st_mode & 0o7777) == (os.geteuid(), 0o600)


def test_links_and_special_files_are_left_out(output: Path) -> None:
    script = "cd /output; ln -s /etc/shadow link; mkfifo pipe; ln -s / root; echo 1 > file"
    outcome = go(shell(script, output=output))
    assert [path.name for path in output.iterdir()] == ["file"]
    assert outcome.refused_files == 3


def test_output_is_bounded_in_bytes_and_files(output: Path) -> None:
    script = "cd /output; touch 1 2 3 4 5 6; head -c 9M /dev/zero > 1"
    outcome = go(shell(script, output=output, output_bytes=MEBIBYTE, output_files=4))
    assert outcome.stderr.count(b"No space left on device") == 3
    assert sorted(path.name for path in output.iterdir()) == ["1", "2", "3", "4"]
    assert (output / "1").stat().st_size <= MEBIBYTE


def test_a_file_that_claims_to_be_huge_is_left_out(output: Path) -> None:
    script = "truncate -s 900M /output/sparse; echo 1 > /output/true"
    outcome = go(shell(script, output=output))
    assert [path.name for path in output.iterdir()] == ["true"]
    assert outcome.refused_files == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="others write to it in place")
def test_an_output_that_cannot_be_kept_is_an_error_of_the_disk(output: Path) -> None:
    (output / "file").touch()  # in the way
    with pytest.raises(EnvironmentServiceError, match="cannot be kept") as caught:
        go(shell("echo 1 > /output/file", output=output))
    assert "REPRO_HOME" in caught.value.remedy


def test_a_writable_mount_keeps_its_owner(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    mount = Mount(source=tmp_path, target="/seen", writable=True)
    outcome = go(shell("echo new > /seen/new; echo more >> /seen/old", mounts=(mount,)))
    assert end(outcome) == (0, None, None)
    assert {p.name: (p.read_text(), p.stat().st_uid) for p in tmp_path.iterdir()} == {
        "old": ("oldmore\n", os.geteuid()),
        "new": ("new\n", os.geteuid()),
    }


SPREAD = """
setsid sh -c 'sleep 600002 & (setsid sleep 600002 >/dev/null 2>&1 &) &' &
(trap '' TERM; sleep 600002) &
sleep 0.2
"""


def test_whoever_tries_to_outlive_it_is_dead_when_it_returns() -> None:
    outcome = go(shell(SPREAD))
    assert end(outcome) == (0, None, None)
    assert owners("600002") == set()


OTHERS = SPREAD.replace("600002", "600008")


def test_nothing_of_a_sandbox_is_left() -> None:
    before, users = mounts(), set[int]()

    def look(seconds: float) -> bool:
        users.update(owners("600008"))
        return True

    for spec in (shell("sleep 600008", wall_seconds=2), shell(OTHERS)):
        run(spec, look)
    assert users
    assert mounts() == before
    assert staged() == []
    assert [left for uid in users for left in left_by(uid)] == []


def test_on_the_host_each_is_an_ordinary_user_of_its_own() -> None:
    seen: set[int] = set()

    def look(seconds: float) -> bool:
        seen.update(owners("600003"))
        return len(seen) < 2 and seconds < 20

    threads = [threading.Thread(target=run, args=(shell("sleep 600003"), look)) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 2
    assert os.geteuid() not in seen


HOST = """
import sys
from reproducers.engine.sandbox.launch import run
from tests.engine.sandbox.inside import shell
run(shell(f"sleep {sys.argv[1]}"), lambda seconds: print(seconds, flush=True) or True)
"""


def host_of(seconds: str, *, code: str = HOST) -> subprocess.Popen[bytes]:
    """A process that runs a sandbox, which is up when this returns."""
    command = [sys.executable, "-c", code, seconds]
    host = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE)
    assert host.stdout is not None
    host.stdout.readline()
    assert soon(lambda: len(owners(seconds)), 1)
    return host


def test_a_host_that_is_killed_takes_its_sandbox_with_it() -> None:
    with host_of("600004") as host:
        (uid,) = owners("600004")
        host.kill()
    assert soon(lambda: owners("600004"), set())
    assert soon(lambda: left_by(uid), [])


LEAVING = HOST.replace('}")', '}", without=("end-with-host",))')


def test_where_that_is_switched_off_its_sandbox_goes_on_and_is_removed_all_the_same() -> None:
    with host_of("1.5600011", code=LEAVING) as host:
        (uid,) = owners("1.5600011")
        host.kill()
    assert soon(lambda: owners("1.5600011"), set())
    assert soon(lambda: left_by(uid), [])


def test_a_descriptor_that_somebody_forgot_is_closed_unless_that_is_switched_off() -> None:
    look = shell("ls /proc/self/fd")
    read_end, write_end = os.pipe()
    os.set_inheritable(read_end, True)
    try:
        closed, open_there = go(look), go(replace(look, without=(Protection.DESCRIPTORS,)))
    finally:
        os.close(read_end)
        os.close(write_end)
    assert closed.stdout.split() == [b"0", b"1", b"2", b"3"]  # the last is the folder itself
    assert str(read_end).encode() in open_there.stdout.split()


def test_what_nobody_was_left_to_remove_is_removed_by_the_next_in_its_slot() -> None:
    with host_of("600005") as host:
        (uid,) = owners("600005")
        launcher = int(Path(f"/proc/{host.pid}/task/{host.pid}/children").read_text())
        os.kill(launcher, signal.SIGKILL)
        host.kill()
    assert soon(lambda: owners("600005"), set())
    pool = slots.machines_pool()
    slot = pool.slot_of(uid)
    assert slot is not None
    with slots.held(pool.locks / str(slot.number)) as is_held:
        if is_held:  # otherwise the next is there already, and removes it
            group = cgroups.create(shell("true"), slot.name)
            assert group is not None
            group.close()
    assert soon(lambda: left_by(uid), [])
