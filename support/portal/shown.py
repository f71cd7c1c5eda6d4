"""What pages show of the files that a run left: its plots, and the stacks of its threads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reproducers.domain.artifacts import contents_of
from reproducers.engine.outputs import STACKS
from reproducers.engine.reporting import speaking_prefix
from reproducers.engine.series_file import NAME as SERIES
from reproducers.engine.series_file import read_series
from reproducers.engine.verdicts import Verdict
from reproducers.models import Trial
from support.domain.findings import Finding
from support.portal.curves import plots_of
from web.plots import Plot

STACK_CHARACTERS = 60_000


@dataclass(frozen=True, kw_only=True)
class Shown:
    """`stacks` is text of a stranger's; of a long one its end, where the script's thread stands."""

    plots: Sequence[Plot] = ()
    stacks: str = ""


def shown_of(trial: Trial) -> Shown:
    """What the try that speaks for all left, in one query; nothing of an open trial."""
    if trial.report is None:
        return Shown()
    return _shown(trial.pk, trial.report.get("tries"), (trial.job or {}).get("policy"))


def shown_of_finding(finding: Finding | None) -> Shown:
    """The same of a finding, in two queries; nothing of none."""
    if finding is None:
        return Shown()
    facts = Trial.objects.filter(pk=finding.trial_id).values_list("report__tries", "job__policy")
    tries, policy = facts.get()
    return _shown(finding.trial_id, tries, policy)


def _shown(
    trial_id: int, tries: Sequence[Mapping[str, Any]] | None, policy: Mapping[str, Any] | None
) -> Shown:
    prefix = speaking_prefix([Verdict(one["verdict"]) for one in tries or ()])
    names = f"{prefix}{SERIES}", f"{prefix}{STACKS}"
    files = contents_of(trial_id=trial_id, names=names)
    series, stacks = (files.get(name, b"") for name in names)
    memory = (policy or {}).get("memory_bytes")
    return Shown(
        plots=plots_of(read_series(series), worker_memory_bytes=memory and memory * 4 // 5),
        stacks=stacks.decode("utf-8", "replace")[-STACK_CHARACTERS:].strip(),
    )
