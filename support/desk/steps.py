"""The next step on a ticket, proposed with its cost. Pure: facts in, proposals out.

A step either opens a draft, which a person reads and sends, or does one thing at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from support.domain.findings import Finding
from support.models import Ticket
from support.portal.evidence import Evidence

FREE = "no runner, no hours"
REMINDER = (
    "Did it help, or do you need something else from us? If it is solved, say so and we close this."
)
DRAFTS = f"drafts a reply that you read first; {FREE}"


@dataclass(frozen=True, kw_only=True)
class Step:
    """`draft` names the answer to draft; `verb` what a POST does, with its `fields`."""

    title: str
    cost: str
    draft: str = ""
    verb: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    is_destructive: bool = False


def proposals(ticket: Ticket, evidence: Evidence, *, reader_id: int) -> Sequence[Step]:
    """What to do next, the best first; never empty."""
    taking, knowing = _taking(ticket, reader_id), _on_the_state(ticket, evidence)
    if evidence.is_running:
        return [*taking, _answer(), _cancel(evidence)]
    if ticket.assignee_id is None:
        return [*taking, *knowing, _answer()]
    return [*knowing, *taking, _answer()]


def _on_the_state(ticket: Ticket, evidence: Evidence) -> list[Step]:
    if not ticket.is_open:
        return [_change_state("Open it again", Ticket.State.OPEN)]
    if ticket.state == Ticket.State.WAITING_ON_CUSTOMER:
        return [Step(title="Remind them", cost=DRAFTS, draft="reminder")]
    if ticket.state == Ticket.State.WAITING_ON_UPSTREAM:
        return [Step(title="Tell them how far it is", cost=DRAFTS, draft="upstream")]
    if ticket.reproducer_id is None:
        return [Step(title="Ask for a reproducer", cost=DRAFTS, draft="script")]
    return _on_the_verdict(evidence)


def _on_the_verdict(evidence: Evidence) -> list[Step]:
    seen = [one for one in evidence.latest if one.shape == "seen"]
    clean = [one for one in evidence.latest if one.shape == "clean"]
    newer = [one for one in clean if seen and one.order > seen[-1].order]
    if newer:
        return [Step(title=f"Answer: upgrade to {newer[0].dask}", cost=DRAFTS, draft="upgrade")]
    if seen:
        return [Step(title="Answer with what we saw", cost=DRAFTS, draft="seen")]
    if clean:
        return [
            Step(title="Say that we cannot see it", cost=DRAFTS, draft="clean"),
            _again(evidence),
        ]
    return [_again(evidence)]


def _again(evidence: Evidence) -> Step:
    one = evidence.latest[-1].dask if evidence.latest else ""
    release = evidence.ticket.dask_release or one
    return Step(
        title=f"Run it again on {release}" if release else "Run it",
        cost=run_cost(evidence),
        verb="rerun",
        fields={"release": release},
    )


def run_cost(evidence: Evidence) -> str:
    """What one more run takes, told by those that ended."""
    took = [one.seconds for one in evidence.latest if one.seconds is not None]
    about = f", about {max(took):.0f} s once its environment stands" if took else ""
    return f"1 run{about}; not charged"


def _cancel(evidence: Evidence) -> Step:
    left = sum(run.finding.is_open for run in evidence.runs)
    return Step(
        title="Cancel the runs" if left > 1 else "Cancel the run",
        cost=f"{left} not ended yet; what has ended is kept",
        verb="cancel",
        fields={"experiment": str(evidence.open_experiment_id)},
        is_destructive=True,
    )


def _taking(ticket: Ticket, reader_id: int) -> list[Step]:
    if ticket.assignee_id == reader_id or not ticket.is_open:
        return []
    return [Step(title="Take it", cost=FREE, verb="assign", fields={"assignee": str(reader_id)})]


def _change_state(title: str, state: Ticket.State) -> Step:
    return Step(title=title, cost=FREE, verb="state", fields={"state": state.value})


def _answer() -> Step:
    return Step(title="Write an answer", cost=FREE, draft="blank")


def draft_text(name: str, ticket: Ticket, evidence: Evidence, *, template: str) -> str:
    """The drafted answer called `name`; empty for one that is not known."""
    seen = [one for one in evidence.latest if one.shape == "seen"]
    clean = [one for one in evidence.latest if one.shape == "clean"]
    match name:
        case "reminder":
            return REMINDER
        case "upstream":
            return _how_far(ticket)
        case "script":
            return _ask_for_a_script(ticket, template)
        case "upgrade" if seen and clean:
            return _upgrade(seen[0], clean[-1])
        case "seen" if seen:
            return f"We see the same: {evidence.sentence.text}\n\n{_shown(evidence)}"
        case "clean" if clean:
            return _cannot_see(clean)
    return ""


def _how_far(ticket: Ticket) -> str:
    told = [
        f"{issue}: {issue.get_state_display()}"
        + (f" in {issue.fixed_in}." if issue.fixed_in else ".")
        for issue in ticket.upstream_issues.all()
    ]
    return "\n".join(["This is how far the fix is:", "", *told]) if told else ""


def _ask_for_a_script(ticket: Ticket, template: str) -> str:
    missing = " ".join(ticket.missing)
    return (
        f"To see it for ourselves we need a script that shows it. {missing}\n\n"
        f"This template runs as it stands; put your case into it:\n\n```python\n{template}```\n"
    )


def _upgrade(seen: Finding, clean: Finding) -> str:
    return (
        f"We see the same on {seen.dask}, in {seen.often}. On {clean.dask} your script is clean, "
        f"{clean.often}: upgrading to {clean.dask} solves it.\n\n"
        "Can you upgrade? If not, say so, and we look for a way around it on your release."
    )


def _shown(evidence: Evidence) -> str:
    shown = evidence.telling
    if shown is None:
        return ""
    message = f": {shown.exception_message}" if shown.exception_message else ""
    return f"It ends with `{shown.exception_type}{message}`."[:1000]


def _cannot_see(clean: Sequence[Finding]) -> str:
    told = " and ".join(f"on {one.dask}, {one.often}" for one in clean)
    return (
        f"We could not see it: your script was clean {told}.\n\n"
        "What differs on your side? `pip freeze` of the environment, the number of workers and "
        "their memory would help us most."
    )
