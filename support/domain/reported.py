"""The versions that a text names, as people and Dask's own issue template write them. Pure."""

import re
from typing import Final

_DASK: Final = re.compile(
    r"\b(?:dask|distributed)\b[^\n\d]{0,30}?v?(20\d\d\.\d{1,2}\.\d{1,2})\b", re.IGNORECASE
)
_PYTHON: Final = re.compile(r"\bpython\b[^\n\d]{0,30}?(3\.\d{1,2})(?:\.\d{1,2})?\b", re.IGNORECASE)


def release_in(text: str) -> str:
    """The first release of Dask that is named as such; empty where there is none."""
    found = _DASK.search(text)
    return found[1] if found else ""


def python_in(text: str) -> str:
    """The minor version of Python that is named, such as "3.11"; empty where there is none."""
    found = _PYTHON.search(text)
    return found[1] if found else ""
