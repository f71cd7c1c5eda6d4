"""Which GPUs a machine has, what a sandbox sees of them, and whose they are."""

import threading
from pathlib import Path

import pytest

from reproducers.engine import gpus
from reproducers.engine.errors import MissingGpu
from reproducers.engine.events import Cancellation
from reproducers.engine.gpus import Gpu, Machine
from reproducers.engine.sandbox.policy import Mount
from tests.engine import drivers

LIBRARIES = "usr/lib/x86_64-linux-gnu"


def never() -> bool:
    return False


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return drivers.machine(tmp_path / "machine")


def missing(machine: Machine, count: int = 1) -> tuple[str, str]:
    with pytest.raises(MissingGpu) as caught:
        gpus.require(count, machine)
    return caught.value.message, caught.value.remedy


def test_gpus_are_found_by_their_devices_and_named_by_the_driver(root: Path) -> None:
    found = gpus.look(root)
    assert [(gpu.minor, gpu.model) for gpu in found.gpus] == [(0, "Small 0"), (1, "Small 1")]
    assert [node.name for node in found.control] == ["nvidiactl", "nvidia-uvm", "nvidia-uvm-tools"]
    assert [path.name for path in found.libraries] == [
        "libcuda.so.1",
        "libcuda.so.555.1",
        "libnvidia-ml.so.1",
    ]
    gpus.require(2, found)


def test_they_are_ordered_by_number_and_need_no_name(root: Path) -> None:
    (root / "dev" / "nvidia10").symlink_to("/dev/null")
    (root / "proc/driver/nvidia/gpus/0000:01:00.0/information").write_text("Model: X\nno number")
    assert [(gpu.minor, gpu.model) for gpu in gpus.look(root).gpus] == [
        (0, "Small 0"),
        (1, "an NVIDIA GPU"),
        (10, "an NVIDIA GPU"),
    ]


def test_a_file_of_that_name_is_no_gpu(root: Path) -> None:
    (root / "dev" / "nvidia7").write_text("")
    assert [gpu.minor for gpu in gpus.look(root).gpus] == [0, 1]


def test_the_driver_is_found_where_other_systems_have_it(tmp_path: Path) -> None:
    found = gpus.look(drivers.machine(tmp_path / "other", folder="run/opengl-driver/lib"))
    assert {path.parent.name for path in found.libraries} == {"lib"}


def test_a_machine_without_a_gpu_says_so_with_the_remedy(tmp_path: Path) -> None:
    message, remedy = missing(gpus.look(tmp_path))
    assert message == "This machine has no NVIDIA GPU."
    assert "--gpus 0" in remedy


def test_a_machine_with_fewer_says_how_many(root: Path) -> None:
    assert missing(gpus.look(root), 3) == (
        "3 GPUs are asked for, and this machine has 2.",
        "Ask for at most 2 with --gpus.",
    )


def test_a_driver_that_is_half_there_is_named(root: Path) -> None:
    (root / "dev" / "nvidia-uvm").unlink()
    assert missing(gpus.look(root))[0] == "The driver's device /dev/nvidia-uvm is missing."
    (root / "dev" / "nvidia-uvm").symlink_to("/dev/null")
    (root / LIBRARIES / "libcuda.so.1").unlink()
    assert missing(gpus.look(root))[0] == "The driver's library libcuda.so.1 is missing."


def test_devices_of_a_group_are_of_no_use_to_a_sandbox(root: Path) -> None:
    private = root / "private"
    private.write_text("")
    private.chmod(0o660)
    found = gpus.look(root)
    closed = Machine(
        gpus=(Gpu(minor=0, node=private),), control=found.control, libraries=found.libraries
    )
    assert missing(closed)[0] == f"{private} may not be used by everybody, and a sandbox is nobody."


def test_only_what_is_given_is_shown_inside(root: Path) -> None:
    found = gpus.look(root)
    assert gpus.mounts(found.gpus[1:], found) == (
        Mount(source=root / "dev/nvidia1", target="/dev/nvidia1", device=True),
        Mount(source=root / "dev/nvidiactl", target="/dev/nvidiactl", device=True),
        Mount(source=root / "dev/nvidia-uvm", target="/dev/nvidia-uvm", device=True),
        Mount(source=root / "dev/nvidia-uvm-tools", target="/dev/nvidia-uvm-tools", device=True),
        Mount(source=root / LIBRARIES / "libcuda.so.555.1", target="/driver/libcuda.so.1"),
        Mount(source=root / LIBRARIES / "libcuda.so.555.1", target="/driver/libcuda.so.555.1"),
        Mount(source=root / LIBRARIES / "libnvidia-ml.so.1", target="/driver/libnvidia-ml.so.1"),
    )


def test_a_gpu_belongs_to_one_try_at_a_time(root: Path, tmp_path: Path) -> None:
    machine = gpus.look(root)
    with gpus.taken(1, cancelled=never, machine=machine, locks=tmp_path) as first:
        with gpus.taken(1, cancelled=never, machine=machine, locks=tmp_path) as second:
            assert [gpu.minor for gpu in (*first, *second)] == [0, 1]
        with (
            pytest.raises(Cancellation),
            gpus.taken(2, cancelled=lambda: True, machine=machine, locks=tmp_path),
        ):
            pass
    with gpus.taken(2, cancelled=never, machine=machine, locks=tmp_path) as both:
        assert len(both) == 2


def test_who_waits_gets_them_when_they_are_free(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpus, "POLL_SECONDS", 0.01)
    machine, asked = gpus.look(root), threading.Event()

    def watched() -> bool:
        asked.set()
        return False

    def free_later(held: "threading.Event") -> None:
        with gpus.taken(2, cancelled=never, machine=machine, locks=tmp_path):
            held.set()
            asked.wait(30)

    is_held = threading.Event()
    other = threading.Thread(target=free_later, args=(is_held,))
    other.start()
    is_held.wait(30)
    with gpus.taken(2, cancelled=watched, machine=machine, locks=tmp_path) as mine:
        assert len(mine) == 2
    other.join()


def test_a_machine_that_lacks_them_is_not_waited_for(tmp_path: Path) -> None:
    with (
        pytest.raises(MissingGpu),
        gpus.taken(1, cancelled=never, machine=Machine(), locks=tmp_path),
    ):
        pass


def test_doctor_is_told_what_is_there(root: Path, tmp_path: Path) -> None:
    assert gpus.check(Machine()).found == "none, which only --gpus needs"
    check = gpus.check(gpus.look(root))
    assert (check.ok, check.found, check.remedy) == (True, "Small 0, Small 1", "")
    (root / "dev" / "nvidiactl").unlink()
    check = gpus.check(gpus.look(root))
    assert (check.ok, check.found) == (False, "The driver's device /dev/nvidiactl is missing.")
    assert check.remedy


def test_a_runner_offers_the_gpus_that_work(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = gpus.look(root)
    monkeypatch.setattr(gpus, "look", lambda: machine)
    assert gpus.count() == 2
    monkeypatch.setattr(gpus, "look", Machine)
    assert gpus.count() == 0
