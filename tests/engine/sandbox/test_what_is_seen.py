"""What a script finds in its sandbox: one look around, and one claim a test."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reproducers.engine.sandbox.policy import Mount
from tests.engine.sandbox.inside import ENVIRONMENT, answer, python

pytestmark = pytest.mark.sandbox

LOOK = """
import json, os, resource, socket

def tried(act):
    try:
        act()
    except OSError as error:
        return error.strerror
    return "allowed"

def write(path):
    with open(path, "a") as file:
        file.write("x")

def connect(host, port):
    with socket.create_connection((host, port), timeout=2):
        pass

def read(path):
    with open(path) as file:
        return file.read()

def status(name):
    return next(line.split()[1] for line in read("/proc/self/status").splitlines()
                if line.startswith(name + ":"))

open_files = os.listdir("/proc/self/fd")
print(json.dumps({
    "root": sorted(os.listdir("/")),
    "etc": sorted(os.listdir("/etc")),
    "usr": sorted(os.listdir("/usr")),
    "dev": sorted(os.listdir("/dev")),
    "passwd": read("/etc/passwd"),
    "shadow": tried(lambda: read("/etc/shadow")),
    "home": tried(lambda: os.listdir(HOME)),
    "checkout": tried(lambda: os.listdir(CHECKOUT)),
    "environment": read("/proc/1/environ").split(chr(0)),
    "processes": [name for name in os.listdir("/proc") if name.isdigit()],
    "open_files": len(open_files) - 1,
    "ids": [os.getuid(), os.getgid(), os.getgroups()],
    "working_directory": os.getcwd(),
    "hostname": socket.gethostname(),
    "capabilities": status("CapBnd") + status("CapEff") + status("CapInh"),
    "no_new_privileges": status("NoNewPrivs"),
    "filtered": status("Seccomp"),
    "terminal": tried(lambda: write("/dev/tty")),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "interfaces": [line.split(":")[0].strip() for line in read("/proc/net/dev").splitlines()[2:]],
    "network": tried(lambda: connect("192.0.2.1", 80)),
    "name": tried(lambda: connect("dask.org", 443)),
    "host_loopback": tried(lambda: connect("127.0.0.1", PORT)),
    "localhost": socket.gethostbyname("localhost"),
    "kernel_keys": tried(lambda: read("/proc/keys")),
    "boot_line": tried(lambda: read("/proc/cmdline")),
    **{path: tried(lambda: write(path)) for path in (
        "/new", "/etc/passwd", "/usr/bin/new", "/dev/new", "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/core_pattern", "/proc/self/oom_score_adj", "/python/new", "/seen/new",
        "/tmp/new", "/work/new", "/dev/shm/new")},
    "seen": read("/seen/file"),
    "single": read("/single.txt"),
}))
"""


@pytest.fixture(scope="module")
def listening() -> Iterator[int]:
    """A port of the host's loopback that answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def seen(listening: int, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("private")  # which pytest makes with mode 0700
    (folder / "file").write_text("for its owner")
    (folder / "file").chmod(0o600)
    checkout = str(Path(__file__).parents[3])
    head = f"HOME, CHECKOUT, PORT = {str(Path.home())!r}, {checkout!r}, {listening}\n"
    facts: dict[str, Any] = answer(
        python(
            head + LOOK,
            mounts=(
                Mount(source=folder, target="/seen"),
                Mount(source=folder / "file", target="/single.txt"),
            ),
        )
    )
    return facts


def test_the_root_holds_what_was_asked_for_and_no_more(seen: dict[str, Any]) -> None:
    system = {"bin", "sbin", "lib", "lib32", "lib64", "usr"}
    own = {"dev", "etc", "proc", "python", "seen", "single.txt", "tmp", "work"}
    assert set(seen["root"]) - system == own


def test_of_etc_nothing_is_the_hosts(seen: dict[str, Any]) -> None:
    assert seen["etc"] == ["group", "hosts", "nsswitch.conf", "passwd"]
    assert seen["passwd"] == "sandbox:x:1000:1000:sandbox:/work:/bin/sh\n"


def test_of_usr_there_are_programs_and_libraries(seen: dict[str, Any]) -> None:
    assert set(seen["usr"]) <= {"bin", "lib", "lib32", "lib64", "libexec", "share"}


def test_there_are_no_devices_but_the_harmless_ones(seen: dict[str, Any]) -> None:
    links = {"core", "fd", "ptmx", "stderr", "stdin", "stdout"}
    assert set(seen["dev"]) - links == {
        *("full", "null", "pts", "random", "shm", "tty", "urandom", "zero")
    }


def test_passwords_are_not_there(seen: dict[str, Any]) -> None:
    assert seen["shadow"] == "No such file or directory"


def test_neither_the_home_nor_the_checkout_is_there(seen: dict[str, Any]) -> None:
    assert seen["home"] == seen["checkout"] == "No such file or directory"


def test_the_environment_is_what_was_given(seen: dict[str, Any]) -> None:
    given = {f"{name}={value}" for name, value in ENVIRONMENT.items()}
    added_by_bubblewrap = {"PWD=/work"}
    assert set(filter(None, seen["environment"])) == given | added_by_bubblewrap


def test_only_its_own_processes_are_there(seen: dict[str, Any]) -> None:
    assert seen["processes"] == ["1"]


def test_no_descriptor_of_the_hosts_is_open(seen: dict[str, Any]) -> None:
    assert seen["open_files"] == 3


def test_it_is_an_ordinary_user_without_groups(seen: dict[str, Any]) -> None:
    assert seen["ids"] == [1000, 1000, []]


def test_it_starts_in_work_on_a_host_called_sandbox(seen: dict[str, Any]) -> None:
    assert (seen["working_directory"], seen["hostname"]) == ("/work", "sandbox")


def test_it_has_no_capability_and_can_gain_none(seen: dict[str, Any]) -> None:
    assert int(seen["capabilities"], 16) == 0
    assert seen["no_new_privileges"] == "1"


def test_its_system_calls_are_filtered(seen: dict[str, Any]) -> None:
    assert seen["filtered"] == "2"


def test_it_has_no_terminal(seen: dict[str, Any]) -> None:
    assert seen["terminal"] == "No such device or address"


def test_a_crash_is_not_handed_to_the_hosts_crash_reporter(seen: dict[str, Any]) -> None:
    assert seen["core"] == [1, 1]


def test_its_network_is_a_loopback_of_its_own(seen: dict[str, Any], listening: int) -> None:
    assert seen["interfaces"] == ["lo"]
    assert seen["localhost"] == "127.0.0.1"
    with socket.create_connection(("127.0.0.1", listening), timeout=2):
        assert seen["host_loopback"] == "Connection refused"


def test_neither_the_network_nor_its_names_can_be_reached(seen: dict[str, Any]) -> None:
    assert seen["network"] == "Network is unreachable"
    assert seen["name"] in {"Name or service not known", "Temporary failure in name resolution"}


@pytest.mark.parametrize(
    "path",
    [
        *("/new", "/etc/passwd", "/usr/bin/new", "/dev/new", "/python/new", "/seen/new"),
        *("/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern"),
        "/proc/self/oom_score_adj",
    ],
)
def test_it_cannot_write_to(path: str, seen: dict[str, Any]) -> None:
    assert seen[path] in {"Read-only file system", "Permission denied"}


@pytest.mark.parametrize("path", ["/tmp/new", "/work/new", "/dev/shm/new"])
def test_it_can_write_to(path: str, seen: dict[str, Any]) -> None:
    assert seen[path] == "allowed"


def test_the_kernel_tells_nothing_of_its_keys_and_boot(seen: dict[str, Any]) -> None:
    assert seen["kernel_keys"] == seen["boot_line"] == "Permission denied"


def test_what_only_its_owner_may_read_is_shown_without_widening_that(seen: dict[str, Any]) -> None:
    assert seen["seen"] == seen["single"] == "for its owner"
