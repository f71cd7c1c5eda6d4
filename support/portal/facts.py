"""What portal and desk both show of one ticket, as the context of their templates."""

from datetime import datetime
from typing import Any

from contracts.domain.entitlements import contacts_of
from contracts.models import User
from support.domain.scripts import TEMPLATE
from support.models import Ticket
from support.portal.evidence import Evidence
from support.portal.shown import shown_of_finding
from support.portal.thread import thread_of
from support.portal.turns import turns_of
from support.portal.upstream import followed

TOLD_PACKAGES = ("dask", "distributed", "pandas", "numpy", "pyarrow")


def verdict_facts(ticket: Ticket, evidence: Evidence, *, now: datetime) -> dict[str, Any]:
    """What changes while runs go on: it is polled."""
    return {
        "ticket": ticket,
        "evidence": evidence,
        "sentence": evidence.sentence,
        "turn": turns_of([ticket], now=now)[ticket.pk],
        "shown": shown_of_finding(evidence.pictured),
        "script_template": TEMPLATE,
        "now": now,
    }


def ticket_facts(
    ticket: Ticket, evidence: Evidence, *, reader: User, now: datetime
) -> dict[str, Any]:
    """All of it, as `reader` may see it."""
    return verdict_facts(ticket, evidence, now=now) | {
        "page": "ticket",
        "thread": thread_of(ticket, reader=reader),
        "cycles": ticket.cycles.order_by("-started_at", "metric"),
        "people": contacts_of(organization=ticket.organization, project=ticket.project, now=now),
        "upstream": followed(ticket),
        "versions": versions_of(evidence),
        "command": command_of(ticket),
    }


def versions_of(evidence: Evidence) -> str:
    """What the most telling run had, else what was stated."""
    packages = evidence.packages
    if not packages:
        stated = (
            ("dask", evidence.ticket.dask_release),
            ("Python", evidence.ticket.python_version),
        )
        return ", ".join(f"{name} {version}" for name, version in stated if version)
    python = next((one.python for one in evidence.told if one.python), "")
    told = [f"{name} {packages[name]}" for name in TOLD_PACKAGES if name in packages]
    return ", ".join([*([f"Python {python}"] if python else []), *told])


def command_of(ticket: Ticket) -> str:
    """What runs the ticket's script on one's own machine; empty without a script."""
    if ticket.reproducer is None:
        return ""
    release = f" --dask {ticket.dask_release}" if ticket.dask_release else ""
    return f"repro run {ticket.reproducer.name}{release}"
