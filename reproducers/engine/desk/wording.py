"""What `repro submit` and `repro status` say: JSON as promised, or lines for people. Pure."""

from typing import Any

SCHEMA = 1
MARKS = {"reproduced": "■", "clean": "○", "": "·"}
OTHER_MARK = "\u00d7"
OPEN = {"queued", "running"}


def submitted(ticket: dict[str, Any]) -> dict[str, Any]:
    """What `repro submit --json` prints."""
    return {"schema": SCHEMA, "ticket": ticket["id"], "url": ticket["url"]}


def status(ticket: dict[str, Any]) -> dict[str, Any]:
    """What `repro status --json` prints: one verdict a trial, of the newest experiment first."""
    return {
        "schema": SCHEMA,
        "ticket": ticket["id"],
        "state": ticket["state"],
        "verdicts": [
            {key: trial[key] for key in ("dask", "python", "state", "verdict", "reason")}
            for experiment in ticket["experiments"]
            for trial in experiment["trials"]
        ],
    }


def is_running(ticket: dict[str, Any]) -> bool:
    """Whether a verdict is still to come."""
    return any(experiment["state"] in OPEN for experiment in ticket["experiments"])


def lines(ticket: dict[str, Any]) -> list[str]:
    """The ticket for a terminal: its state, what is missing, the newest verdicts."""
    told = [f"#{ticket['id']} {ticket['title']}", f"{ticket['state']}, {ticket['url']}"]
    told += ticket["missing"]
    newest = ticket["experiments"][:1]
    told += [_line(trial) for experiment in newest for trial in experiment["trials"]]
    return told if newest or ticket["missing"] else [*told, "No run has been asked for yet."]


def _line(trial: dict[str, Any]) -> str:
    mark = MARKS.get(trial["verdict"], OTHER_MARK)
    word = trial["verdict"] or trial["state"]
    return f"{mark} {trial['dask']}: {word}. {trial['reason']}".rstrip()
