"""The inbox: webhooks as they came, stored once, then worked off issue by issue.

A webhook is a hint (tracker.md, 4): what happened is read from GitHub, so lost, doubled and
reordered deliveries all end in the same state.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from support.domain.trackers import note_hint
from support.models import Delivery, Tracker

HINTS = {"issues", "issue_comment"}
LEASE = timedelta(seconds=60)
ATTEMPTS = 8
"""A delivery that failed so often is put aside as poisoned; others of its issue go on."""


@dataclass(frozen=True)
class Hint:
    """Something happened to this issue; `delivery_ids` are all that said so."""

    tracker: Tracker
    number: int
    delivery_ids: tuple[int, ...]


@transaction.atomic
def store_delivery(
    *, endpoint: str, guid: str, event: str, payload: Any, body: bytes, now: datetime
) -> Delivery | None:
    """Keep a verified delivery; None where this GUID was stored before.

    Unknown events, actions, keys and repositories are kept as `ignored`, with the reason.
    """
    facts = payload if isinstance(payload, dict) else {}
    repository_id, number = _target(facts)
    reason = _reason_to_ignore(event, repository_id, number)
    delivery, is_new = Delivery.objects.get_or_create(
        endpoint=endpoint,
        guid=guid[:64],
        defaults={
            "event": event[:64],
            "action": str(facts.get("action") or "")[:64],
            "repository_id": repository_id,
            "issue_number": number,
            "body": body,
            "received_at": now,
            "state": Delivery.State.IGNORED if reason else Delivery.State.PENDING,
            "outcome": reason,
        },
    )
    if is_new and not reason:
        assert repository_id is not None
        note_hint(repository_id=repository_id, full_name=_full_name(facts), now=now)
    return delivery if is_new else None


def _target(facts: dict[str, Any]) -> tuple[int | None, int | None]:
    return _integer(facts, "repository", "id"), _integer(facts, "issue", "number")


def _integer(facts: dict[str, Any], part: str, key: str) -> int | None:
    """A positive number of the payload that a database column can hold, or None."""
    inner = facts.get(part)
    found = inner.get(key) if isinstance(inner, dict) else None
    if not isinstance(found, int) or isinstance(found, bool):
        return None
    return found if 0 < found < (2**63 if key == "id" else 2**31) else None


def _full_name(facts: dict[str, Any]) -> str:
    return str(facts["repository"].get("full_name") or "")[:140]


def _reason_to_ignore(event: str, repository_id: int | None, number: int | None) -> str:
    if event not in HINTS:
        return "this event says nothing about an issue"
    if repository_id is None or number is None:
        return "it names no repository or no issue"
    if not Tracker.objects.filter(repository_id=repository_id).exists():
        return "its repository is not connected"
    return ""


@transaction.atomic
def claim_hint(*, now: datetime) -> Hint | None:
    """Take the oldest hint that may be worked on, with all others about the same issue."""
    oldest = _due(now).select_for_update(skip_locked=True).first()
    if oldest is None:
        return None
    assert oldest.repository_id is not None
    tracker = Tracker.objects.get(repository_id=oldest.repository_id)
    same = _due(now).filter(repository_id=oldest.repository_id, issue_number=oldest.issue_number)
    ids = tuple(same.select_for_update(skip_locked=True).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=ids).update(
        lease_expires_at=now + LEASE, attempts=F("attempts") + 1
    )
    assert oldest.issue_number is not None
    return Hint(tracker, oldest.issue_number, ids)


def _due(now: datetime) -> QuerySet[Delivery]:
    resting = Tracker.objects.filter(paused_until__gt=now).values("repository_id")
    return (
        Delivery.objects.filter(
            Q(not_before=None) | Q(not_before__lte=now),
            Q(lease_expires_at=None) | Q(lease_expires_at__lte=now),
            state=Delivery.State.PENDING,
        )
        .exclude(repository_id__in=resting)
        .order_by("received_at", "id")
    )


def close_hint(
    *, hint: Hint, state: Delivery.State = Delivery.State.APPLIED, outcome: str = ""
) -> None:
    """These deliveries are done with."""
    Delivery.objects.filter(pk__in=hint.delivery_ids).update(
        state=state, outcome=outcome[:400], lease_expires_at=None
    )


@transaction.atomic
def postpone_hint(*, hint: Hint, reason: str, now: datetime, after: timedelta) -> None:
    """Try again later; what was tried too often is put aside with its reason."""
    deliveries = Delivery.objects.filter(pk__in=hint.delivery_ids)
    deliveries.update(lease_expires_at=None, not_before=now + after, outcome=reason[:400])
    deliveries.filter(attempts__gte=ATTEMPTS).update(state=Delivery.State.FAILED)


def spare_hint(
    *, hint: Hint, reason: str, now: datetime | None = None, after: timedelta = timedelta(0)
) -> None:
    """GitHub or the organization's access is to blame, not the delivery: no attempt is counted."""
    Delivery.objects.filter(pk__in=hint.delivery_ids).update(
        lease_expires_at=None,
        not_before=now + after if now else None,
        attempts=F("attempts") - 1,
        outcome=reason[:400],
    )
