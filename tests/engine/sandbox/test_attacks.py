"""Scripts that mean harm, each run for real: the host does not notice, and nothing is left.

Every attack ends by itself or by a limit, within a few seconds of it, whatever it tried.
"""

import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.sandbox.policy import SandboxOutcome
from tests.engine.sandbox.inside import go, python, shell
from tests.engine.sandbox.remains import abandoned, mounts, owners, soon, staged
from tests.engine.sandbox.test_ending import MEBIBYTE, end

pytestmark = [pytest.mark.sandbox, pytest.mark.soak]

SECONDS = 6.0
ALLOWANCE = 15.0
"""What a busy machine may take beyond the wall clock."""


def attack(code: str, **wishes: Any) -> SandboxOutcome:
    limits = {"wall_seconds": SECONDS, "memory_bytes": 256 * MEBIBYTE, "pids": 64} | wishes
    return go(python(code, **limits))


@pytest.fixture(autouse=True)
def unharmed_host(tmp_path: Path) -> Iterator[None]:
    """Time, mounts, processes and disk are as they were."""
    before, started, free = mounts(), time.monotonic(), shutil.disk_usage(tmp_path).free
    others = abandoned()  # of hosts that other tests have killed
    yield
    assert time.monotonic() - started < 2 * (SECONDS + ALLOWANCE)
    assert mounts() == before
    assert staged() == []
    assert soon(lambda: set(abandoned()) - set(others), set())
    assert free - shutil.disk_usage(tmp_path).free < 2 * 1024**3  # others build here meanwhile


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def test_a_fork_bomb_stays_within_its_processes() -> None:
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    outcome = attack(code)
    assert end(outcome) == (None, None, "timeout")
    assert outcome.refused_forks > 100


def test_a_bomb_of_shells_stays_within_its_processes() -> None:
    outcome = go(shell("b() { b | b & }; b; sleep 60", wall_seconds=3, pids=64))
    assert outcome.seconds < 3 + ALLOWANCE
    assert outcome.refused_forks > 0


def test_a_bomb_that_leaves_its_session_each_time_is_caught_whole() -> None:
    code = """
import os, time
while True:
    try:
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
    except OSError:
        time.sleep(0.01)
"""
    assert end(attack(code)) == (None, None, "timeout")


def test_a_thread_bomb_stays_within_its_processes() -> None:
    code = """
import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(60,)).start()
    except RuntimeError: time.sleep(0.01)
"""
    outcome = attack(code)
    assert end(outcome) == (None, None, "timeout")
    assert outcome.refused_forks > 0


def test_a_memory_bomb_dies_of_its_own_limit() -> None:
    outcome = attack("kept = []\nwhile True: kept.append(b'x' * (1 << 20))")
    assert end(outcome) == (None, None, "memory")
    assert outcome.peak_memory_bytes == 256 * MEBIBYTE


def test_a_memory_bomb_of_many_processes_is_bounded_as_a_whole() -> None:
    code = """
import os, time
for _ in range(20):
    if os.fork() == 0:
        kept = []
        while True:
            kept.append(b'x' * (1 << 20))
            time.sleep(0.001)
while True:
    os.wait()
"""
    outcome = attack(code)
    assert outcome.memory_kills >= 10
    assert outcome.peak_memory_bytes == 256 * MEBIBYTE


def test_memory_shared_in_every_way_counts() -> None:
    code = """
import mmap, os
with open("/dev/shm/a", "wb") as file: file.write(b"x" * (100 << 20))
area = mmap.mmap(-1, 100 << 20)
area.write(b"x" * (100 << 20))
descriptor = os.memfd_create("b")
os.write(descriptor, b"x" * (100 << 20))
print("went on")
"""
    assert attack(code).memory_kills >= 1


@pytest.mark.parametrize("folder", ["/tmp", "/work", "/dev/shm"])
def test_a_disk_bomb_fills_its_own_folder(folder: str) -> None:
    script = f"cd {folder}; while head -c 8M /dev/zero >> big; do :; done; ls -l big"
    outcome = go(shell(script, temporary_bytes=32 * MEBIBYTE, wall_seconds=SECONDS))
    assert outcome.exit_status == 0
    assert b"No space left on device" in outcome.stderr


@pytest.mark.parametrize("folder", ["/tmp", "/work", "/dev/shm"])
def test_an_inode_bomb_fills_its_own_folder(folder: str) -> None:
    code = f"""
import os
made = 0
try:
    while True:
        os.mkdir(f"{folder}/{{made}}")
        made += 1
except OSError as error:
    print(made, error.strerror)
"""
    outcome = attack(code, memory_bytes=1024 * MEBIBYTE, wall_seconds=30)
    made, _, why = outcome.stdout.decode().partition(" ")
    assert (int(made), why) == (100_000, "No space left on device\n")


def test_a_bomb_in_output_is_bounded_and_what_was_there_is_kept(output: Path) -> None:
    script = "cd /output; echo 1 > first; while head -c 1M /dev/zero >> big; do :; done"
    go(shell(script, output=output, output_bytes=8 * MEBIBYTE, wall_seconds=SECONDS))
    assert (output / "first").read_text() == "1\n"
    assert sum(path.stat().st_size for path in output.iterdir()) <= 8 * MEBIBYTE


def test_an_inode_bomb_in_output_is_bounded(output: Path) -> None:
    code = """
import os
for number in range(10_000):
    try: os.symlink("/etc/shadow", f"/output/{number}")
    except OSError: break
"""
    outcome = attack(code, output=output, output_files=500)
    assert list(output.iterdir()) == []
    assert outcome.refused_files == 500


def test_every_kind_of_trap_in_output_is_left_out(output: Path) -> None:
    code = """
import os, socket
os.chdir("/output")
os.symlink("/etc/shadow", "link")
os.symlink("..", "up")
os.symlink("loop", "loop")
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
os.mkdir("folder")
os.symlink("/", "folder/root")
with open("sparse", "wb") as file: file.truncate(1 << 29)
with open("true", "w") as file: file.write("1")
os.link("true", "twin")
try: os.mknod("device", 0o020666, os.makedev(1, 3))
except OSError as error: print(error.strerror)
"""
    outcome = attack(code, output=output)
    assert outcome.stdout == b"Operation not permitted\n"
    kept = {str(path.relative_to(output)) for path in output.rglob("*")}
    assert kept == {"folder", "true", "twin"}
    assert outcome.refused_files == 7
    assert not any(path.is_symlink() for path in output.rglob("*"))


def test_a_folder_deeper_than_any_path_does_no_harm(output: Path) -> None:
    code = """
import os
os.chdir("/output")
for _ in range(400):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
"""
    outcome = attack(code, output=output)
    assert end(outcome) == (0, None, None)
    assert outcome.refused_files == 1


def test_ten_gigabytes_of_output_fill_nothing() -> None:
    outcome = go(shell("head -c 10G /dev/zero", output_bytes=MEBIBYTE, wall_seconds=60))
    assert end(outcome) == (None, None, "output")
    assert len(outcome.stdout) < MEBIBYTE + 100
    assert outcome.seconds < ALLOWANCE


def test_ten_gigabytes_on_both_outputs_fill_nothing() -> None:
    script = "head -c 10G /dev/zero >&2 & head -c 10G /dev/zero; wait"
    outcome = go(shell(script, output_bytes=MEBIBYTE, wall_seconds=60))
    assert end(outcome) == (None, None, "output")


def test_whoever_double_forks_and_ignores_signals_dies_too() -> None:
    code = """
import os, signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for _ in range(10):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.execv("/bin/sleep", ["sleep", "600010"])
time.sleep(0.3)
"""
    attack(code)
    assert owners("600010") == set()


def test_killing_every_process_that_it_sees_kills_only_itself() -> None:
    code = """
import os, signal
before = os.getppid()
for process in [-1, 0, 1, 2, before, *range(3, 5000)]:
    try: os.kill(process, signal.SIGKILL)
    except OSError: pass
print(before, "alive")
"""
    outcome = attack(code)
    # Process 1 takes no signal from inside, not even from itself.
    assert (end(outcome), outcome.stdout) == ((0, None, None), b"0 alive\n")


def test_a_huge_command_line_and_environment_are_its_own_problem() -> None:
    code = """
import os
try:
    os.execve("/bin/true", ["x" * 100_000] * 100, {})
except OSError as error:
    print(error.strerror)
"""
    assert attack(code).stdout == b"Argument list too long\n"


ESCAPES = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    result = getattr(libc, name)(*arguments)
    print(name, "allowed" if result >= 0 else os.strerror(ctypes.get_errno()))
call("ptrace", 16, 1, 0, 0)
call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
call("umount2", b"/tmp", 2)
call("unshare", 0x10000000)
call("setns", 0, 0)
call("chroot", b"/tmp")
call("pivot_root", b"/tmp", b"/tmp")
call("setuid", 0)
call("setgid", 0)
call("setresuid", 0, 0, 0)
call("reboot", 0)
call("sethostname", b"x", 1)
call("klogctl", 3, None, 0)
call("init_module", None, 0, b"")
call("personality", 0xffffffff)
"""


def test_no_call_leads_out() -> None:
    outcome = attack(ESCAPES)
    allowed = [line for line in outcome.stdout.decode().splitlines() if line.endswith("allowed")]
    assert allowed == ["personality allowed"]  # which only asks


def test_nothing_of_the_host_can_be_opened_through_proc() -> None:
    code = """
import os
for path in ("/proc/1/root/etc/shadow", "/proc/self/root/../../root", "/proc/1/cwd/../root",
             "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg",
             "/proc/self/mem/../../../root/.ssh", "/sys/kernel", "/dev/mem", "/dev/kmsg",
             "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/run/docker.sock"):
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try: os.close(os.open(path, flags)); print(path, flags)
        except OSError: pass
"""
    outcome = attack(code)
    # Reading is harmless, and only names what the host's kernel does with cores.
    assert outcome.stdout == b"/proc/sys/kernel/core_pattern 0\n"


def test_neither_the_host_nor_another_sandbox_can_be_reached_by_any_socket() -> None:
    code = """
import socket
abstract = socket.socket(socket.AF_UNIX)
try: abstract.connect("\\0headwater-of-the-host")
except OSError as error: print(error.strerror)
for family in range(0, 60):
    if family in (1, 2, 10): continue
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try: socket.socket(family, kind); print(family, kind)
        except OSError: pass
for kind in (socket.SOCK_RAW,):
    try: socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP); print("raw")
    except OSError: pass
"""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("\0headwater-of-the-host")
        listening.listen()
        assert attack(code).stdout == b"Connection refused\n"


def test_signals_from_inside_do_not_reach_the_host_through_a_terminal() -> None:
    code = """
import fcntl, os
for path in ("/dev/tty", "/dev/console", "/dev/pts/0"):
    try:
        descriptor = os.open(path, os.O_RDWR)
        fcntl.ioctl(descriptor, 0x5412, b"x")
        print(path)
    except OSError: pass
master, slave = os.openpty()
try: fcntl.ioctl(slave, 0x5412, b"x"); print("typed")
except OSError as error: print(error.strerror)
"""
    assert attack(code).stdout == b"Operation not permitted\n"


def test_a_crash_in_every_thread_is_told_as_the_crash_that_it_is() -> None:
    code = """
import ctypes, os, threading
if os.fork() == 0:
    [threading.Thread(target=ctypes.string_at, args=(0,)).start() for _ in range(9)]
print(os.WTERMSIG(os.wait()[1]))
"""
    assert attack(code).stdout == f"{int(signal.SIGSEGV)}\n".encode()


def test_spinning_on_every_processor_ends_with_the_clock() -> None:
    code = "import os\n[os.fork() for _ in range(5)]\nwhile True: pass"
    outcome = attack(code, wall_seconds=2)
    assert end(outcome) == (None, None, "timeout")
    assert outcome.seconds < 2 + ALLOWANCE


def test_a_hundred_runs_leave_nothing() -> None:
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(100):
        assert end(go(shell("exit 0"))) == (0, None, None)
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before
