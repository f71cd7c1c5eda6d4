"""Why a cycle is due when it is due, in sentences (sla.md, rule 13). Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from contracts.domain.business_time import Hours, Interval
from support.domain.clocks import Cycle, Retarget
from web.times import duration_words

SHOWN: Final = 4
"""So many intervals are named; of more, the first and the last ones."""

PROMISES: Final = {
    "first_response": "a first response",
    "next_response": "an answer to the oldest unanswered message",
}


def why(cycle: Cycle, *, hours: Hours, zone: tzinfo, sources: Sequence[str] = ()) -> list[str]:
    """The sentences, in order; instants in `zone`. `sources` name policy and calendar versions."""
    told = [_began(cycle, hours, zone), _promised(cycle)]
    told += [_moved(retarget, zone) for retarget in cycle.retargets]
    if cycle.counted:
        told.append(f"Counted: {_listed(cycle.counted, zone)}.")
    told.append(_due(cycle, zone))
    if cycle.ended_at is not None:
        told.append(_ended(cycle, cycle.ended_at, zone))
    return [*told, *sources]


def hours_words(seconds: int) -> str:
    """Open time: "4 h", "1 h 14 min"; in hours however many, since a day is not 24 of them."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part)


def _began(cycle: Cycle, hours: Hours, zone: tzinfo) -> str:
    outside = "" if hours.is_open(cycle.started_at) else ", outside support hours"
    return f"They wrote on {_instant(cycle.started_at, zone)}{outside}."


def _promised(cycle: Cycle) -> str:
    target = hours_words(cycle.target_seconds)
    return f"At {cycle.priority}, {PROMISES[cycle.metric]} is promised within {target}."


def _moved(retarget: Retarget, zone: tzinfo) -> str:
    due = f", due {_instant(retarget.due_at, zone)}" if retarget.due_at else ""
    return (
        f"The priority became {retarget.priority} on {_instant(retarget.at, zone)}: "
        f"{hours_words(retarget.target_seconds)}{due}."
    )


def _due(cycle: Cycle, zone: tzinfo) -> str:
    if cycle.due_at is None:
        return "Ten years of support hours do not hold the target, so nothing falls due."
    return f"It falls due on {_instant(cycle.due_at, zone)}."


def _ended(cycle: Cycle, ended_at: datetime, zone: tzinfo) -> str:
    at = _instant(ended_at, zone)
    if cycle.cancelled:
        return f"Cancelled on {at}: {cycle.cancelled}."
    late = ""
    if cycle.due_at is not None and ended_at > cycle.due_at:
        late = f", {duration_words((ended_at - cycle.due_at).total_seconds())} after it was due"
    return f"Ended on {at}, after {hours_words(cycle.elapsed_seconds)}{late}: {cycle.state}."


def _listed(counted: Sequence[Interval], zone: tzinfo) -> str:
    if len(counted) <= SHOWN:
        return ", ".join(_interval(interval, zone) for interval in counted)
    first = ", ".join(_interval(interval, zone) for interval in counted[:2])
    return f"{first}, {len(counted) - 3} more, {_interval(counted[-1], zone)}"


def _interval(interval: Interval, zone: tzinfo) -> str:
    opens, closes = (instant.astimezone(zone) for instant in interval)
    if closes.date() == opens.date():
        return f"{opens:%a} {opens.day} {opens:%b %H:%M} to {closes:%H:%M}"
    return f"{opens:%a} {opens.day} {opens:%b %H:%M} to {closes:%a} {closes.day} {closes:%b %H:%M}"


def _instant(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"
