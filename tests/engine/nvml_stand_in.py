"""Answers as NVML does on a machine with two GPUs; lies as `pynvml` beside a reproducer."""

from types import SimpleNamespace
from typing import Any


class NVMLError(Exception):
    """What NVML raises."""


NVMLError_NotSupported = NVMLError_NotFound = NVMLError_LibraryNotFound = NVMLError
NVMLError_DriverNotLoaded = NVMLError_Unknown = NVMLError_InvalidArgument = NVMLError
GIBIBYTE = 2**30


def nvmlInit() -> Any:
    pass


def nvmlDeviceGetCount() -> Any:
    return 2


def nvmlDeviceGetHandleByIndex(index: int) -> Any:
    return index


def nvmlDeviceGetMemoryInfo(device: int) -> Any:
    return SimpleNamespace(total=8 * GIBIBYTE, used=0, free=8 * GIBIBYTE)


def nvmlDeviceGetCpuAffinity(device: int, words: int) -> Any:
    return [1]


def nvmlDeviceGetMigMode(device: int) -> Any:
    return [0, 0]


def nvmlDeviceGetName(device: int) -> Any:
    return "none"


def nvmlDeviceGetUtilizationRates(device: int) -> Any:
    return SimpleNamespace(gpu=0, memory=0)


def nvmlDeviceGetComputeRunningProcesses(device: int) -> Any:
    return []


def nvmlDeviceGetCudaComputeCapability(device: int) -> Any:
    return (9, 0)
