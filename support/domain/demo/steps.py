"""What people do in a story, each step one call of the verb that the product has for it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from contracts.models import User
from reproducers.domain.experiments import advance_experiment
from reproducers.domain.trials import lease_trial, record_trial
from reproducers.models import Runner
from support.domain.demo.moments import Moment
from support.domain.experiments import rerun_on
from support.domain.tickets import (
    add_message,
    assign,
    reply,
    set_priority,
    set_state,
    write_note,
)
from support.domain.upstream import link_upstream
from support.models import Ticket
from support.models.tickets import Channel

RECORDED: Final = Path(__file__).with_name("recorded.json")
TAKEN_BEFORE: Final = timedelta(minutes=9)
RUNNER_STARTS: Final = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class Stage:
    """Who is there: people by first name, and the runner that recorded what the scripts came to."""

    people: dict[str, User]
    runner: Runner


class Step(Protocol):
    """Somebody does something at a moment of the story."""

    @property
    def at(self) -> Moment: ...
    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Says:
    """The customer writes."""

    who: str
    at: Moment
    body: str

    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None:
        author = stage.people[self.who]
        add_message(ticket=ticket, author=author, body=self.body, channel=Channel.PORTAL, now=now)


@dataclass(frozen=True, slots=True)
class Answers:
    """One of ours takes the ticket, if nobody has it, and answers in public."""

    who: str
    at: Moment
    body: str
    waits: bool = False

    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None:
        engineer = stage.people[self.who]
        if ticket.assignee_id is None:
            taken = now - TAKEN_BEFORE
            assign(ticket=ticket, assignee=engineer, actor=engineer, now=taken)
        reply(
            ticket=ticket, actor=engineer, body=self.body, now=now, then_wait_on_customer=self.waits
        )


@dataclass(frozen=True, slots=True)
class Notes:
    who: str
    at: Moment
    body: str

    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None:
        write_note(ticket=ticket, actor=stage.people[self.who], body=self.body, now=now)


@dataclass(frozen=True, slots=True)
class Ranks:
    who: str
    at: Moment
    priority: str
    reason: str

    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None:
        set_priority(
            ticket=ticket,
            priority=self.priority,
            actor=stage.people[self.who],
            now=now,
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class Runs:
    """One of ours runs the script on another release as well."""

    who: str
    at: Moment
    release: str
    script: str

    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None:
        rerun_on(ticket=ticket, release=self.release, actor=stage.people[self.who], now=now)
        record_runs(stage, self.script, now)


@dataclass(frozen=True, slots=True)
class Links:
    """One of ours names the public issue, and how far its fix is."""

    who: str
    at: Moment
    issue: str
    title: str
    state: str
    fixed_in: str = ""

    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None:
        repository, number = self.issue.split("#")
        link_upstream(
            ticket=ticket,
            repository=repository,
            number=int(number),
            title=self.title,
            state=self.state,
            fixed_in=self.fixed_in,
            actor=stage.people[self.who],
            now=now,
        )


@dataclass(frozen=True, slots=True)
class Moves:
    """One of ours puts the ticket into a state."""

    who: str
    at: Moment
    state: Ticket.State
    note: str = ""

    def play(self, stage: Stage, ticket: Ticket, now: datetime) -> None:
        actor = stage.people[self.who]
        set_state(ticket=ticket, state=self.state, actor=actor, now=now, note=self.note)


def record_runs(stage: Stage, script: str, now: datetime) -> None:
    """What waits for a runner is recorded as a runner recorded it once."""
    at = now + RUNNER_STARTS
    while trial := lease_trial(runner=stage.runner, now=at):
        report = reports()[script][trial.dask]
        at += timedelta(seconds=sum(report["seconds"].values()))
        assert trial.lease_token is not None  # it is leased
        record_trial(
            trial_id=trial.pk,
            lease_token=trial.lease_token,
            report_json=json.dumps(report).encode(),
            now=at,
        )
        advance_experiment(experiment=trial.experiment, now=at)


@cache
def reports() -> dict[str, dict[str, dict[str, Any]]]:
    """The engine's reports, by script and release: `repro run --json`, without its files."""
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(RECORDED.read_text("utf-8"))
    return found
