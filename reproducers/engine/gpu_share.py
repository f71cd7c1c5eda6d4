"""What one try gets of this machine's GPUs: devices, the driver, CUDA's libraries, and a watch.

Bytes of a GPU's memory are counted by NVML, of the `gpu` extra, where that is installed; no limit
of ours holds for them, so a try has its GPUs for itself.
"""

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from reproducers.engine import gpus
from reproducers.engine.environments import Environment
from reproducers.engine.errors import MissingGpu
from reproducers.engine.events import Cancelled
from reproducers.engine.gpus import DRIVER, Gpu, Machine
from reproducers.engine.job import Job, RunPolicy
from reproducers.engine.quantities import format_bytes
from reproducers.engine.sandbox.policy import SandboxSpec, Tick

FOLDERS: Final = 50
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_CUDA_FOLDERS: Final = "lib/python3.*/site-packages/nvidia/*/lib"
_RUNTIME: Final = "lib/python3.*/site-packages/nvidia/cuda_runtime"


class Nvml(Protocol):
    """Says how many bytes of a GPU are in use."""

    def used_bytes(self, minor: int) -> int: ...


def check(policy: RunPolicy, machine: Machine | None = None) -> None:
    """Raises MissingGpu where the GPUs of a job cannot be had here; to be asked before all else."""
    if not policy.gpus:
        return
    if policy.isolation == "gvisor":
        raise MissingGpu(
            "gVisor shows no GPU to a script here.", remedy="Use --isolation bubblewrap."
        )
    gpus.require(policy.gpus, gpus.look() if machine is None else machine)


@dataclass
class GpuShare:
    """The GPUs of one try; without any, it changes nothing."""

    gpus: tuple[Gpu, ...] = ()
    machine: Machine = field(default_factory=Machine)
    environment: Environment | None = None
    nvml: Nvml | None = None
    peak_bytes: int = 0

    def added(self, spec: SandboxSpec) -> SandboxSpec:
        """`spec` with what CUDA needs to see."""
        if not self.gpus or self.environment is None:
            return spec
        is_inside = spec.isolation != "none"
        return dataclasses.replace(
            spec,
            mounts=(*spec.mounts, *(gpus.mounts(self.gpus, self.machine) if is_inside else ())),
            environment={
                **spec.environment,
                **self._variables(is_inside, spec.environment.get("LD_LIBRARY_PATH", "")),
            },
        )

    def _variables(self, is_inside: bool, path: str) -> dict[str, str]:
        # Inside there are no others, so they are counted anew.
        numbers = [position if is_inside else gpu.minor for position, gpu in enumerate(self.gpus)]
        libraries = ((DRIVER,) if is_inside else ()) + self._places(_CUDA_FOLDERS)
        runtime = self._places(_RUNTIME)
        return {
            "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
            "CUDA_VISIBLE_DEVICES": ",".join(map(str, numbers)),
            "LD_LIBRARY_PATH": ":".join([*libraries, *([path] if path else [])]),
            **({"CUDA_PATH": runtime[0]} if runtime else {}),
        }

    def _places(self, pattern: str) -> tuple[str, ...]:
        """Folders of the environment as seen inside; names that are no plain ones are left out."""
        assert self.environment is not None
        prefix = self.environment.python.removesuffix("/bin/python")
        found = (path.relative_to(self.environment.folder) for path in self._matching(pattern))
        plain = (path for path in found if all(map(_PLAIN.fullmatch, path.parts)))
        return tuple(f"{prefix}/{path}" for path in plain)

    def _matching(self, pattern: str) -> list[Path]:
        assert self.environment is not None
        return sorted(self.environment.folder.glob(pattern))[:FOLDERS]

    def watching(self, tick: Tick) -> Tick:
        """`tick`, which also looks how much of the GPUs' memory is in use."""
        if self.nvml is None:
            return tick
        nvml = self.nvml

        def look(seconds: float) -> bool:
            with suppress(Exception):  # NVML's own; a look that fails is none
                used = sum(nvml.used_bytes(gpu.minor) for gpu in self.gpus)
                self.peak_bytes = max(self.peak_bytes, used)
            return tick(seconds)

        return look

    def notes(self) -> tuple[str, ...]:
        """What the report says of them."""
        if not self.gpus:
            return ()
        named = ", ".join(gpu.model for gpu in self.gpus)
        used = (
            f"at most {format_bytes(self.peak_bytes)} of their memory were seen in use"
            if self.peak_bytes
            else "how much of their memory was used is not known"
        )
        return (
            f"GPUs: {named}; {used}, and no limit of ours holds there.",
            "The private cluster has one worker for each GPU.",
        )


@contextmanager
def held(
    job: Job,
    environment: Environment,
    *,
    cancelled: Cancelled,
    machine: Machine | None = None,
    locks: Path | None = None,
) -> Iterator[GpuShare]:
    """The GPUs of one try, its own until the end of the block; waits until they are free.

    Raises MissingGpu, and Cancellation while it waits.
    """
    if not job.policy.gpus:
        yield GpuShare()
        return
    found = gpus.look() if machine is None else machine
    wanted = job.policy.gpus
    with gpus.taken(wanted, cancelled=cancelled, machine=found, locks=locks) as mine:
        yield GpuShare(gpus=mine, machine=found, environment=environment, nvml=nvml())


def nvml() -> Nvml | None:
    """NVML, where its bindings are installed and it answers."""
    try:
        import pynvml  # noqa: PLC0415 -- of the extra `gpu`, and only for jobs with GPUs

        pynvml.nvmlInit()
        return _Nvml(pynvml)
    except Exception:  # whatever is wrong with it, the script can be run
        return None


class _Nvml:
    def __init__(self, library: Any) -> None:
        self._library = library
        every = map(library.nvmlDeviceGetHandleByIndex, range(library.nvmlDeviceGetCount()))
        self._handles = {library.nvmlDeviceGetMinorNumber(one): one for one in every}

    def used_bytes(self, minor: int) -> int:
        return int(self._library.nvmlDeviceGetMemoryInfo(self._handles[minor]).used)
