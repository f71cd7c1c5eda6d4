"""What was found out about a ticket's script, put so that a page can show it.

Portal and desk show the same evidence: whoever may see the ticket may see its runs.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from reproducers.domain.progress import Progress
from reproducers.domain.watching import watch_trials
from reproducers.models import DaskRelease, Trial
from support.domain.findings import Finding, Shape, findings_of, latest_by_release, release_order
from support.domain.wording import Sentence, sentence_of
from support.models import Ticket
from web.strip import Mark
from web.times import duration_words

PHASES = {
    "environment": "building the environment",
    "start": "starting the cluster",
    "script": "running the script",
    "collect": "collecting what it left",
    "waiting": "waiting",
}
WORDS: dict[Shape, str] = {
    "seen": "reproduced",
    "clean": "clean",
    "cannot": "could not be judged",
    "run": "running",
    "untried": "waits",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finding as a line of a page; `progress` is that of an open one."""

    finding: Finding
    progress: Progress | None = None

    @property
    def word(self) -> str:
        if self.progress is not None:
            return PHASES[self.progress.phase]
        if self.finding.verdict == Trial.Verdict.DIFFERENT:
            return "failed in another way"
        return WORDS[self.finding.shape]

    @property
    def said(self) -> str:
        """How often it was seen, why it was not, or what is being done."""
        if self.progress is not None:
            return _doing(self.progress)
        if self.finding.shape in {"seen", "clean"}:
            return self.finding.often
        return self.finding.reason

    @property
    def rest(self) -> str:
        """What stands behind the word."""
        glue = " " if self.progress and self.progress.phase == "waiting" else ", "
        return f"{glue}{self.said}" if self.said else ""

    @property
    def where(self) -> str:
        """ "2025.5.1, Python 3.11"."""
        python = self.finding.python
        return f"{self.finding.dask}, Python {python}" if python else self.finding.dask

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1, as far as earlier runs tell; None: they do not."""
        if self.progress is None or self.progress.left is None:
            return None
        return self.progress.seconds / (self.progress.seconds + self.progress.left)

    @property
    def tone(self) -> str:
        return self.finding.shape if self.finding.shape in {"seen", "run"} else ""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A shape of the strip with its word, and how many releases have it."""

    shape: Shape
    colour: str
    word: str
    count: int = 0


KEYS = (
    Key(shape="seen", colour="r", word="reproduced"),
    Key(shape="clean", colour="c", word="clean"),
    Key(shape="cannot", colour="x", word="could not be judged"),
    Key(shape="run", colour="o", word="running"),
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All runs of a ticket's present script, oldest first, and the releases around them."""

    ticket: Ticket
    runs: Sequence[Run]
    releases: Sequence[str] = ()
    open_experiment_id: int | None = None

    @property
    def is_running(self) -> bool:
        return any(run.finding.is_open for run in self.runs)

    @cached_property
    def latest(self) -> Sequence[Finding]:
        """The finding that counts for each release, in the order of releases."""
        return latest_by_release(run.finding for run in self.runs)

    @cached_property
    def sentence(self) -> Sentence:
        return sentence_of(
            findings=[run.finding for run in self.runs],
            reported=self.ticket.dask_release,
            has_script=self.ticket.reproducer_id is not None,
        )

    @cached_property
    def telling(self) -> Finding | None:
        """The finding that shows the symptom best, by its exception: the one on the release that
        was reported, else the newest."""
        shown = [one for one in self.latest if one.shape == "seen" and one.exception_type]
        failed = [one for one in self.latest if one.shape == "cannot" and one.exception_type]
        reported = [one for one in shown if one.dask == self.ticket.dask_release]
        return next(iter([*reported, *reversed(shown), *reversed(failed)]), None)

    @cached_property
    def pictured(self) -> Finding | None:
        """The finding whose plots say most: one that shows the symptom, on the release that was
        reported if there is one, else the newest; else the newest that ended."""
        shown = [one for one in self.latest if one.shape == "seen"]
        reported = [one for one in shown if one.dask == self.ticket.dask_release]
        ended = [one for one in self.latest if not one.is_open]
        return next(iter([*reported, *reversed(shown), *reversed(ended)]), None)

    @property
    def told(self) -> list[Finding]:
        """Ended runs, the most telling first."""
        first = [self.telling] if self.telling else []
        return [*first, *(one for one in self.latest if not one.is_open)]

    @property
    def packages(self) -> dict[str, str]:
        """Versions that the most telling run really had; empty before the first one ended."""
        return next((finding.packages for finding in self.told if finding.packages), {})

    @property
    def keys(self) -> list[Key]:
        """The shapes that occur, with how many releases have each."""
        counted = [(key, sum(f.shape == key.shape for f in self.latest)) for key in KEYS]
        return [replace(key, count=count) for key, count in counted if count]

    @property
    def seconds(self) -> float:
        """Wall seconds that the script took in all runs together."""
        return sum(run.finding.seconds or 0 for run in self.runs)

    @property
    def marks(self) -> list[Mark]:
        """A mark a release, from the year of the oldest one tried on."""
        found = {finding.dask: finding for finding in self.latest}
        if not found:
            return []
        first = min(release_order(release).major for release in found)
        shown = {r for r in self.releases if release_order(r).major >= first} | set(found)
        return [_mark(name, found.get(name)) for name in sorted(shown, key=release_order)]

    @property
    def labels(self) -> dict[str, str]:
        """The words below the release that was reported, and below the newest there is."""
        tried = [finding.dask for finding in self.latest]
        told = {release: f"newest {release}" for release in self.releases[-1:]}
        told[self.ticket.dask_release] = f"reported {self.ticket.dask_release}"
        return {release: words for release, words in told.items() if release in tried}

    @property
    def tag(self) -> str:
        """A word that changes whenever the page would say something else."""
        told = [(run.finding.trial_id, run.finding.shape, _told(run.progress)) for run in self.runs]
        state = (self.ticket.state, self.ticket.assignee_id, self.ticket.reproducer_id)
        return hashlib.sha256(repr((told, state)).encode()).hexdigest()[:32]


def evidence_of(ticket: Ticket, *, now: datetime) -> Evidence:
    """The evidence of one ticket, with how far its open runs are."""
    findings = findings_of(ticket)
    open_trials = _open_trials(ticket) if any(one.is_open for one in findings) else []
    progress = watch_trials(trials=open_trials, now=now) if open_trials else {}
    return Evidence(
        ticket=ticket,
        runs=[Run(finding=one, progress=progress.get(one.trial_id)) for one in findings],
        releases=known_releases(),
        open_experiment_id=open_trials[0].experiment_id if open_trials else None,
    )


def known_releases() -> list[str]:
    """What the index has, oldest version first."""
    versions = DaskRelease.objects.current().values_list("version", flat=True)
    return sorted(versions, key=release_order)


def _open_trials(ticket: Ticket) -> list[Trial]:
    trials = Trial.objects.open().filter(experiment__ticket_experiment__ticket=ticket)
    return list(trials.select_related("experiment").defer("job").order_by("experiment_id"))


def _mark(release: str, finding: Finding | None) -> Mark:
    if finding is None:
        return Mark(release=release)
    run = Run(finding=finding)
    said = f"{run.word}, {run.said}" if run.said else run.word
    return Mark(release=release, state=finding.shape, said=said, href=f"#trial-{finding.trial_id}")


def _doing(progress: Progress) -> str:
    """How far it is, and how long still; why it waits."""
    if progress.phase == "waiting":
        return progress.note.removeprefix("It waits ").rstrip(".")
    far = [f"{progress.done} of {progress.total}"] if progress.total > 1 else []
    left = [] if progress.left is None else [f"about {duration_words(progress.left)} left"]
    return ", ".join([*far, *left])


def _told(progress: Progress | None) -> tuple[object, ...]:
    """What is worth sending again: the script of the page counts seconds by itself."""
    if progress is None:
        return ()
    left = None if progress.left is None else progress.left // 5
    return progress.phase, progress.done, progress.total, progress.note, left
