"""Webhooks are kept once, worked off by issue, and one bad one hurts nobody."""

import json
from datetime import timedelta
from typing import Any

import pytest

from support.domain import inbox
from support.models import Delivery, Tracker
from tests.support.github.conftest import NOW, REPOSITORY

State = Delivery.State


def store(
    tracker: Tracker, guid: str = "g1", *, number: Any = 7, event: str = "issues", **payload: Any
) -> Delivery | None:
    facts = {
        "action": "opened",
        "repository": {"id": tracker.repository_id, "full_name": tracker.full_name},
        "issue": {"number": number},
    } | payload
    body = json.dumps(facts).encode()
    return inbox.store_delivery(
        endpoint="github", guid=guid, event=event, payload=facts, body=body, now=NOW
    )


def test_a_delivery_is_kept_byte_for_byte_and_once(tracker: Tracker) -> None:
    first = store(tracker)
    assert first is not None
    assert store(tracker) is None
    kept = Delivery.objects.get()
    assert (kept.state, kept.action, kept.issue_number) == (State.PENDING, "opened", 7)
    assert json.loads(bytes(kept.body))["issue"] == {"number": 7}


def test_a_hint_notes_the_name_that_the_repository_has_now(tracker: Tracker) -> None:
    store(tracker, repository={"id": tracker.repository_id, "full_name": "maintainers/renamed"})
    tracker.refresh_from_db()
    assert (tracker.full_name, tracker.last_hint_at) == ("maintainers/renamed", NOW)


def test_a_hint_without_a_name_changes_none(tracker: Tracker) -> None:
    store(tracker, repository={"id": tracker.repository_id})
    tracker.refresh_from_db()
    assert tracker.full_name == REPOSITORY


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"event": "star"}, "this event says nothing about an issue"),
        ({"issue": None}, "it names no repository or no issue"),
        ({"number": True}, "it names no repository or no issue"),
        ({"number": "7"}, "it names no repository or no issue"),
        ({"number": 2**31}, "it names no repository or no issue"),
        ({"repository": {"id": 2**63}}, "it names no repository or no issue"),
        ({"repository": {"id": 1}}, "its repository is not connected"),
    ],
)
def test_what_says_nothing_to_us_is_ignored_with_the_reason(
    tracker: Tracker, fields: dict[str, Any], outcome: str
) -> None:
    store(tracker, **fields)
    kept = Delivery.objects.get()
    assert (kept.state, kept.outcome) == (State.IGNORED, outcome)


def test_json_that_is_no_object_is_ignored(db: None) -> None:
    kept = inbox.store_delivery(
        endpoint="github", guid="g", event="issues", payload=[1], body=b"[1]", now=NOW
    )
    assert kept is not None
    assert kept.state == State.IGNORED


def test_hints_of_one_issue_are_taken_together(tracker: Tracker) -> None:
    for guid, number in (("a", 7), ("b", 8), ("c", 7)):
        store(tracker, guid, number=number)
    first = inbox.claim_hint(now=NOW)
    second = inbox.claim_hint(now=NOW)
    assert first is not None
    assert second is not None
    assert (first.number, len(first.delivery_ids)) == (7, 2)
    assert (second.number, len(second.delivery_ids)) == (8, 1)
    assert inbox.claim_hint(now=NOW) is None


def test_a_hint_whose_worker_died_is_taken_again(tracker: Tracker) -> None:
    store(tracker)
    taken = inbox.claim_hint(now=NOW)
    assert inbox.claim_hint(now=NOW + inbox.LEASE - timedelta(seconds=1)) is None
    assert inbox.claim_hint(now=NOW + inbox.LEASE) == taken


def test_a_resting_tracker_is_left_alone(tracker: Tracker) -> None:
    store(tracker)
    Tracker.objects.update(paused_until=NOW + timedelta(seconds=1))
    assert inbox.claim_hint(now=NOW) is None
    assert inbox.claim_hint(now=NOW + timedelta(seconds=1)) is not None


def test_what_fails_again_and_again_is_put_aside(tracker: Tracker) -> None:
    store(tracker)
    for attempt in range(inbox.ATTEMPTS):
        now = NOW + timedelta(hours=attempt)
        hint = inbox.claim_hint(now=now)
        assert hint is not None
        inbox.postpone_hint(hint=hint, reason="odd", now=now, after=timedelta(minutes=1))
    kept = Delivery.objects.get()
    assert (kept.state, kept.outcome) == (State.FAILED, "odd")


def test_trouble_that_is_not_its_own_counts_no_attempt(tracker: Tracker) -> None:
    store(tracker)
    hint = inbox.claim_hint(now=NOW)
    assert hint is not None
    inbox.spare_hint(hint=hint, reason="GitHub answered 502.")
    kept = Delivery.objects.get()
    assert (kept.state, kept.attempts, kept.outcome) == (State.PENDING, 0, "GitHub answered 502.")
    assert inbox.claim_hint(now=NOW) is not None
