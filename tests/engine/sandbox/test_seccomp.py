"""The filter of system calls: what it says, and what the kernel makes of it."""

import builtins
import errno
import json
import platform
from typing import Any

import pyseccomp
import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import seccomp
from tests.engine.sandbox.inside import answer, go, python

# A call, its arguments, what the kernel answers without a filter, and what it has to answer here.
# "success" where a call without a filter would do what it is asked for.
CALLS: dict[str, tuple[list[int], str, int]] = {
    "unshare": ([0], "success", errno.EPERM),
    "setns": ([-1, 0], "EBADF", errno.EPERM),
    "ptrace": ([0, 0, 0, 0], "success", errno.EPERM),
    "keyctl": ([0, -1, 0], "ENOKEY", errno.EPERM),
    "add_key": ([0, 0, 0, 0, 0], "EFAULT", errno.EPERM),
    "request_key": ([0, 0, 0, 0], "EFAULT", errno.EPERM),
    "bpf": ([-1, 0, 0], "EINVAL", errno.EPERM),
    "perf_event_open": ([0, 0, -1, -1, 0], "EFAULT", errno.EPERM),
    "userfaultfd": ([-1], "EINVAL", errno.EPERM),
    "process_vm_readv": ([-1, 0, 0, 0, 0, 0], "success", errno.EPERM),
    "pidfd_getfd": ([-1, 0, 0], "EBADF", errno.EPERM),
    "kcmp": ([1, 1, 0, 0, 0], "success", errno.EPERM),
    "open_by_handle_at": ([-1, 0, 0], "EFAULT", errno.EPERM),
    "name_to_handle_at": ([-1, 0, 0, 0, -1], "EINVAL", errno.EPERM),
    "mount": ([0, 0, 0, 0, 0], "EFAULT", errno.EPERM),
    "io_uring_setup": ([0, 0], "EFAULT", errno.ENOSYS),
    "io_uring_enter": ([-1, 0, 0, 0, 0, 0], "EBADF", errno.ENOSYS),
    "io_uring_register": ([-1, -1, 0, 0], "EINVAL", errno.ENOSYS),
    "clone3": ([0, 0], "EINVAL", errno.ENOSYS),
    "openat2": ([-1, 0, 0, 0], "EINVAL", errno.ENOSYS),
    "clone": ([1 << 28, 0, 0, 0, 0], "success", errno.EPERM),
    "io_setup": ([1, 0], "EFAULT", errno.ENOSYS),
    "memfd_secret": ([-1], "EINVAL", errno.EPERM),
    "inotify_init": ([], "success", errno.ENOSYS),
    "inotify_init1": ([0], "success", errno.ENOSYS),
    "mmap": ([0, 1 << 21, 3, 0x40022, -1, 0], "success", errno.ENOMEM),
    "memfd_create": ([0, 4], "EFAULT", errno.EINVAL),
    "shmget": ([0, 1 << 21, 0o5600], "success", errno.ENOMEM),
}
# On a descriptor of a file: not a terminal, so ENOTTY without a filter.
REQUESTS = {
    "TIOCSTI": 0x5412,
    "TIOCLINUX": 0x541C,
    "TIOCSETD": 0x5423,
    "TIOCSTI with high bits": (1 << 32) | 0x5412,
}
MODULES = {"SIOCGIFBR": 0x8940, "SIOCGIFVLAN": 0x8982, "SIOCADDDLCI": 0x8980, "SIOCBRADDBR": 0x89A0}
WATCHES = {"F_SETLEASE": 1024, "F_NOTIFY": 1026}
# Family, kind and protocol, and how each is refused.
SOCKETS = {
    "raw": ((2, 3, 6), errno.ESOCKTNOSUPPORT),
    "packets of INET": ((2, 10, 0), errno.ESOCKTNOSUPPORT),
    "SCTP by its kind": ((10, 5, 0), errno.ESOCKTNOSUPPORT),
    "SCTP": ((2, 1, 132), errno.EPROTONOSUPPORT),
    "MPTCP": ((10, 1, 262), errno.EPROTONOSUPPORT),
    "ICMP": ((2, 2, 1), errno.EPROTONOSUPPORT),
    "TCP": ((2, 1 | 0o2000000, 6), 0),
    "UDP": ((10, 2, 17), 0),
    "UNIX in order": ((1, 5, 0), 0),
}
FAMILIES = {
    "UNSPEC": 0,
    "AX25": 3,
    "NETLINK": 16,
    "PACKET": 17,
    "ALG": 38,
    "VSOCK": 40,
    "XDP": 44,
    "NETLINK with high bits": (1 << 32) | 16,
}
LOOK = """
import ctypes, errno, json, os, socket, stat
libc = ctypes.CDLL(None, use_errno=True)

def called(number, *arguments):
    wide = [ctypes.c_long(one) for one in arguments]
    result = libc.syscall(ctypes.c_long(number), *wide)
    return ctypes.get_errno() if result < 0 else 0

def tried(act):
    try:
        act()
    except OSError as error:
        return error.errno
    return 0

def set_mode(mode):
    return lambda: os.chmod("/tmp/file", mode)

path = ctypes.create_string_buffer(b"/tmp/file")
fd = os.open("/tmp/file", os.O_CREAT | os.O_RDWR, 0o644)
folder = os.open("/tmp", os.O_RDONLY)
tcp, tls, one = socket.socket(), ctypes.create_string_buffer(b"tls"), ctypes.c_int(1)
print(json.dumps({
    "calls": {name: called(NUMBERS[name], *arguments) for name, arguments in CALLS.items()},
    "requests": {name: called(NUMBERS["ioctl"], fd, request, 0)
                 for name, request in REQUESTS.items()},
    "watches": {name: called(NUMBERS["fcntl"], folder, request, 0)
                for name, request in WATCHES.items()},
    "sockets": {name: called(NUMBERS["socket"], *asked) for name, (asked, _) in SOCKETS.items()},
    "modules": {name: called(NUMBERS["ioctl"], tcp.fileno(), request, 0)
                for name, request in MODULES.items()},
    "layered": called(NUMBERS["setsockopt"], tcp.fileno(), 6, 31, ctypes.addressof(tls), 3),
    "undelayed": called(NUMBERS["setsockopt"], tcp.fileno(), 6, 1, ctypes.addressof(one), 4),
    "harmless_request": called(NUMBERS["ioctl"], fd, 0x5401, 0),
    "families": {name: called(NUMBERS["socket"], family, 1, 0)
                 for name, family in FAMILIES.items()},
    "usual_families": [tried(lambda: socket.socket(family)) for family in (
        socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)] + [tried(socket.socketpair)],
    "modes": [tried(set_mode(0o4755)), tried(set_mode(0o2755)), tried(set_mode(0o755))],
    "fchmod": tried(lambda: os.fchmod(fd, 0o4755)),
    "mkdir": tried(lambda: os.mkdir("/tmp/folder", 0o2755)),
    "creat": tried(lambda: os.open("/tmp/new", os.O_CREAT | os.O_WRONLY, 0o4755)),
    "nameless": tried(lambda: os.open("/tmp", os.O_TMPFILE | os.O_WRONLY, 0o4755)),
    "fchmodat2": called(452, -100, ctypes.addressof(path), 0o4755, 0),
    "open": tried(lambda: os.open("/tmp/file", os.O_RDONLY, 0o4755)),
}))
"""


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    names = {*CALLS, "ioctl", "socket", "fcntl", "setsockopt"}
    numbers = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in names}
    calls = {name: arguments for name, (arguments, _, _) in CALLS.items()}
    head = f"NUMBERS, CALLS = {json.dumps(numbers)}, {json.dumps(calls)}\n"
    head += f"REQUESTS, FAMILIES = {json.dumps(REQUESTS)}, {json.dumps(FAMILIES)}\n"
    head += f"MODULES = {json.dumps(MODULES)}\n"
    head += f"WATCHES, SOCKETS = {json.dumps(WATCHES)}, {json.dumps(SOCKETS)}\n"
    facts: dict[str, Any] = answer(python(head + LOOK))
    return facts


@pytest.mark.sandbox
@pytest.mark.parametrize("name", CALLS)
def test_no_script_gets(name: str, seen: dict[str, Any]) -> None:
    _, without_filter, wanted = CALLS[name]
    assert without_filter != errno.errorcode[wanted]
    assert errno.errorcode[seen["calls"][name]] == errno.errorcode[wanted]


@pytest.mark.sandbox
@pytest.mark.parametrize("name", REQUESTS)
def test_no_script_can_type_into_a_terminal_by(name: str, seen: dict[str, Any]) -> None:
    assert seen["requests"][name] == errno.EPERM
    assert seen["harmless_request"] == errno.ENOTTY


@pytest.mark.sandbox
@pytest.mark.parametrize("name", FAMILIES)
def test_no_script_gets_a_socket_of_the_family(name: str, seen: dict[str, Any]) -> None:
    assert seen["families"][name] == errno.EAFNOSUPPORT


@pytest.mark.sandbox
@pytest.mark.parametrize("name", WATCHES)
def test_no_script_can_watch_what_others_do_by(name: str, seen: dict[str, Any]) -> None:
    assert seen["watches"][name] == errno.EPERM


@pytest.mark.sandbox
@pytest.mark.parametrize("name", MODULES)
def test_no_script_has_a_module_loaded_by(name: str, seen: dict[str, Any]) -> None:
    assert seen["modules"][name] == errno.EPERM


@pytest.mark.sandbox
def test_no_script_has_tls_in_the_kernel_but_other_options_of_tcp(seen: dict[str, Any]) -> None:
    assert (seen["layered"], seen["undelayed"]) == (errno.ENOPROTOOPT, 0)


@pytest.mark.sandbox
@pytest.mark.parametrize("name", SOCKETS)
def test_of_the_internet_there_are_tcp_and_udp(name: str, seen: dict[str, Any]) -> None:
    assert seen["sockets"][name] == SOCKETS[name][1]


@pytest.mark.sandbox
def test_sockets_of_the_usual_families_work(seen: dict[str, Any]) -> None:
    assert seen["usual_families"] == [0, 0, 0, 0]


@pytest.mark.sandbox
def test_no_file_can_be_made_to_run_as_its_owner(seen: dict[str, Any]) -> None:
    assert seen["modes"] == [errno.EPERM, errno.EPERM, 0]
    ways = ("fchmod", "mkdir", "creat", "nameless", "fchmodat2")
    assert {seen[way] for way in ways} == {errno.EPERM}


@pytest.mark.sandbox
def test_a_mode_that_nobody_looks_at_does_not_matter(seen: dict[str, Any]) -> None:
    assert seen["open"] == 0


INT_80 = """
import ctypes, mmap
code = bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3])  # getpid() by the numbers of i386
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(code)
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
import os
child = os.fork()
if child == 0:
    ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    os._exit(0)
print(os.WTERMSIG(os.waitpid(child, 0)[1]))
"""
X32 = """
import ctypes, os
child = os.fork()
if child == 0:
    ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39))  # getpid() by the numbers of x32
    os._exit(0)
print(os.WTERMSIG(os.waitpid(child, 0)[1]))
"""


@pytest.mark.sandbox
@pytest.mark.skipif(platform.machine() != "x86_64", reason="code of another architecture")
@pytest.mark.parametrize("code", [INT_80, X32], ids=["i386", "x32"])
def test_code_of_another_architecture_is_killed(code: str) -> None:
    assert answer(python(code)) == 31  # SIGSYS


def test_the_rules_name_every_door_that_the_design_closes() -> None:
    named = {call for _, call, masks in seccomp.rules() if not masks}
    assert named >= {
        *("io_uring_setup", "keyctl", "bpf", "perf_event_open", "userfaultfd", "ptrace"),
        *("mount", "move_mount", "fsopen", "open_tree", "mount_setattr", "unshare", "setns"),
        *("clone3", "open_by_handle_at", "init_module", "kexec_load", "pivot_root", "chroot"),
    }


def test_every_namespace_flag_of_clone_is_refused() -> None:
    flags = {masks[0][2] for _, call, masks in seccomp.rules() if call == "clone"}
    namespaces = {0x00020000, 0x02000000, 0x04000000, 0x08000000}
    assert flags == namespaces | {0x10000000, 0x20000000, 0x40000000}


FILTERED = (
    *(Protection.KERNEL_CALLS, Protection.TRACING, Protection.WATCHING, Protection.NAMESPACES),
    *(Protection.SOCKETS, Protection.TERMINALS, Protection.PRIVILEGED_FILES),
)


@pytest.mark.parametrize("protection", FILTERED)
def test_what_is_switched_off_lacks_in_the_filter(protection: Protection) -> None:
    left, every = list(seccomp.rules({protection})), list(seccomp.rules())
    assert set(left) < set(every)
    assert seccomp.compiled(frozenset({protection})) != seccomp.compiled()


def test_with_all_of_them_switched_off_nothing_is_refused() -> None:
    assert list(seccomp.rules(FILTERED)) == []


def test_the_filter_is_compiled_once() -> None:
    assert seccomp.compiled() is seccomp.compiled()
    assert len(seccomp.compiled()) % 8 == 0


def test_a_missing_libseccomp_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pyseccomp":
            raise RuntimeError("Unable to find libseccomp")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(IsolationError, match="Unable to find libseccomp") as caught:
        seccomp.library()
    assert "apt install libseccomp2" in caught.value.remedy


class RefusingFilter:
    """A filter that answers each rule with an error, as libseccomp does for unknown calls."""

    def __init__(self, number: int) -> None:
        self.number = number

    def add_rule(self, *rule: Any) -> None:
        raise OSError(self.number, "refused")


def test_a_call_that_an_architecture_lacks_needs_no_rule() -> None:
    seccomp.add(pyseccomp, RefusingFilter(errno.EINVAL), errno.EPERM, "open")


def test_any_other_refusal_of_a_rule_is_an_error() -> None:
    with pytest.raises(OSError, match="refused"):
        seccomp.add(pyseccomp, RefusingFilter(errno.ENOMEM), errno.EPERM, "open")


@pytest.mark.sandbox
def test_threads_processes_and_asynchronous_code_work_as_ever() -> None:
    code = """
import asyncio, subprocess, multiprocessing, socket, threading
async def echo():
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    print((await reader.read()).decode() + "closed")
asyncio.run(echo())
thread = threading.Thread(target=print, args=("thread",))
thread.start()
thread.join()
print(subprocess.run(["/bin/echo", "child"], capture_output=True).stdout.decode().strip())
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.map(abs, [-1]))
"""
    outcome = go(python(code))
    assert outcome.stdout == b"closed\nthread\nchild\n[1]\n"
