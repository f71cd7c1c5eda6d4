"""What every plan is: it names trials, hears their verdicts, and at some point knows."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from reproducers.engine.trials import Trial
from reproducers.engine.verdicts import Verdict

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Plan(Protocol[R_co]):
    """Decides what to try next. Does no I/O and reads no clock.

    It holds nothing that replaying the recorded verdicts would not bring back.
    """

    def ready(self) -> tuple[Trial, ...]:
        """What may be tried now, in order; what was recorded is not among it."""
        ...

    def record(self, trial: Trial, verdict: Verdict) -> None:
        """Take note of a verdict; raises ValueError for a trial that is not of this plan."""
        ...

    def result(self) -> R_co | None:
        """What it has come to, None while trials are missing."""
        ...


def drive(plan: Plan[R], answer: Callable[[Trial], Verdict]) -> R:
    """Carry a plan out, one trial after the other; `answer` tries one."""
    while (result := plan.result()) is None:
        trials = plan.ready()
        if not trials:
            raise ValueError("the plan wants no trial and has no result")
        for trial in trials:
            plan.record(trial, answer(trial))
    return result
