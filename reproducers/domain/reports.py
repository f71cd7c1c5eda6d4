"""Reports as they may be kept: hostile ones made harmless, and those that are ours to write."""

import math
import re
from typing import Any, Final

from reproducers.engine.errors import UnknownRelease, UsageError
from reproducers.engine.report import Report, parse_report
from reproducers.engine.verdicts import Verdict

_ASKED_FOR: Final = frozenset({UnknownRelease.code, UsageError.code})
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def read_report(content: bytes) -> Report:
    """The report in `content`, or one of `infrastructure` that says why it cannot be read."""
    try:
        return parse_report(content)
    except ValueError as error:
        return own_report(f"The runner's report could not be read: {error}.")


def own_report(reason: str, *, verdict: Verdict = Verdict.INFRASTRUCTURE) -> Report:
    """A report that we write ourselves, because the script never ran or was not heard of again."""
    return Report(verdict=verdict, reason=reason)


def refusal_report(*, code: str, message: str, remedy: str) -> Report:
    """What a refusal of the engine comes to: what was asked for does not exist, or we failed."""
    verdict = Verdict.UNSATISFIABLE if code in _ASKED_FOR else Verdict.INFRASTRUCTURE
    return own_report(f"{message} {remedy}".strip(), verdict=verdict)


def storable(value: Any) -> Any:
    """`value` as PostgreSQL takes it: jsonb knows no NUL, no half of a surrogate, no infinity."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
