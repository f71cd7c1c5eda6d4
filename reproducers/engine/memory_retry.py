"""A run that our own limit on memory ended is made once more with twice as much, if there is more.

Only then may anybody say that Dask needs too much, and not that we gave too little.
"""

import dataclasses
from pathlib import Path
from typing import Final

from reproducers.engine.job import Job
from reproducers.engine.judge import Judgement
from reproducers.engine.quantities import format_bytes
from reproducers.engine.symptoms import Observation
from reproducers.engine.verdicts import Symptom, Verdict

FACTOR: Final = 2
# Less than a quarter more is not worth another run.
LEAST_GAIN: Final = 1.25
# What of the machine's free memory a sandbox may get: the rest is for whoever watches it.
SHARE: Final = 0.9
_MEMORY: Final = Path("/proc/meminfo")


def is_wanted(job: Job, seen: Observation, judgement: Judgement) -> bool:
    """Whether nothing could be said for want of memory; where memory is the symptom, all was."""
    is_undecided = judgement.verdict is Verdict.LIMIT and seen.is_out_of_memory
    return is_undecided and job.expected.kind is not Symptom.MEMORY


def with_more(job: Job, *, available_bytes: int) -> Job | None:
    """The job with twice the memory, or as much as its policy and the machine have; None: no more.

    `available_bytes` is what the machine has to give now.
    """
    had = job.policy.memory_bytes
    most = min(job.policy.largest_memory_bytes, int(available_bytes * SHARE))
    wanted = min(had * FACTOR, most)
    if wanted < had * LEAST_GAIN:
        return None
    return dataclasses.replace(job, policy=dataclasses.replace(job.policy, memory_bytes=wanted))


def note(job: Job, larger: Job | None) -> str:
    """What was done about it, for the report."""
    had = format_bytes(job.policy.memory_bytes)
    if larger is None:
        return f"It used all of its {had} of memory, and there was no more to try it again with."
    given = format_bytes(larger.policy.memory_bytes)
    return f"It used all of its {had} of memory, so it was run again with {given}: that run counts."


def available_bytes(source: Path = _MEMORY) -> int:
    """What the machine could give to new processes without swapping."""
    lines = source.read_text().splitlines()
    words = next(line.split() for line in lines if line.startswith("MemAvailable:"))
    return int(words[1]) * 1024
