"""A script read before it is sent: what we would run, what is missing, what we would not run."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from reproducers.domain.releases import newest_release
from reproducers.engine.errors import EngineError
from reproducers.engine.script import Script, read_script


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Sentences for the person who is about to send the script. `refusal`: it would not run."""

    runs: str = ""
    refusal: str = ""
    notes: Sequence[str] = ()
    missing: Sequence[str] = ()


def read(
    content: bytes,
    *,
    name: str,
    dask_release: str,
    python_version: str,
    files: Collection[str] = (),
) -> Reading:
    """Read a stranger's bytes without running them; never raises for what they are."""
    try:
        script = read_script(content, name=name)
    except EngineError as error:
        return Reading(refusal=f"{error.message} {error.remedy}")
    reported = dask_release.strip() or script.table.reported or ""
    return Reading(
        runs=_plan(script, reported, python_version.strip()),
        notes=script.notes,
        missing=[*_lacking(script, files), *([] if reported else [_NO_RELEASE])],
    )


_NO_RELEASE = "the release of Dask that you see it on. Without it we try the newest alone."


def _lacking(script: Script, files: Collection[str]) -> Iterator[str]:
    for name in script.table.files:
        if name not in files:
            yield f"{name}, which the script reads. Attach it as well."


def _plan(script: Script, reported: str, python: str) -> str:
    newest = newest_release()
    releases = [f"Dask {reported}"] if reported else []
    if newest != reported:
        releases.append(f"the newest release, {newest}" if newest else "the newest release")
    wanted = python or script.requires_python
    on_python = f", on Python {wanted}" if wanted else ""
    lines = len(script.text.splitlines())
    needs = f" It names {', '.join(script.dependencies)}." if script.has_block else ""
    return (
        f"We would run {script.name}, {lines} line{'' if lines == 1 else 's'}{on_python}, "
        f"with {' and with '.join(releases)}.{needs}"
    )
