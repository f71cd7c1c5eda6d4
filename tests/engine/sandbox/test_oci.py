"""What gVisor is told to run, as data."""

from typing import Any

import pytest

from reproducers.engine.sandbox import oci
from reproducers.engine.sandbox.policy import SandboxSpec

SOURCES = {"/env": "/stage/mount-0", "/build": "/stage/mount-1"}


def configured(*, user: int = 1000, **wishes: Any) -> dict[str, Any]:
    spec = SandboxSpec(argv=("/bin/true", "a b"), **wishes)
    return oci.configuration(
        spec, root="/stage/root", sources=SOURCES, writable=frozenset({"/build"}), user=user
    )


def mounted(target: str, **wishes: Any) -> dict[str, Any]:
    (found,) = [one for one in configured(**wishes)["mounts"] if one["destination"] == target]
    return dict(found)


def test_the_root_is_read_only() -> None:
    assert configured()["root"] == {"path": "/stage/root", "readonly": True}


def test_the_process_is_what_was_asked_for() -> None:
    process = configured(environment={"A": "b=c"}, working_directory="/there")["process"]
    assert process["args"] == ["/bin/true", "a b"]
    assert process["env"] == ["A=b=c"]
    assert (process["cwd"], process["terminal"]) == ("/there", False)


def test_the_process_can_gain_nothing() -> None:
    process = configured(user=7)["process"]
    assert process["user"] == {"uid": 7, "gid": 7}
    assert process["noNewPrivileges"] is True
    assert set(map(tuple, process["capabilities"].values())) == {()}
    assert len(process["capabilities"]) == 5


def test_files_are_bounded_in_number_and_size() -> None:
    limits = configured(open_files=64, file_bytes=4096)["process"]["rlimits"]
    assert limits == [
        {"type": "RLIMIT_NOFILE", "soft": 64, "hard": 64},
        {"type": "RLIMIT_FSIZE", "soft": 4096, "hard": 4096},
        {"type": "RLIMIT_CORE", "soft": 0, "hard": 0},
    ]


@pytest.mark.parametrize(("network", "has_own"), [(False, True), (True, False)])
def test_only_a_download_shares_the_hosts_network(network: bool, has_own: bool) -> None:
    namespaces = [one["type"] for one in configured(network=network)["linux"]["namespaces"]]
    assert ("network" in namespaces) is has_own
    assert {"pid", "ipc", "uts", "mount"} <= set(namespaces)


@pytest.mark.parametrize("folder", ["/tmp", "/work", "/dev/shm"])
def test_folders_in_memory_have_a_size(folder: str) -> None:
    found = mounted(folder, temporary_bytes=12345)
    assert found["type"] == "tmpfs"
    assert "size=12345" in found["options"]


@pytest.mark.parametrize(("target", "access"), [("/env", "ro"), ("/build", "rw")])
def test_what_lies_on_the_host_can_be_written_to_only_where_asked_for(
    target: str, access: str
) -> None:
    found = mounted(target)
    assert (found["type"], found["source"]) == ("bind", SOURCES[target])
    assert found["options"] == [access, "rbind", "nosuid", "nodev"]


def test_the_kernel_shows_its_own_proc_and_no_devices_or_buses() -> None:
    assert "ro" in mounted("/proc")["options"]
    assert mounted("/sys")["type"] == "tmpfs"


def test_etc_names_the_user_by_its_number() -> None:
    assert oci.etc(1000)["/etc/passwd"] == "sandbox:x:1000:1000:sandbox:/work:/bin/sh\n"
    assert oci.etc(0)["/etc/passwd"] == "sandbox:x:0:0:sandbox:/work:/bin/sh\n"
    assert oci.etc(0)["/etc/group"] == "sandbox:x:0:\n"
