"""Public issues that a ticket waits for, with how far each is."""

from collections.abc import Sequence
from dataclasses import dataclass

from support.models import Ticket, UpstreamIssue

State = UpstreamIssue.State
STEPS = (
    (State.OPEN, "reported"),
    (State.FIX_PROPOSED, "fix proposed"),
    (State.MERGED, "fix merged"),
    (State.RELEASED, "released"),
)


@dataclass(frozen=True)
class Step:
    word: str
    is_done: bool


@dataclass(frozen=True)
class Followed:
    """An issue and the steps from report to release."""

    issue: UpstreamIssue
    steps: Sequence[Step]

    def __str__(self) -> str:
        return str(self.issue)


def followed(ticket: Ticket) -> list[Followed]:
    return [Followed(issue, steps_of(issue)) for issue in ticket.upstream_issues.all()]


def steps_of(issue: UpstreamIssue) -> list[Step]:
    """What is done of reported, proposed, merged, released; a closed one is just that."""
    if issue.state == State.CLOSED:
        return [Step("reported", is_done=True), Step("closed without a fix", is_done=True)]
    order = [state for state, _ in STEPS]
    reached = order.index(State(issue.state))
    return [Step(_word(issue, state, word), i <= reached) for i, (state, word) in enumerate(STEPS)]


def _word(issue: UpstreamIssue, state: UpstreamIssue.State, word: str) -> str:
    return f"released in {issue.fixed_in}" if state == State.RELEASED and issue.fixed_in else word
