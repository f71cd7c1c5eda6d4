"""The first of three steps round untrusted code: facts from the database become a frozen Job.

What can be refused without asking the index is refused here, at once; the rest a runner finds out.
"""

from packaging.version import InvalidVersion, Version

from reproducers.domain.reproducers import script_of
from reproducers.engine.errors import UnknownRelease, UsageError
from reproducers.engine.interpreters import MINORS
from reproducers.engine.job import Job
from reproducers.engine.prepare import make_job
from reproducers.engine.trials import Trial as PlannedTrial
from reproducers.models import Reproducer


def prepare_job(*, reproducer: Reproducer, planned: PlannedTrial) -> Job:
    """The Job of one trial. Raises UnknownRelease or UsageError for what cannot exist."""
    _check_release(planned.dask)
    _check_python(planned.python)
    return make_job(
        script_of(reproducer),
        dask=planned.dask,
        python=planned.python,
        as_of=planned.as_of,
        files=reproducer.files,
    )


def _check_release(dask: str) -> None:
    try:
        Version(dask)
    except InvalidVersion as error:
        raise UnknownRelease(
            f"{dask!r} is no release of Dask.", remedy="Name one such as 2024.12.1."
        ) from error


def _check_python(python: str | None) -> None:
    if python is not None and python not in MINORS:
        raise UsageError(
            f"{python!r} is no version of Python that can be used here.",
            remedy=f"Name one of {', '.join(MINORS)}.",
        )
