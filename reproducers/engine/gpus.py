"""The GPUs of this machine, and what a sandbox has to see of them: NVIDIA's, as Dask's users have.

A GPU is a device node; beside it CUDA needs the nodes of the driver and the driver's own libraries,
which fit that driver alone and therefore come from the host. Everything else of CUDA comes in
wheels. Nothing here starts a program or loads a library: what is there is looked at.
"""

import contextlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reproducers.engine.checks import Check
from reproducers.engine.errors import MissingGpu
from reproducers.engine.events import Cancellation, Cancelled
from reproducers.engine.sandbox import slots, state
from reproducers.engine.sandbox.policy import Mount

DRIVER: Final = "/driver"
"""Where the driver's libraries lie inside."""

LOADER: Final = "libcuda.so.1"
LOCKS: Final = "gpus"
POLL_SECONDS: Final = 0.5
MODEL_CHARACTERS: Final = 80
_NODE: Final = re.compile(r"nvidia([0-9]{1,3})")
_NEEDED: Final = ("nvidiactl", "nvidia-uvm")
_HELPFUL: Final = ("nvidia-uvm-tools", "nvidia-modeset")
_LIBRARIES: Final = (
    *("libcuda.so.*", "libnvidia-ml.so.*", "libnvidia-ptxjitcompiler.so.*"),
    *("libnvidia-nvvm*.so.*", "libnvidia-gpucomp.so.*"),
)
# Debian's and Red Hat's, what NVIDIA's container tools mount, and NixOS'.
_FOLDERS: Final = (
    *("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib"),
    *("usr/local/nvidia/lib64", "usr/local/nvidia/lib", "run/opengl-driver/lib"),
)
_READ_AND_WRITE: Final = 0o006


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One device. `minor` is its number in the name of its node."""

    minor: int
    node: Path
    model: str = "an NVIDIA GPU"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """`control` are the nodes that every GPU needs beside its own, `libraries` the driver's."""

    gpus: tuple[Gpu, ...] = ()
    control: tuple[Path, ...] = ()
    libraries: tuple[Path, ...] = ()


def look(root: Path = Path("/")) -> Machine:
    """What the machine whose files lie at `root` has."""
    models = _models(root / "proc/driver/nvidia/gpus")
    gpus = [
        Gpu(minor=number, node=node, model=models.get(number, Gpu.model))
        for node in sorted((root / "dev").glob("nvidia*"))
        if (found := _NODE.fullmatch(node.name)) and node.is_char_device()
        for number in [int(found[1])]
    ]
    control = (root / "dev" / name for name in (*_NEEDED, *_HELPFUL))
    return Machine(
        gpus=tuple(sorted(gpus, key=lambda gpu: gpu.minor)),
        control=tuple(node for node in control if node.is_char_device()),
        libraries=_libraries(root),
    )


def _models(folder: Path) -> dict[int, str]:
    """By their numbers, as the driver tells in `Name: value` lines."""
    found = {}
    for path in folder.glob("*/information"):
        with contextlib.suppress(OSError, ValueError):
            lines = path.read_text("utf-8", "replace").splitlines()
            told = {name: value.strip() for name, _, value in (one.partition(":") for one in lines)}
            found[int(told.get("Device Minor", ""))] = told.get("Model", "")[:MODEL_CHARACTERS]
    return {number: model for number, model in found.items() if model}


def _libraries(root: Path) -> tuple[Path, ...]:
    for name in _FOLDERS:
        if (root / name / LOADER).is_file():
            found = (path for pattern in _LIBRARIES for path in (root / name).glob(pattern))
            return tuple(sorted(path for path in found if path.is_file()))
    return ()


def require(count: int, machine: Machine) -> None:
    """Raises MissingGpu where a job of so many GPUs cannot be run on that machine."""
    if not machine.gpus:
        raise MissingGpu(
            "This machine has no NVIDIA GPU.",
            remedy="Run it on a machine that has one, or with --gpus 0; into a container GPUs come "
            "by an option of its own, such as Docker's --gpus all.",
        )
    if len(machine.gpus) < count:
        raise MissingGpu(
            f"{count} GPUs are asked for, and this machine has {len(machine.gpus)}.",
            remedy=f"Ask for at most {len(machine.gpus)} with --gpus.",
        )
    _require_driver(machine)


def _require_driver(machine: Machine) -> None:
    there = {node.name for node in machine.control}
    if missing := [name for name in _NEEDED if name not in there]:
        raise MissingGpu(
            f"The driver's device /dev/{missing[0]} is missing.",
            remedy="Make it as root: `nvidia-modprobe -u -c=0`.",
        )
    if not machine.libraries:
        raise MissingGpu(
            f"The driver's library {LOADER} is missing.",
            remedy="Install the driver's compute libraries; a container needs "
            "NVIDIA_DRIVER_CAPABILITIES=compute,utility.",
        )
    for node in (*(gpu.node for gpu in machine.gpus), *machine.control[: len(_NEEDED)]):
        if node.stat().st_mode & _READ_AND_WRITE != _READ_AND_WRITE:
            raise MissingGpu(
                f"{node} may not be used by everybody, and a sandbox is nobody.",
                remedy="Load the driver with NVreg_DeviceFileMode=0666.",
            )


def count() -> int:
    """How many GPUs this machine offers to jobs: none where one of them could not run."""
    machine = look()
    try:
        require(1, machine)
    except MissingGpu:
        return 0
    return len(machine.gpus)


def check(machine: Machine | None = None) -> Check:
    """For `repro doctor`. Most machines have none, and most scripts need none."""
    found = look() if machine is None else machine
    models = ", ".join(gpu.model for gpu in found.gpus)
    if not found.gpus:
        return Check(name="gpus", ok=True, found="none, which only --gpus needs")
    try:
        require(1, found)
    except MissingGpu as missing:
        return Check(name="gpus", ok=False, found=missing.message, remedy=missing.remedy)
    return Check(name="gpus", ok=True, found=models)


def mounts(gpus: Sequence[Gpu], machine: Machine) -> tuple[Mount, ...]:
    """What a sandbox with these GPUs sees of the machine."""
    nodes = (*(gpu.node for gpu in gpus), *machine.control)
    return (
        *(Mount(source=node, target=f"/dev/{node.name}", device=True) for node in nodes),
        *(
            Mount(source=library.resolve(), target=f"{DRIVER}/{library.name}")
            for library in machine.libraries
        ),
    )


@contextlib.contextmanager
def taken(
    wanted: int,
    *,
    cancelled: Cancelled,
    machine: Machine | None = None,
    locks: Path | None = None,
) -> Iterator[tuple[Gpu, ...]]:
    """Hold so many GPUs that nobody else of ours uses; waits for them, all or none at a time.

    Raises MissingGpu where there are not so many, and Cancellation while it waits.
    """
    found = look() if machine is None else machine
    require(wanted, found)
    folder = state.folder(LOCKS) if locks is None else locks
    while True:
        with contextlib.ExitStack() as stack:
            free = list(_held(found.gpus, wanted, folder, stack))
            if len(free) == wanted:
                yield tuple(free)
                return
        if cancelled():
            raise Cancellation
        time.sleep(POLL_SECONDS)


def _held(
    gpus: Sequence[Gpu], wanted: int, folder: Path, stack: contextlib.ExitStack
) -> Iterator[Gpu]:
    for gpu in gpus:
        if wanted and stack.enter_context(slots.held(folder / str(gpu.minor))):
            wanted -= 1
            yield gpu
