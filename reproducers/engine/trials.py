"""A trial, as plans see it: one script in one environment, named by what is varied."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, order=True)
class Trial:
    """What a plan wants to be tried. `python` None: the one that fits the release best."""

    dask: str
    python: str | None = None
    as_of: date | None = None
