"""SLA policies and business calendars: what is promised, and its immutable versions."""

import json
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus

from django.db import transaction

from contracts.domain.business_time import Calendar, Timeline
from contracts.domain.calendars import CalendarWords, calendar_words, parse_calendar
from contracts.domain.contracts import contract_in_force
from contracts.domain.organizations import NameTaken
from contracts.domain.promises import PRIORITIES, Policy, parse_policy
from contracts.domain.roles import require_manager
from contracts.models import (
    BusinessCalendar,
    BusinessCalendarVersion,
    Contract,
    Organization,
    SlaPolicy,
    SlaPolicyVersion,
    User,
)
from contracts.signals import contract_changed
from web.constraints import refusals
from web.errors import HeadwaterError


class PastIsFixed(HeadwaterError):
    """A calendar version would change hours that have already been counted."""

    code = "past-is-fixed"
    status = HTTPStatus.CONFLICT


class NothingPublished(HeadwaterError):
    """A policy or calendar without any version promises nothing and measures nothing."""

    code = "nothing-published"
    status = HTTPStatus.CONFLICT


def promise_for(*, policy_version: SlaPolicyVersion, priority: str, metric: str) -> int | None:
    """The target in seconds of open time; None where nothing is promised."""
    return policy_of(policy_version).target(priority=priority, metric=metric)


def policy_of(version: SlaPolicyVersion) -> Policy:
    """The pure value of one version."""
    return Policy(
        targets=version.targets,
        grace_seconds=version.grace_seconds,
        reopen=version.reopen,
        thanks_grace_seconds=version.thanks_grace_seconds,
    )


def calendar_of(version: BusinessCalendarVersion) -> Calendar:
    """The pure value of one version; equal versions share it, and what it has computed."""
    words = CalendarWords(
        zone=version.zone, always=version.always, weekly=version.weekly, closed=version.closed
    )
    return _calendar(json.dumps(words, sort_keys=True))


@lru_cache(maxsize=256)
def _calendar(words: str) -> Calendar:
    return parse_calendar(json.loads(words))


def current_policy_version(policy: SlaPolicy) -> SlaPolicyVersion:
    """The newest; a ticket pins the one that it was opened under (sla.md, rule 5)."""
    version = policy.versions.order_by("-number").first()
    if version is None:
        raise _nothing_published(policy.name)
    return version


def calendar_in_force(*, policy: SlaPolicy, at: datetime) -> BusinessCalendarVersion:
    """The calendar version that measures `at`; the first also measures all time before it."""
    versions = _in_order(policy.calendar)
    begun = [version for version in versions if version.valid_from <= at]
    return begun[-1] if begun else versions[0]


def timeline_of(*, policy: SlaPolicy) -> Timeline:
    """All versions of the policy's calendar, each for its stretch of time (sla.md, rule 7)."""
    first, *later = _in_order(policy.calendar)
    changes = tuple((version.valid_from, calendar_of(version)) for version in later)
    return Timeline(first=calendar_of(first), later=changes)


def promised_first_responses(
    *, organization: Organization, now: datetime
) -> dict[str, datetime | None]:
    """For each severity that is promised a first response: when, were a ticket opened now.

    None: later than the horizon. Empty without a contract in force.
    """
    contract = contract_in_force(organization=organization, now=now)
    if contract is None:
        return {}
    hours = timeline_of(policy=contract.sla_policy)
    policy = policy_of(current_policy_version(contract.sla_policy))
    targets = {
        priority: policy.target(priority=priority, metric="first_response")
        for priority in PRIORITIES
    }
    return {
        priority: hours.add(now, seconds)
        for priority, seconds in targets.items()
        if seconds is not None
    }


def save_calendar(*, actor: User | None, calendar: BusinessCalendar) -> BusinessCalendar:
    """Keep a calendar's name; its hours are versions. Raises `NameTaken` and `ManagersOnly`."""
    require_manager(actor)
    taken = NameTaken("Another calendar has this name.", remedy="Choose another name.")
    with refusals({"a_calendar_is_named_once": taken}):
        calendar.save()
    return calendar


def save_policy(*, actor: User | None, policy: SlaPolicy) -> SlaPolicy:
    """Keep a policy's name and calendar; its targets are versions.

    Raises `NameTaken`, `ManagersOnly`, and `PastIsFixed` for another calendar after a version.
    """
    require_manager(actor)
    before = SlaPolicy.objects.filter(pk=policy.pk).first()
    if before and before.calendar_id != policy.calendar_id and before.versions.exists():
        raise PastIsFixed(
            "A policy keeps its calendar, by which its promises have been measured.",
            remedy="Publish a new version of the calendar, or make another policy.",
        )
    taken = NameTaken("Another policy has this name.", remedy="Choose another name.")
    with refusals({"a_policy_is_named_once": taken}):
        policy.save()
    return policy


@transaction.atomic
def publish_policy_version(
    *, actor: User | None, policy: SlaPolicy, document: object, now: datetime
) -> SlaPolicyVersion:
    """Add the next version from words such as `{"targets": {"high": {"first_response": "4h"}}}`.

    Open tickets keep the version that they pinned. Raises `NotUnderstood` and `ManagersOnly`.
    """
    require_manager(actor)
    value = parse_policy(document)
    SlaPolicy.objects.select_for_update().get(pk=policy.pk)
    latest = policy.versions.order_by("-number").first()
    return policy.versions.create(
        number=latest.number + 1 if latest else 1,
        targets=value.targets,
        grace_seconds=value.grace_seconds,
        reopen=value.reopen,
        thanks_grace_seconds=value.thanks_grace_seconds,
        created_at=now,
    )


@transaction.atomic
def publish_calendar_version(
    *,
    actor: User | None,
    calendar: BusinessCalendar,
    document: object,
    now: datetime,
    valid_from: datetime | None = None,
) -> BusinessCalendarVersion:
    """Add the next version, valid from now on or from a later instant (sla.md, rules 6 and 7).

    `document` as `parse_calendar` reads it. Contracts measured by this calendar are told, so that
    open clocks are computed anew. Raises `NotUnderstood`, `PastIsFixed`, `ManagersOnly`.
    """
    require_manager(actor)
    words = calendar_words(parse_calendar(document))
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    latest = calendar.versions.order_by("-number").first()
    if latest and valid_from and valid_from < now:
        raise PastIsFixed(
            "Hours that have passed cannot change.", remedy="Let the version begin now or later."
        )
    version = calendar.versions.create(
        number=latest.number + 1 if latest else 1,
        **words,
        valid_from=valid_from or now,
    )
    for contract in Contract.objects.filter(sla_policy__calendar=calendar).in_force(now):
        contract_changed.send(sender=Contract, contract=contract)
    return version


def _in_order(calendar: BusinessCalendar) -> list[BusinessCalendarVersion]:
    versions = calendar.versions.order_by("valid_from", "number")
    if not versions:
        raise _nothing_published(calendar.name)
    return list(versions)


def _nothing_published(name: str) -> NothingPublished:
    return NothingPublished(f"{name} has no version yet.", remedy="Publish its first version.")
