"""gVisor in place of bubblewrap: the same spec, the same outcome, and nothing left either."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.sandbox import guest, linux, processes, slots
from reproducers.engine.sandbox.launch import run
from reproducers.engine.sandbox.plan import Guest
from reproducers.engine.sandbox.policy import Mount, SandboxOutcome, SandboxSpec
from tests.engine.sandbox import elsewhere, inside
from tests.engine.sandbox.inside import answer, go
from tests.engine.sandbox.remains import left_by, mounts, soon, staged

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(shutil.which("runsc") is None, reason="gVisor is not installed"),
]

MEBIBYTE = 1024**2
CHECKOUT = Path(__file__).parents[3]


def shell(script: str, **wishes: Any) -> SandboxSpec:
    return inside.shell(script, isolation="gvisor", **wishes)


def python(code: str, **wishes: Any) -> SandboxSpec:
    return inside.python(code, isolation="gvisor", **wishes)


def end(outcome: SandboxOutcome) -> tuple[int | None, int | None, str | None]:
    return outcome.exit_status, outcome.signal, outcome.limit


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


def test_an_exit_status_and_both_outputs_are_told() -> None:
    outcome = go(shell("echo out; echo err >&2; exit 3"))
    assert end(outcome) == (3, None, None)
    assert (outcome.stdout, outcome.stderr) == (b"out\n", b"err\n")
    assert outcome.seconds > 0


def test_the_signal_that_ended_it_is_told() -> None:
    assert end(go(shell("kill -SEGV $$"))) == (None, signal.SIGSEGV, None)


def test_a_program_that_is_not_there_is_no_exit_status() -> None:
    spec = SandboxSpec(argv=("/nowhere",), isolation="gvisor")
    with pytest.raises(IsolationError, match="failed to load /nowhere: no such file"):
        go(spec)


def test_time_ends_it_and_keeps_what_it_had_written(output: Path) -> None:
    outcome = go(shell("echo kept > /output/file; sleep 60", wall_seconds=2, output=output))
    assert end(outcome) == (None, None, "timeout")
    assert (output / "file").read_text() == "kept\n"


def test_memory_ends_all_of_it() -> None:
    code = "import os; os.fork() or b'x' * (300 << 20); os.wait(); print('alive')"
    outcome = go(python(code, memory_bytes=150 * MEBIBYTE))
    assert end(outcome) == (None, None, "memory")
    assert outcome.memory_kills >= 1
    assert (outcome.stdout, outcome.peak_memory_bytes) == (b"", 150 * MEBIBYTE)


def test_the_peak_of_memory_is_what_was_held() -> None:
    outcome = go(python("import time; kept = b'x' * (100 << 20); time.sleep(0.5)"))
    assert outcome.peak_memory_bytes is not None
    assert 100 * MEBIBYTE < outcome.peak_memory_bytes < 200 * MEBIBYTE


FORKS = """
import os, time
for made in range(1000):
    if os.fork() == 0:
        time.sleep(60)
"""


@pytest.mark.soak
def test_a_fork_bomb_ends_all_of_it() -> None:
    outcome = go(python(FORKS, pids=20))
    assert end(outcome) == (None, None, "pids")
    assert outcome.refused_forks >= 1


def test_files_are_bounded_in_number_and_size() -> None:
    code = """
import os
kept = []
try:
    while True:
        kept.append(open("/dev/null"))
except OSError:
    print(f"[{len(kept)}, ", end="")
kept.clear()
with open("/tmp/big", "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(1 << 20))
    except OSError:
        print(f"{os.stat('/tmp/big').st_size}]")
"""
    assert answer(python(code, open_files=64, file_bytes=3 * MEBIBYTE)) == [61, 3 * MEBIBYTE]


@pytest.mark.parametrize("folder", ["/tmp", "/work", "/dev/shm"])
def test_folders_in_memory_are_bounded(folder: str) -> None:
    script = f"head -c 9M /dev/zero > {folder}/big; wc -c < {folder}/big"
    outcome = go(shell(script, temporary_bytes=2 * MEBIBYTE))
    assert outcome.stdout.strip() == str(2 * MEBIBYTE).encode()


def test_the_output_is_bounded_and_holds_plain_files_only(output: Path) -> None:
    script = """
echo kept > /output/kept; ln -s /etc/passwd /output/link; mkfifo /output/pipe
head -c 9M /dev/zero > /output/big
for number in 1 2 3 4 5 6 7 8 9; do echo > /output/$number; done
"""
    outcome = go(shell(script, output=output, output_bytes=MEBIBYTE, output_files=6))
    assert outcome.exit_status == 2
    assert (output / "kept").read_text() == "kept\n"
    assert {path.lstat().st_uid for path in output.iterdir()} == {os.geteuid()}
    assert all(path.is_file() and not path.is_symlink() for path in output.iterdir())
    assert sum(path.stat().st_size for path in output.iterdir()) <= MEBIBYTE
    assert len(list(output.iterdir())) <= 6
    assert outcome.refused_files >= 1


def test_a_writable_mount_keeps_its_owner(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old\n")
    mount = Mount(source=tmp_path, target="/seen", writable=True)
    script = "echo new > /seen/new; echo more >> /seen/old; mkdir /seen/folder"
    assert end(go(shell(script, mounts=(mount,)))) == (0, None, None)
    assert (tmp_path / "old").read_text() == "old\nmore\n"
    owners = {path.name: path.stat().st_uid for path in tmp_path.iterdir()}
    assert owners == dict.fromkeys(("old", "new", "folder"), os.geteuid())


LOOK = """
import json, os, socket

def tried(act):
    try:
        act()
    except OSError as error:
        return error.strerror
    return "allowed"

def write(path):
    with open(path, "a") as file:
        file.write("x")

def read(path):
    with open(path) as file:
        return file.read()

def connect(host, port):
    with socket.create_connection((host, port), timeout=2):
        pass

def status(name):
    return {line.split()[1] for line in read("/proc/self/status").splitlines()
            if line.startswith(name)}

def served():
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect("127.0.0.1", server.getsockname()[1])

print(json.dumps({
    "root": sorted(os.listdir("/")),
    "etc": sorted(os.listdir("/etc")),
    "environment": read("/proc/1/environ").split(chr(0)),
    "processes": [name for name in os.listdir("/proc") if name.isdigit()],
    "open_files": len(os.listdir("/proc/self/fd")) - 1,
    "ids": [os.getuid(), os.getgid(), os.getgroups()],
    "capabilities": sorted(status("Cap")),
    "hostname": socket.gethostname(),
    "network": tried(lambda: connect("192.0.2.1", 80)),
    "host_loopback": tried(lambda: connect("127.0.0.1", PORT)),
    "own_loopback": tried(served),
    "writable": [path for path in ("/new", "/etc/passwd", "/usr/bin/new", "/dev/new",
        "/sys/new", "/proc/sys/kernel/hostname", "/python/new", "/seen/new", "/seen/file",
        "/tmp/new", "/work/new", "/dev/shm/new") if tried(lambda: write(path)) == "allowed"],
    "seen": read("/seen/file"),
    "single": read("/work/single.txt"),
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("private")  # which pytest makes with mode 0700
    (folder / "file").write_text("for its owner")
    (folder / "file").chmod(0o600)
    shown = (
        Mount(source=folder, target="/seen"),
        Mount(source=folder / "file", target="/work/single.txt"),
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        facts: dict[str, Any] = answer(python(f"PORT = {port}\n{LOOK}", mounts=shown))
    return facts


def test_the_root_holds_what_was_asked_for_and_no_more(seen: dict[str, Any]) -> None:
    system = {"bin", "sbin", "lib", "lib32", "lib64", "usr"}
    own = {"dev", "etc", "proc", "python", "seen", "sys", "tmp", "work"}
    assert set(seen["root"]) - system == own
    assert seen["etc"] == ["group", "hosts", "nsswitch.conf", "passwd"]


def test_the_environment_is_what_was_given(seen: dict[str, Any]) -> None:
    given = {f"{name}={value}" for name, value in inside.ENVIRONMENT.items()}
    added_by_gvisor = {"HOME=/work"}
    assert set(filter(None, seen["environment"])) == given | added_by_gvisor


def test_it_is_alone_an_ordinary_user_and_without_capabilities(seen: dict[str, Any]) -> None:
    assert (seen["processes"], seen["open_files"]) == (["1"], 3)
    assert seen["ids"] == [1000, 1000, []]
    assert seen["capabilities"] == ["0000000000000000"]
    assert seen["hostname"] == "sandbox"


def test_its_network_is_a_loopback_of_its_own(seen: dict[str, Any]) -> None:
    assert seen["network"] == "No route to host"
    assert seen["host_loopback"] == "Connection refused"
    assert seen["own_loopback"] == "allowed"


def test_it_can_write_to_its_own_folders_alone(seen: dict[str, Any]) -> None:
    assert seen["writable"] == ["/tmp/new", "/work/new", "/dev/shm/new"]


def test_what_only_its_owner_may_read_is_shown(seen: dict[str, Any]) -> None:
    assert (seen["seen"], seen["single"]) == ("for its owner", "for its owner")


def test_nothing_of_a_sandbox_is_left() -> None:
    before, users = mounts(), set[int]()

    def look(seconds: float) -> bool:
        users.update(users_of_descendants(os.getpid()))
        return True

    script = "(trap '' TERM; sleep 60) & (setsid sleep 60 &) ; sleep 1"
    assert end(run(shell(script), look)) == (0, None, None)
    assert users
    assert mounts() == before
    assert staged() == []
    assert [left for uid in users for left in left_by(uid)] == []


def users_of_descendants(root: int) -> set[int]:
    """The users of slots among the processes below `root`."""
    pool, found = slots.machines_pool(), set[int]()
    for process in processes.descendants(root):
        try:
            uid = Path(f"/proc/{process}").stat().st_uid
        except OSError:
            continue
        if pool.slot_of(uid) is not None:
            found.add(uid)
    return found


HOST = """
from reproducers.engine.sandbox.launch import run
from tests.engine.sandbox.inside import shell
spec = shell("echo up; sleep 600", isolation="gvisor")
run(spec, lambda seconds: print(seconds, flush=True) or True)
"""


@pytest.fixture
def host() -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs a sandbox, which has been up for a moment."""
    command = [sys.executable, "-c", HOST]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in "ab":
            process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.parametrize("with_launcher", [False, True])
def test_a_host_that_is_killed_takes_its_sandbox_with_it(
    host: subprocess.Popen[bytes], with_launcher: bool
) -> None:
    assert soon(lambda: len(users_of_descendants(host.pid)), 1)
    (uid,) = users_of_descendants(host.pid)
    if with_launcher:
        launcher = int(Path(f"/proc/{host.pid}/task/{host.pid}/children").read_text())
        os.kill(launcher, signal.SIGKILL)
    host.kill()
    host.wait()
    pool = slots.machines_pool()
    slot = pool.slot_of(uid)
    assert slot is not None
    assert soon(lambda: running_as(uid), [])
    if not with_launcher:
        assert soon(lambda: left_by(uid), [])


def running_as(uid: int) -> list[int]:
    """Who is alive: the dead stay in the table until somebody looks."""
    return [one for one in slots.processes_of(uid) if Path(f"/proc/{one}/exe").exists()]


def test_sandboxes_run_side_by_side() -> None:
    ended: list[SandboxOutcome] = []

    def one() -> None:
        ended.append(go(shell("sleep 0.5; echo $$")))

    threads = [threading.Thread(target=one) for _ in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [end(outcome) for outcome in ended] == [(0, None, None)] * 3


def test_a_cancelled_run_ends_at_once() -> None:
    started = time.monotonic()
    outcome = run(shell("trap '' TERM INT; sleep 60"), lambda seconds: seconds < 1)
    assert end(outcome) == (None, None, "cancelled")
    assert time.monotonic() - started < 30


def test_an_ordinary_user_has_it_too(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"headwater-{tmp_path.name}-{os.getpid()}"
    folder.mkdir()
    try:
        os.chown(folder, elsewhere.ORDINARY_USER, elsewhere.ORDINARY_USER)
        spec = shell("echo mine > /output/file; echo > /new; exit 3", output=folder)
        outcome = elsewhere.outcome(spec, "ordinary-user")
        assert end(outcome) == (3, None, None)
        assert b"Read-only file system" in outcome.stderr
        assert (folder / "file").stat().st_uid == elsewhere.ORDINARY_USER
    finally:
        shutil.rmtree(folder)


@pytest.mark.soak
def test_without_cgroups_memory_is_bounded_by_looking() -> None:
    code = "kept = [bytearray(1 << 20) for _ in range(400)]; import time; time.sleep(20)"
    outcome = elsewhere.outcome(python(code, memory_bytes=200 * MEBIBYTE), "no-cgroups")
    assert (outcome.limit, outcome.limits) == ("memory", "weak")


@pytest.fixture
def left(tmp_path: Path) -> Guest:
    return Guest(
        users=None,
        root="",
        state="",
        links={},
        files={},
        has_network=False,
        read_only=[],
        told=[str(tmp_path / name) for name in ("log", "panic", "pipe")],
        namespace=None,
    )


def test_of_what_gvisor_says_the_beginning_is_read(tmp_path: Path, left: Guest) -> None:
    (tmp_path / "log").write_text("why" + "\n" * 5000)
    os.mkfifo(tmp_path / "pipe")
    assert guest.complaint(left) == "why" + "\n" * 3997


def test_who_is_one_user_stays_in_the_namespace_that_there_is(left: Guest) -> None:
    assert guest.namespace_of(left) is None


def test_no_link_of_it_is_followed(tmp_path: Path, left: Guest) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "log").symlink_to("secret")
    assert guest.complaint(left) == ""


def test_what_cannot_be_made_read_only_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="mount"):
        linux.make_inert(str(tmp_path))
