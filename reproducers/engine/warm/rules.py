"""When a run in a waiting sandbox may speak, and when it is worth it. Pure.

What was imported and started beforehand was not seen to import and to start: a bug that shows there
may hide. So a warm run may confirm what was reported, and of what it cannot, a cold one decides.
"""

import re
from typing import Final

from reproducers.engine.job import ExpectedSymptom
from reproducers.engine.verdicts import Symptom, Verdict

_OF_THE_START: Final = frozenset(
    {Symptom.HANG, Symptom.MEMORY, Symptom.CRASH, Symptom.KILLED_WORKER}
)
_SPEAKS_OF_STARTING: Final = re.compile(
    r"import|module|connect|start|spawn|fork|nanny|timed? ?out|address|port\b|pickl", re.IGNORECASE
)
_NO_EVIDENCE: Final = frozenset({Verdict.DIFFERENT, Verdict.BAD_ENVIRONMENT})


def is_repeated_cold(verdict: Verdict, expected: ExpectedSymptom, *, had_cold: bool) -> bool:
    """Whether a verdict from a waiting sandbox has to be found again in one that was not kept.

    `had_cold`: the same script ran cold before, within the same job.
    """
    if verdict is Verdict.CLEAN:
        unknown = expected.kind is None and expected.match is None
        return may_show_at_the_start(expected) or (unknown and not had_cold)
    return verdict in _NO_EVIDENCE


def may_show_at_the_start(expected: ExpectedSymptom) -> bool:
    """Whether the symptom may come from importing or starting, so that a warm run can miss it."""
    if expected.kind in _OF_THE_START:
        return True
    return expected.match is not None and bool(_SPEAKS_OF_STARTING.search(expected.match))


def is_worth_waiting(verdict: Verdict, expected: ExpectedSymptom) -> bool:
    """Whether the next run of the same script should be warm, by how the last one ended.

    One that is likely to be repeated cold would only cost.
    """
    if verdict is Verdict.REPRODUCED:
        return True
    return verdict is Verdict.CLEAN and not may_show_at_the_start(expected)
