"""What the trials of a ticket's present script came to, as facts for sentences and queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

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
    return findings_by_ticket([ticket])[ticket.pk]


def findings_by_ticket(tickets: Sequence[Ticket]) -> dict[int, list[Finding]]:
    """The findings of each ticket by its key, oldest first, in one query."""
    present = {ticket.pk: ticket.reproducer_id for ticket in tickets}
    found: dict[int, list[Finding]] = {key: [] for key in present}
    for trial in _trials(present):
        ticket_id = trial.experiment.ticket_experiment.ticket_id
        if trial.experiment.reproducer_id == present[ticket_id]:
            found[ticket_id].append(finding_of(trial))
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
    report: dict[str, Any] = trial.report or {}
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


def _trials(ticket_ids: Iterable[int]) -> Iterable[Trial]:
    return (
        Trial.objects.filter(experiment__ticket_experiment__ticket__in=list(ticket_ids))
        .select_related("experiment__ticket_experiment")
        .defer("job")
        .order_by("experiment_id", "position")
    )


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
