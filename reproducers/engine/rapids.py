"""RAPIDS and the releases of Dask that it pins: `dask-cuda` works with the pinned one alone.

The table holds what was published when this was written; what came since is read from the
requirements of `rapids-dask-dependency` on the index, a package that does nothing else but pin (and
patch) Dask. Before 23.12 there was none: these pins are those of `dask-cuda` itself.
"""

import email.parser
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from reproducers.engine import index, places

PINNER: Final = "rapids-dask-dependency"
METADATA_BYTES: Final = 1024**2
REQUIREMENTS: Final = 100


@dataclass(frozen=True, kw_only=True)
class Pin:
    """What a release of RAPIDS, such as "24.10", pinned. `dask_expr` None: it did not pin it.

    `pinner` is the version of rapids-dask-dependency that says so, None for the release's own.
    """

    rapids: str
    dask: str
    distributed: str
    dask_expr: str | None = None
    pinner: str | None = None


def _pin(rapids: str, dask: str, *, distributed: str = "", dask_expr: str | None = None) -> Pin:
    return Pin(rapids=rapids, dask=dask, distributed=distributed or dask, dask_expr=dask_expr)


TABLE: Final = (
    _pin("22.12", "2022.11.1"),
    _pin("23.02", "2023.1.1"),
    _pin("23.04", "2023.3.2", distributed="2023.3.2.1"),
    _pin("23.06", "2023.3.2", distributed="2023.3.2.1"),
    _pin("23.08", "2023.7.1"),
    _pin("23.10", "2023.9.2"),
    _pin("23.12", "2023.11.0"),
    _pin("24.02", "2024.1.1", dask_expr="0.4.0"),
    _pin("24.04", "2024.1.1", dask_expr="0.4.0"),
    _pin("24.06", "2024.5.1"),
    _pin("24.08", "2024.7.1"),
    _pin("24.10", "2024.9.0", dask_expr="1.1.14"),
    _pin("24.12", "2024.11.2", dask_expr="1.1.19"),
    _pin("25.02", "2024.12.1", dask_expr="1.1.21"),
    _pin("25.04", "2025.2.0"),
    _pin("25.06", "2025.5.0"),
    _pin("25.08", "2025.7.0"),
    _pin("25.10", "2025.9.1"),
    _pin("25.12", "2025.9.1"),
    _pin("26.02", "2026.1.1"),
    _pin("26.04", "2026.1.1"),
    _pin("26.06", "2026.1.1"),
    _pin("26.08", "2026.7.1"),
    _pin("26.10", "2026.7.1"),
)
"""Oldest first. A test compares it with the index."""


def pins() -> tuple[str, ...]:
    """The eighteen releases of Dask that RAPIDS pinned, oldest first: a matrix's coarse default."""
    return tuple(dict.fromkeys(pin.dask for pin in TABLE))


def known() -> tuple[Pin, ...]:
    """The table and what the index has since, oldest first.

    Raises EnvironmentServiceError where the index was never asked and does not answer.
    """
    return merged(_younger(wheel.version for wheel in index.wheels(PINNER) if _is_usable(wheel)))


def merged(read: Iterable[Pin]) -> tuple[Pin, ...]:
    """The table with what was read, where that says something new."""
    told = {(pin.rapids, pin.dask) for pin in TABLE}
    new = [pin for pin in read if (pin.rapids, pin.dask) not in told]
    return tuple(sorted((*TABLE, *new), key=lambda pin: (pin.rapids, Version(pin.dask))))


def release_of(version: str) -> str:
    """The release of RAPIDS that a version of one of its packages belongs to: 24.4.1 to "24.04"."""
    parsed = Version(version)
    return f"{parsed.major:02}.{parsed.minor:02}"


def belongs_to(version: str, rapids: str) -> bool:
    """Whether a final version is one of that release's; 23.6.230607 and its like are none."""
    parsed = Version(version)
    return not parsed.is_prerelease and parsed.micro < 1000 and release_of(version) == rapids


def read_pin(version: str, requirements: Iterable[str]) -> Pin | None:
    """The pin of a version of rapids-dask-dependency, None where it pins no one release."""
    found: dict[str, str] = {}
    for text in requirements:
        with suppress(InvalidRequirement, InvalidVersion):
            requirement = Requirement(text)
            pinned = _pinned(requirement)
            if pinned is not None and requirement.marker is None:
                found[canonicalize_name(requirement.name)] = pinned
    if "dask" not in found:
        return None
    return Pin(
        rapids=release_of(version),
        dask=found["dask"],
        distributed=found.get("distributed", found["dask"]),
        dask_expr=found.get("dask-expr"),
        pinner=version,
    )


def _pinned(requirement: Requirement) -> str | None:
    """The version of `==2025.9.1`, and of `<2026.7.2,>=2026.7.1` its lower end."""
    for operator in ("==", ">="):
        for one in requirement.specifier:
            if one.operator == operator and not one.version.endswith("*"):
                return str(Version(one.version))
    return None


def _is_usable(wheel: index.Wheel) -> bool:
    return wheel.yanked is None and not Version(wheel.version).is_prerelease


def _younger(versions: Iterable[str]) -> list[Pin]:
    """The pins of versions that the table may not know: of a later release, or a later patch."""
    wanted = sorted({version for version in versions if not _is_told(version)}, key=Version)
    read = ((version, _requirements(version)) for version in wanted)
    return [pin for version, named in read if (pin := read_pin(version, named)) is not None]


def _is_told(version: str) -> bool:
    """Of 25.12 the first patch moved the pin; no release before it did so."""
    is_first = Version(version).micro == 0
    is_in_table = any(pin.rapids == release_of(version) for pin in TABLE)
    return Version(version) < Version("25.12") or (is_first and is_in_table)


def _requirements(version: str) -> tuple[str, ...]:
    """What that version asks for; kept for good, since a published file never changes."""
    kept = places.folder("index") / f"{PINNER}-{version}.json"
    if kept.is_file():
        return tuple(json.loads(kept.read_text()))
    found = _asked(version)
    with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False) as file:
        json.dump(found, file)
    Path(file.name).replace(kept)
    return found


def _asked(version: str) -> tuple[str, ...]:
    for file in index.files(PINNER):
        if _is_wheel_of(str(file.get("filename")), version):
            url = str(file["url"]).partition("#")[0]
            return _requires(_metadata(url))
    return ()


def _is_wheel_of(filename: str, version: str) -> bool:
    with suppress(InvalidWheelFilename, InvalidVersion):
        return parse_wheel_filename(filename)[1] == Version(version)
    return False


def _metadata(url: str) -> bytes:
    """The metadata beside the wheel (PEP 658), else that in it: it is a few kilobytes."""
    beside = index.download(f"{url}.metadata", limit=METADATA_BYTES)
    if beside is not None:
        return beside
    wheel = index.download(url, limit=METADATA_BYTES)
    return b"" if wheel is None else metadata_in(wheel)


def metadata_in(wheel: bytes) -> bytes:
    """The METADATA of a wheel, nothing where it has none; at most so many bytes of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            names = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
            with archive.open(names[0]) as file:
                return file.read(METADATA_BYTES)
    except (zipfile.BadZipFile, IndexError, ValueError, NotImplementedError, RuntimeError):
        return b""


def _requires(metadata: bytes) -> tuple[str, ...]:
    message = email.parser.BytesHeaderParser().parsebytes(metadata)
    named = message.get_all("Requires-Dist") or []
    return tuple(str(text)[:300] for text in named[:REQUIREMENTS])
