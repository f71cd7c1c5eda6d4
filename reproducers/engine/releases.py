"""The releases of Dask that can be tried, from the index, ordered by version and not by date.

Late backports exist (2025.3.1 is younger than 2025.4.0), so an as-of date does not rise with the
version.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from reproducers.engine import index, interpreters
from reproducers.engine.compatibility import OLDEST, UNINSTALLABLE, fitting_pythons
from reproducers.engine.errors import EnvironmentServiceError, MissingPython, UnknownRelease

SETTLING: Final = timedelta(days=7)
"""How long after a release its environment is taken: its companions follow within days."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release of dask. `yanked` is the reason ("" where none is given), None where it is not."""

    version: str
    uploaded_at: datetime
    requires_python: str | None = None
    yanked: str | None = None

    @property
    def skipped_because(self) -> str | None:
        """Why plans leave this release out, None for most."""
        if self.yanked is not None:
            return f"it was yanked: {self.yanked}" if self.yanked else "it was yanked"
        return UNINSTALLABLE.get(self.version)


def known_releases(*, refresh: bool = False) -> tuple[Release, ...]:
    """Every final release since 2022.2.0, ascending by version, yanked ones among them.

    The list is kept for six hours, and for as long as the index does not answer.
    Raises EnvironmentServiceError where there is no list at all.
    """
    found = _releases(index.wheels("dask", refresh=refresh))
    if not found:
        raise EnvironmentServiceError(
            "The index has no releases of dask.",
            remedy="Set REPRO_INDEX_URL to an index that has them, such as PyPI.",
        )
    return found


def newest() -> Release:
    """The release with the highest version that nothing speaks against."""
    return [found for found in known_releases() if found.skipped_because is None][-1]


def newest_listed() -> Release | None:
    """As `newest`, from the kept list alone, however old; None without one."""
    kept = _releases(index.kept_wheels("dask"))
    return next((found for found in reversed(kept) if found.skipped_because is None), None)


def release(version: str) -> Release:
    """The release of that version; raises UnknownRelease that names its neighbours.

    One that was listed before needs no network.
    """
    wanted, kept = _parsed(version), _releases(index.kept_wheels("dask"))
    if found := _among(kept, wanted):
        return found
    listed = known_releases(refresh=bool(kept))
    if found := _among(listed, wanted):
        return found
    raise _unknown(version, listed)


def python_for(
    found: Release,
    requires_python: str | None = None,
    *,
    here: Collection[str] | None = None,
) -> str:
    """The minor version that fits a release best, such as "3.11", among those that are `here`.

    `here` None: on this machine.

    Raises MissingPython where none of those that fit is here, or none fits at all.
    """
    fitting = fitting_pythons(found.version, requires_python)
    for minor in fitting:
        if interpreters.installed(minor) if here is None else minor in here:
            return minor
    if not fitting:
        raise MissingPython(
            f"No Python fits both dask {found.version} and requires-python {requires_python}.",
            remedy="Loosen requires-python, or name a Python with --python.",
        )
    raise MissingPython(
        f"dask {found.version} needs Python {' or '.join(fitting)}, and none of them is here.",
        remedy=f"Install one, for instance by `uv python install {fitting[0]}`.",
    )


def as_of(found: Release, requirements: Iterable[str]) -> date:
    """The day (UTC, the whole of it) whose end an environment's packages are seen as of.

    The later of the release's upload and seven days, and the upload of the youngest requirement
    that is pinned exactly.
    """
    pinned = (instant for instant in map(_upload_of_pin, requirements) if instant is not None)
    return max([found.uploaded_at + SETTLING, *pinned]).date()


def _upload_of_pin(requirement: str) -> datetime | None:
    parsed = Requirement(requirement)
    pins = [pin.version for pin in parsed.specifier if pin.operator == "=="]
    if len(pins) != 1 or pins[0].endswith(".*"):
        return None
    found = _uploads(index.kept_wheels(parsed.name), pins[0])
    found = found or _uploads(index.wheels(parsed.name), pins[0])
    return min(found) if found else None


def _uploads(wheels: Iterable[index.Wheel], version: str) -> list[datetime]:
    wanted = Version(version)
    return [wheel.uploaded_at for wheel in wheels if Version(wheel.version) == wanted]


def _releases(wheels: Iterable[index.Wheel]) -> tuple[Release, ...]:
    found = {
        Version(wheel.version): Release(
            version=wheel.version,
            uploaded_at=wheel.uploaded_at,
            requires_python=wheel.requires_python,
            yanked=wheel.yanked,
        )
        for wheel in wheels
    }
    return tuple(
        found[version]
        for version in sorted(found)
        if version >= Version(OLDEST) and not version.is_prerelease
    )


def _among(found: Iterable[Release], wanted: Version) -> Release | None:
    return next((one for one in found if Version(one.version) == wanted), None)


def _parsed(version: str) -> Version:
    try:
        return Version(version)
    except InvalidVersion as error:
        raise UnknownRelease(
            f"{version!r} is no release of Dask.", remedy="Name one such as 2024.12.1."
        ) from error


def _unknown(version: str, listed: tuple[Release, ...]) -> UnknownRelease:
    wanted = Version(version)
    older = [found.version for found in listed if Version(found.version) < wanted][-2:]
    younger = [found.version for found in listed if Version(found.version) > wanted][:2]
    near = " and ".join(", ".join(older + younger).rsplit(", ", 1))
    if not older:
        return UnknownRelease(
            f"Dask {version} is older than {listed[0].version}, the oldest that can be run here.",
            remedy=f"Nearest are {near}.",
        )
    return UnknownRelease(f"There is no Dask {version}.", remedy=f"Nearest are {near}.")


def today() -> date:
    """Today in UTC, by which the index dates its uploads."""
    return datetime.now(tz=UTC).date()
