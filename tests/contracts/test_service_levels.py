"""Policies and calendars in versions, and what they promise."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from contracts.domain.calendars import NotUnderstood
from contracts.domain.organizations import NameTaken
from contracts.domain.roles import ManagersOnly
from contracts.domain.service_levels import (
    NothingPublished,
    PastIsFixed,
    calendar_in_force,
    calendar_of,
    current_policy_version,
    promise_for,
    promised_first_responses,
    publish_calendar_version,
    publish_policy_version,
    save_calendar,
    save_policy,
    timeline_of,
)
from contracts.models import BusinessCalendar, Contract, SlaPolicy
from tests.factories import (
    LONG_AGO,
    NOW,
    OFFICE_HOURS,
    make_calendar,
    make_contract,
    make_engineer,
    make_manager,
    make_organization,
    make_policy,
)

pytestmark = pytest.mark.django_db

HOURS: dict[str, Any] = {"zone": "Europe/Berlin", "weekly": OFFICE_HOURS}
TOMORROW = NOW + timedelta(days=1)


def test_a_target_is_promised_in_seconds() -> None:
    version = current_policy_version(make_policy(targets={"high": {"update": 90}}))
    assert promise_for(policy_version=version, priority="high", metric="update") == 90
    assert promise_for(policy_version=version, priority="low", metric="update") is None


def test_each_severity_has_its_first_response_as_an_instant() -> None:
    contract = make_contract(
        policy=make_policy(
            targets={
                "urgent": {"first_response": 3600},
                "normal": {"first_response": 8 * 3600},
                "low": {"update": 3600},
            }
        )
    )
    # Monday 10:00 in Berlin, nine to five
    assert promised_first_responses(organization=contract.organization, now=NOW) == {
        "urgent": datetime(2026, 11, 16, 10, tzinfo=UTC),
        "normal": datetime(2026, 11, 17, 9, tzinfo=UTC),
    }


def test_without_a_contract_in_force_nothing_is_promised() -> None:
    draft = make_contract(signed_at=None)
    assert promised_first_responses(organization=draft.organization, now=NOW) == {}


def test_a_promise_beyond_the_horizon_has_no_instant() -> None:
    policy = make_policy(targets={"low": {"first_response": 999_999 * 3600}})
    contract = make_contract(policy=policy)
    assert promised_first_responses(organization=contract.organization, now=NOW) == {"low": None}


def test_a_version_of_a_policy_is_published_with_the_next_number() -> None:
    policy = make_policy()
    version = publish_policy_version(
        actor=make_manager(),
        policy=policy,
        document={"targets": {"high": {"first_response": "2h"}}, "grace": "30m"},
        now=NOW,
    )
    assert (version.number, version.targets, version.grace_seconds, version.created_at) == (
        2,
        {"high": {"first_response": 7200}},
        1800,
        NOW,
    )
    assert current_policy_version(policy) == version


def test_the_first_version_of_a_policy_is_number_one() -> None:
    policy = SlaPolicy.objects.create(name="New", calendar=make_calendar())
    document = {"targets": {"high": {"first_response": "2h"}}}
    version = publish_policy_version(actor=None, policy=policy, document=document, now=NOW)
    assert version.number == 1


def test_a_policy_that_makes_no_sense_is_not_published() -> None:
    policy = make_policy()
    with pytest.raises(NotUnderstood):
        publish_policy_version(actor=None, policy=policy, document={"targets": {}}, now=NOW)
    assert policy.versions.count() == 1


def test_a_policy_without_a_version_promises_nothing() -> None:
    policy = SlaPolicy.objects.create(name="Bare", calendar=make_calendar())
    with pytest.raises(NothingPublished, match="Bare has no version yet"):
        current_policy_version(policy)


def test_a_calendar_without_a_version_measures_nothing() -> None:
    calendar = BusinessCalendar.objects.create(name="Bare")
    policy = SlaPolicy.objects.create(name="Policy", calendar=calendar)
    with pytest.raises(NothingPublished, match="Bare has no version yet"):
        timeline_of(policy=policy)


def test_a_version_of_a_calendar_counts_from_now_on() -> None:
    policy = make_policy()
    first = policy.calendar.versions.get()
    second = publish_calendar_version(
        actor=make_manager(), calendar=policy.calendar, document=HOURS, now=NOW
    )
    assert (second.number, second.valid_from) == (2, NOW)
    just_before = NOW - timedelta(seconds=1)
    assert calendar_in_force(policy=policy, at=just_before) == first
    assert calendar_in_force(policy=policy, at=NOW) == second


def test_the_first_version_also_measures_the_time_before_it() -> None:
    policy = make_policy()
    first = policy.calendar.versions.get()
    assert calendar_in_force(policy=policy, at=LONG_AGO - timedelta(days=9)) == first


def test_a_version_may_be_planned_and_another_may_come_before_it() -> None:
    policy, manager = make_policy(), make_manager()
    calendar = policy.calendar
    planned = publish_calendar_version(
        actor=manager, calendar=calendar, document=HOURS, now=NOW, valid_from=TOMORROW
    )
    between = publish_calendar_version(actor=manager, calendar=calendar, document=HOURS, now=NOW)
    assert [calendar_in_force(policy=policy, at=at) for at in (NOW, TOMORROW)] == [between, planned]
    assert [change for change, _ in timeline_of(policy=policy).later] == [NOW, TOMORROW]


def test_of_versions_from_the_same_instant_the_later_number_counts() -> None:
    policy = make_policy()
    for _ in range(2):
        last = publish_calendar_version(
            actor=None, calendar=policy.calendar, document=HOURS, now=NOW, valid_from=TOMORROW
        )
    assert calendar_in_force(policy=policy, at=TOMORROW) == last
    # and the hours in between measure nothing
    assert timeline_of(policy=policy).between(NOW, TOMORROW) == 8 * 3600


def test_hours_that_have_passed_do_not_change() -> None:
    calendar = make_calendar()
    with pytest.raises(PastIsFixed):
        publish_calendar_version(
            actor=None,
            calendar=calendar,
            document=HOURS,
            now=NOW,
            valid_from=NOW - timedelta(seconds=1),
        )
    assert calendar.versions.count() == 1


def test_the_first_version_may_begin_in_the_past() -> None:
    calendar = BusinessCalendar.objects.create(name="New")
    version = publish_calendar_version(
        actor=None, calendar=calendar, document=HOURS, now=NOW, valid_from=LONG_AGO
    )
    assert (version.number, version.valid_from) == (1, LONG_AGO)


def test_new_hours_are_told_to_the_contracts_that_they_measure(told: list[Contract]) -> None:
    policy = make_policy()
    measured = make_contract(policy=policy)
    make_contract(policy=policy, signed_at=None)
    make_contract()
    publish_calendar_version(actor=None, calendar=policy.calendar, document=HOURS, now=NOW)
    assert told == [measured]


def test_an_open_calendar_around_the_clock_has_no_hours() -> None:
    calendar = make_calendar(always=True)
    value = calendar_of(calendar.versions.get())
    assert value.always
    assert calendar_of(calendar.versions.get()) is value


@pytest.mark.parametrize(
    "change",
    [
        lambda version: type(version).objects.filter(pk=version.pk).update(number=9),
        lambda version: type(version).objects.filter(pk=version.pk).delete(),
    ],
    ids=["update", "delete"],
)
@pytest.mark.parametrize("kind", ["policy", "calendar"])
def test_the_database_keeps_versions_as_they_were(
    kind: str, change: Callable[[Any], object]
) -> None:
    policy = make_policy()
    versions: Any = policy.versions if kind == "policy" else policy.calendar.versions
    version = versions.get()
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        change(version)
    assert versions.get() == version


def test_names_are_taken_without_regard_to_case() -> None:
    calendar = save_calendar(actor=None, calendar=BusinessCalendar(name="Berlin"))
    save_policy(actor=None, policy=SlaPolicy(name="Gold", calendar=calendar))
    with pytest.raises(NameTaken):
        save_calendar(actor=None, calendar=BusinessCalendar(name="BERLIN"))
    with pytest.raises(NameTaken):
        save_policy(actor=None, policy=SlaPolicy(name="gold", calendar=calendar))


def test_a_policy_with_a_version_keeps_its_calendar() -> None:
    policy = make_policy()
    before = policy.calendar
    policy.calendar = make_calendar()
    with pytest.raises(PastIsFixed):
        save_policy(actor=None, policy=policy)
    policy.refresh_from_db()
    assert policy.calendar == before


def test_a_policy_may_change_its_name() -> None:
    policy = make_policy()
    policy.name = "Renamed"
    save_policy(actor=make_manager(), policy=policy)
    policy.refresh_from_db()
    assert policy.name == "Renamed"


def test_engineers_publish_nothing() -> None:
    engineer, policy = make_engineer(), make_policy()
    refused: list[Callable[[], object]] = [
        lambda: publish_policy_version(actor=engineer, policy=policy, document={}, now=NOW),
        lambda: publish_calendar_version(
            actor=engineer, calendar=policy.calendar, document=HOURS, now=NOW
        ),
        lambda: save_calendar(actor=engineer, calendar=BusinessCalendar(name="Mine")),
        lambda: save_policy(actor=engineer, policy=policy),
    ]
    for verb in refused:
        with pytest.raises(ManagersOnly):
            verb()


def test_the_promise_is_that_of_the_contract_that_began_last() -> None:
    organization = make_organization()
    first = make_policy(targets={"high": {"first_response": 3600}})
    second = make_policy(targets={"high": {"first_response": 2 * 3600}})
    make_contract(organization, policy=second, starts_on=NOW.date())
    make_contract(organization, policy=first)
    assert promised_first_responses(organization=organization, now=NOW) == {
        "high": NOW + timedelta(hours=2)
    }
