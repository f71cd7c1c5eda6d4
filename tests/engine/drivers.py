"""A machine with GPUs, in a folder: what the driver shows of itself, with devices that are none."""

from pathlib import Path

INFORMATION = """Model: \t\t {model}
IRQ:   \t\t 16
GPU UUID: \t GPU-00000000-0000-0000-0000-00000000000{minor}
Device Minor: \t {minor}
"""


def machine(root: Path, *, gpus: int = 2, folder: str = "usr/lib/x86_64-linux-gnu") -> Path:
    """So many GPUs below `root`, whose devices read as nothing and take everything."""
    devices, libraries = root / "dev", root / folder
    devices.mkdir(parents=True)
    libraries.mkdir(parents=True)
    for name in ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "zero"):
        (devices / name).symlink_to("/dev/null")
    for minor in range(gpus):
        (devices / f"nvidia{minor}").symlink_to("/dev/null")
        told = root / f"proc/driver/nvidia/gpus/0000:0{minor}:00.0"
        told.mkdir(parents=True)
        (told / "information").write_text(INFORMATION.format(model=f"Small {minor}", minor=minor))
    (libraries / "libcuda.so.555.1").write_text("a library")
    (libraries / "libcuda.so.1").symlink_to("libcuda.so.555.1")
    (libraries / "libnvidia-ml.so.1").write_text("another")
    (libraries / "libGL.so.1").write_text("of no use here")
    return root
