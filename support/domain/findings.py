"""What the trials of a ticket's present script came to, as facts for sentences and queries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import QuerySet
from django.db.models.functions import JSONObject
from packaging.version import InvalidVersion, Version

from reproducers.models import Trial
from support.models import Ticket

Shape = Literal["seen", "clean", "cannot", "run", "untried"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One trial. `shape` is the state that a page draws; `reason` one sentence for people.

    Counts of runs; seconds of the script; peak memory in bytes. Texts come out of a sandbox: they
    are bounded, and whoever shows them escapes them.
    """

    trial_id: int
    dask: str
    shape: Shape
    verdict: str = ""
    python: str = ""
    hits: int = 0
    runs: int = 0
    reason: str = ""
    exception_type: str = ""
    exception_message: str = ""
    traceback: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    seconds: float | None = None
    peak_memory_bytes: int | None = None

    @property
    def often(self) -> str:
        """ "3 of 3 runs" """
        return f"{self.hits} of {self.runs} run{'' if self.runs == 1 else 's'}"

    @property
    def is_open(self) -> bool:
        return self.shape in {"run", "untried"}

    @property
    def order(self) -> Version:
        return release_order(self.dask)


def release_order(release: str) -> Version:
    """Sorts releases; what is no version comes first."""
    try:
        return Version(release)
    except InvalidVersion:
        return Version("0")


def findings_of(ticket: Ticket) -> list[Finding]:
    """The findings of one ticket, oldest first."""
    return [finding_of(trial) for _, trial in _present_trials([ticket], Trial.objects.all())]


def findings_by_ticket(tickets: Sequence[Ticket]) -> dict[int, list[Finding]]:
    """What lists show of each ticket by its key, oldest first, in one query.

    Tracebacks, output and packages stay in the database: a report may hold 100 kB of them.
    """
    found: dict[int, list[Finding]] = {ticket.pk: [] for ticket in tickets}
    short = JSONObject(hits="report__hits", runs="report__runs", reason="report__reason")
    trials = Trial.objects.defer("report").annotate(short=short)
    for ticket_id, trial in _present_trials(tickets, trials):
        found[ticket_id].append(_finding(trial, trial.short))
    return found


def latest_by_release(findings: Iterable[Finding]) -> list[Finding]:
    """The newest word on each release, in the order of releases.

    A trial that could not be judged does not take the place of one that was; neither does one that
    still runs.
    """
    latest: dict[str, Finding] = {}
    for finding in findings:
        known = latest.get(finding.dask)
        if known is None or not (_is_evidence(known) and not _is_evidence(finding)):
            latest[finding.dask] = finding
    return sorted(latest.values(), key=lambda finding: finding.order)


def finding_of(trial: Trial) -> Finding:
    """One trial's row as facts; nothing of a report is taken for granted."""
    return _finding(trial, trial.report or {})


def _finding(trial: Trial, report: dict[str, Any]) -> Finding:
    exception: dict[str, Any] = report.get("exception") or {}
    environment: dict[str, Any] = report.get("environment") or {}
    return Finding(
        trial_id=trial.pk,
        dask=trial.dask,
        shape=_shape(trial),
        verdict=trial.verdict,
        python=environment.get("python") or trial.python,
        hits=report.get("hits") or 0,
        runs=report.get("runs") or 0,
        reason=_reason(trial, report),
        exception_type=exception.get("type") or "",
        exception_message=exception.get("message") or "",
        traceback=exception.get("traceback") or "",
        packages=environment.get("packages") or {},
        seconds=(report.get("seconds") or {}).get("script"),
        peak_memory_bytes=_peak(report),
    )


def _present_trials(
    tickets: Iterable[Ticket], trials: QuerySet[Trial]
) -> Iterator[tuple[int, Any]]:
    """Those of each ticket's present script, with the ticket's key, oldest first."""
    present = {ticket.pk: ticket.reproducer_id for ticket in tickets}
    rows = (
        trials.filter(experiment__ticket_experiment__ticket__in=list(present))
        .select_related("experiment__ticket_experiment")
        .defer("job")
        .order_by("experiment_id", "position")
    )
    for trial in rows:
        ticket_id = trial.experiment.ticket_experiment.ticket_id
        if trial.experiment.reproducer_id == present[ticket_id]:
            yield ticket_id, trial


def _shape(trial: Trial) -> Shape:
    match trial.state, trial.verdict:
        case Trial.State.QUEUED, _:
            return "untried"
        case Trial.State.LEASED, _:
            return "run"
        case _, Trial.Verdict.REPRODUCED:
            return "seen"
        case _, Trial.Verdict.CLEAN:
            return "clean"
    return "cannot"


def _reason(trial: Trial, report: dict[str, Any]) -> str:
    if trial.state == Trial.State.CANCELLED:
        return "It was cancelled."
    return report.get("reason") or ""


def _peak(report: dict[str, Any]) -> int | None:
    peaks = [one.get("peak_memory_bytes") or 0 for one in report.get("tries") or ()]
    return max(peaks, default=0) or None


def _is_evidence(finding: Finding) -> bool:
    return finding.shape in {"seen", "clean"}
