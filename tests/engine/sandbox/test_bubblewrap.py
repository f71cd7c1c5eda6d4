"""The command line of a sandbox, as data."""

import itertools
from pathlib import Path

import pytest

from reproducers.engine.errors import IsolationError
from reproducers.engine.protections import Protection
from reproducers.engine.sandbox import bubblewrap
from reproducers.engine.sandbox.bubblewrap import Descriptors, Sources
from reproducers.engine.sandbox.policy import UNBOUNDED, Mount, SandboxSpec

DESCRIPTORS = Descriptors(status=10, filter=11, etc={"/etc/passwd": 12})
NO_SOURCES = Sources(mounts={}, folders={})


def command(*argv: str, sources: Sources = NO_SOURCES, **wishes: object) -> list[str]:
    spec = SandboxSpec(argv=argv or ("/bin/true",), **wishes)  # type: ignore[arg-type]
    return bubblewrap.command(spec, path="/usr/bin/bwrap", sources=sources, descriptors=DESCRIPTORS)


def follows(line: list[str], *words: str) -> bool:
    """Whether `words` stand next to one another in `line`."""
    runs = zip(*(itertools.islice(line, start, None) for start in range(len(words))), strict=False)
    return words in runs


@pytest.mark.parametrize(
    "option",
    [
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--disable-userns", "--new-session", "--die-with-parent"),
        *("--as-pid-1", "--clearenv"),
    ],
)
def test_every_sandbox_has(option: str) -> None:
    assert option in command()


@pytest.mark.parametrize(
    ("protection", "options"),
    [
        (Protection.NAMESPACES, {"--disable-userns"}),
        (Protection.OWN_PROCESSES, {"--unshare-pid", "--as-pid-1"}),
        (Protection.OWN_IPC, {"--unshare-ipc"}),
        (Protection.CGROUP_NAMES, {"--unshare-cgroup-try"}),
        (Protection.HOST_NAME, {"--unshare-uts", "--hostname"}),
        (Protection.NETWORK, {"--unshare-net"}),
        (Protection.END_WITH_HOST, {"--die-with-parent"}),
        (Protection.ENVIRONMENT, {"--clearenv"}),
        (Protection.CAPABILITIES, {"--cap-drop"}),
        (Protection.READ_ONLY, {"--ro-bind"}),
    ],
)
def test_each_protection_is_switched_off_for_itself(
    protection: Protection, options: set[str]
) -> None:
    mount = Mount(source=Path("/srv/a"), target="/a")
    every, left = command(mounts=(mount,)), command(mounts=(mount,), without=(protection,))
    assert {word for word in every if every.count(word) > left.count(word)} >= options


def test_without_hidden_files_the_hosts_are_seen() -> None:
    line = command(without=(Protection.HOST_FILES,))
    assert follows(line, "--ro-bind", "/etc", "/etc")
    assert "/etc/passwd" not in line
    assert follows(command(), "--file", "12", "/etc/passwd")


def test_without_covers_the_kernel_tells_more() -> None:
    assert "/proc/cmdline" not in command(without=(Protection.KERNEL_FILES,))
    assert follows(command(), "--ro-bind", "/dev/null", "/proc/cmdline")


def test_without_sizes_folders_in_memory_hold_what_they_get() -> None:
    line = command(without=(Protection.TEMPORARY_SIZE,))
    assert follows(line, "--size", str(UNBOUNDED), "--tmpfs", "/tmp")


def test_every_capability_is_dropped() -> None:
    assert follows(command(), "--cap-drop", "ALL")


def test_the_network_is_shared_when_asked_for_only() -> None:
    assert "--unshare-net" not in command(network=True)


def test_certificates_and_resolvers_are_there_with_the_network_only() -> None:
    assert "/etc/resolv.conf" in command(network=True)
    assert "/etc/ssl/certs" in command(network=True)
    assert not {"/etc/resolv.conf", "/etc/ssl/certs"} & set(command())


def test_the_program_comes_last_and_cannot_be_taken_for_an_option() -> None:
    assert command("--bind", "/", "/")[-4:] == ["--", "--bind", "/", "/"]


def test_root_and_devices_turn_read_only_after_everything_is_in_place() -> None:
    line = command(mounts=(Mount(source=Path("/srv"), target="/seen"),))
    last_mount = line.index("/seen")
    for path in ("/proc", "/dev", "/"):
        assert follows(line[last_mount:], "--remount-ro", path)


def test_mounts_are_read_only_unless_said_otherwise() -> None:
    mounts = (
        Mount(source=Path("/srv/a"), target="/a"),
        Mount(source=Path("/srv/b"), target="/b", writable=True),
    )
    line = command(mounts=mounts)
    assert follows(line, "--ro-bind", "/srv/a", "/a")
    assert follows(line, "--bind", "/srv/b", "/b")


def test_what_lies_on_a_stage_is_taken_from_there() -> None:
    sources = Sources(
        mounts={"/a": "/stage/a"}, folders={"/tmp": "/stage/tmp", "/output": "/stage/out"}
    )
    mounts = (Mount(source=Path("/root/secret"), target="/a"),)
    line = command(mounts=mounts, output=Path("/root/output"), sources=sources)
    assert follows(line, "--ro-bind", "/stage/a", "/a")
    assert follows(line, "--bind", "/stage/tmp", "/tmp")
    assert follows(line, "--bind", "/stage/out", "/output")
    assert not [word for word in line if word.startswith("/root")]


def test_without_a_stage_bubblewrap_makes_folders_of_the_same_size() -> None:
    line = command(temporary_bytes=5000, output=Path("/srv/output"))
    for target in ("/tmp", "/work", "/dev/shm"):
        assert follows(line, "--perms", "0700", "--size", "5000", "--tmpfs", target)
    assert follows(line, "--bind", "/srv/output", "/output")


def test_the_environment_is_given_and_nothing_else() -> None:
    line = command(environment={"A": "1"})
    assert follows(line, "--setenv", "A", "1")
    assert line.count("--setenv") == 1


def test_generated_files_are_read_from_descriptors() -> None:
    assert follows(command(), "--perms", "0444", "--file", "12", "/etc/passwd")
    assert DESCRIPTORS.all() == (10, 11, 12)


def test_a_bubblewrap_that_is_missing_is_named_with_the_remedy() -> None:
    with pytest.raises(IsolationError, match="bubblewrap is not installed") as caught:
        bubblewrap.program(among="/nowhere")
    assert "apt install bubblewrap" in caught.value.remedy


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("echo bubblewrap 0.11.0", (0, 11, 0)),
        ("echo bubblewrap 0.8", (0, 8)),
        ("exit 1", ()),
    ],
)
def test_its_version_is_what_it_says(tmp_path: Path, answer: str, numbers: tuple[int, ...]) -> None:
    assert bubblewrap.version(str(fake(tmp_path, answer))) == numbers


def test_a_bubblewrap_that_cannot_forbid_namespaces_is_refused(tmp_path: Path) -> None:
    fake(tmp_path, "echo bubblewrap 0.7.9")
    with pytest.raises(IsolationError, match="bubblewrap is too old"):
        bubblewrap.program(among=str(tmp_path))


def fake(folder: Path, answer: str) -> Path:
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)
    return path


def test_a_system_with_folders_at_its_root_is_shown_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").symlink_to("usr/lib")
    (tmp_path / "usr" / "lib").mkdir(parents=True)
    assert list(bubblewrap.system(tmp_path)) == [
        *("--ro-bind", f"{tmp_path}/usr/lib", "/usr/lib"),
        *("--ro-bind", f"{tmp_path}/bin", "/bin"),
        *("--symlink", "usr/lib", "/lib"),
    ]


def test_what_the_kernel_tells_of_the_host_is_covered(tmp_path: Path) -> None:
    (tmp_path / "keys").touch()
    (tmp_path / "acpi").mkdir()
    assert list(bubblewrap.hidden(tmp_path)) == [
        *("--ro-bind", "/dev/null", "/proc/keys"),
        *("--size", "4096", "--tmpfs", "/proc/acpi", "--remount-ro", "/proc/acpi"),
    ]
