"""The plan that tries a script in every one of a set of environments."""

from collections.abc import Iterable
from dataclasses import dataclass

from reproducers.engine.trials import Trial
from reproducers.engine.verdicts import Verdict


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One environment and its verdict."""

    trial: Trial
    verdict: Verdict


class Matrix:
    """All cells at once, each once; done when each has its verdict."""

    def __init__(self, cells: Iterable[Trial]) -> None:
        self._verdicts: dict[Trial, Verdict | None] = dict.fromkeys(cells)

    def ready(self) -> tuple[Trial, ...]:
        return tuple(trial for trial, verdict in self._verdicts.items() if verdict is None)

    def record(self, trial: Trial, verdict: Verdict) -> None:
        if trial not in self._verdicts:
            raise ValueError(f"{trial} is no cell of this matrix")
        self._verdicts[trial] = verdict

    def result(self) -> tuple[Cell, ...] | None:
        """The cells in the order they were given."""
        cells = tuple(
            Cell(trial=trial, verdict=verdict)
            for trial, verdict in self._verdicts.items()
            if verdict is not None
        )
        return cells if len(cells) == len(self._verdicts) else None


def reported_and_newest(reported: str, newest: str, *, python: str | None = None) -> Matrix:
    """The first experiment on a ticket: does it show where it was reported, and is it still there?

    One trial where both are the same release.
    """
    return Matrix(Trial(dask=dask, python=python) for dask in (reported, newest))
