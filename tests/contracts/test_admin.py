"""The admin of contracts: managers change by the verbs, engineers look, customers find nothing."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from contracts.domain.entitlements import may_open_ticket
from contracts.domain.tokens import find_by_token, issue_token
from contracts.models import (
    BusinessCalendar,
    BusinessCalendarVersion,
    Contract,
    Organization,
    Project,
    Seat,
    SlaPolicy,
    SlaPolicyVersion,
    User,
)
from tests.factories import (
    NOW,
    OFFICE_HOURS,
    make_calendar,
    make_contract,
    make_customer,
    make_engineer,
    make_manager,
    make_organization,
    make_policy,
    make_project,
    make_seat,
    make_user,
)

pytestmark = pytest.mark.django_db
MODELS = sorted(model.__name__.lower() for model in apps.get_app_config("contracts").get_models())


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(make_manager())
    return client


@pytest.fixture
def engineer() -> Client:
    client = Client()
    client.force_login(make_engineer())
    return client


def page(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(f"admin:contracts_{name}", args=args))
    assert answer.status_code == HTTPStatus.OK
    return answer.content.decode()


def add(client: Client, model: str, fields: dict[str, Any]) -> Any:
    return client.post(reverse(f"admin:contracts_{model}_add"), fields)


def change(client: Client, row: Any, fields: dict[str, Any]) -> Any:
    path = reverse(f"admin:contracts_{row._meta.model_name}_change", args=[row.pk])
    return client.post(path, fields)


def act(client: Client, row: Any, action: str) -> Any:
    path = reverse(f"admin:contracts_{row._meta.model_name}_changelist")
    return client.post(path, {"action": action, "_selected_action": [row.pk]}, follow=True)


def refused_words(answer: Any) -> str:
    """What the form says, shown again."""
    assert answer.status_code == HTTPStatus.OK
    return " ".join(str(answer.context["errors"]).split())


def test_every_model_has_its_pages_for_managers(manager: Client) -> None:
    person = make_customer()
    issue_token(actor=person, name="laptop", now=NOW)
    for model in MODELS:
        assert "Headwater" in page(manager, f"{model}_changelist")
        row = apps.get_model("contracts", model).objects.first()
        assert row is not None
        assert "Headwater" in page(manager, f"{model}_change", row.pk)


def test_the_forms_for_new_rows_are_there(manager: Client) -> None:
    for model in set(MODELS) - {"personaltoken"}:
        assert "Save" in page(manager, f"{model}_add")


def test_nothing_can_be_deleted(manager: Client) -> None:
    row = make_contract()
    path = reverse("admin:contracts_contract_delete", args=[row.pk])
    assert manager.post(path, {"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    for model, options in admin.site._registry.items():
        if model._meta.app_label == "contracts":
            assert not options.has_delete_permission(_request_of(manager))


def test_engineers_look(engineer: Client) -> None:
    contract = make_contract()
    assert str(contract.organization) in page(engineer, "contract_changelist")
    assert str(contract.organization) in page(engineer, "contract_change", contract.pk)
    assert "Contracts" in engineer.get("/admin/").content.decode()


@pytest.mark.parametrize("path", ["contract/add/", "contract/{}/change/", "contract/{}/delete/"])
def test_engineers_who_change_are_told_whose_role_it_takes(engineer: Client, path: str) -> None:
    contract = make_contract()
    answer = engineer.post(f"/admin/contracts/{path.format(contract.pk)}", {})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "This needs the role of a support manager." in answer.content.decode()


def test_engineers_see_no_tokens(engineer: Client) -> None:
    answer = engineer.get(reverse("admin:contracts_personaltoken_changelist"))
    assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("path", ["", "contracts/contract/", "contracts/user/add/"])
def test_customers_find_nothing(path: str) -> None:
    client = Client()
    client.force_login(make_customer())
    answer = client.get(f"/admin/{path}", follow=True)
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_strangers_sign_in_where_everybody_does() -> None:
    answer = Client().get("/admin/contracts/user/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/?next=/admin/contracts/user/"


def test_signing_out_of_the_admin_is_signing_out(manager: Client) -> None:
    assert manager.post("/admin/logout/").headers["Location"] == "/sign-in/"
    assert manager.get("/admin/").status_code == HTTPStatus.FOUND


# Organizations and projects.


def test_an_organization_is_added_with_its_aliases(manager: Client) -> None:
    fields = {"name": "Kestrel Bank", "slug": "kestrel", "aliases": "kestrel.example\n\n kes "}
    assert add(manager, "organization", fields).status_code == HTTPStatus.FOUND
    organization = Organization.objects.get()
    assert (organization.name, organization.aliases) == ("Kestrel Bank", ["kestrel.example", "kes"])


def test_a_name_that_is_taken_is_said_on_the_form(manager: Client) -> None:
    make_organization("Kestrel Bank")
    answer = add(manager, "organization", {"name": "KESTREL bank", "slug": "other"})
    assert "Another organization has this name." in refused_words(answer)
    assert Organization.objects.count() == 1


def test_a_project_is_added_and_changed(manager: Client) -> None:
    organization = make_organization()
    fields = {"organization": organization.pk, "name": "Fraud", "slug": "fraud"}
    assert add(manager, "project", fields).status_code == HTTPStatus.FOUND
    project = Project.objects.get()
    change(manager, project, fields | {"dask_release": "2025.5.1"})
    project.refresh_from_db()
    assert project.dask_release == "2025.5.1"


# Seats.


def seat_fields(project: Project, user: User, **more: str) -> dict[str, Any]:
    fields = {"project": project.pk, "user": user.pk}
    return fields | {"starts_at_0": "2026-11-16", "starts_at_1": "10:00"} | more


def test_a_seat_is_granted_and_ended(manager: Client) -> None:
    person = make_user()
    make_contract(person.organization)
    project = make_project(person.organization)
    answer = add(manager, "seat", seat_fields(project, person))
    assert answer.status_code == HTTPStatus.FOUND
    assert may_open_ticket(user=person, now=NOW).allowed
    assert "has ended" in act(manager, Seat.objects.get(), "end_now").content.decode()
    assert Seat.objects.get().ends_at is not None


def test_a_seat_too_many_is_refused_on_the_form_as_it_was_filled_in(manager: Client) -> None:
    project = make_project()
    make_contract(project.organization, seats_per_project=1)
    make_seat(project=project)
    person = make_user("Left Out", organization=project.organization)
    answer = add(manager, "seat", seat_fields(project, person))
    words = refused_words(answer)
    assert "has 1 seat, and all are taken" in words
    assert "End another person" in words
    assert "Left Out" in answer.content.decode()
    assert Seat.objects.count() == 1


def test_the_end_of_a_seat_moves_and_is_not_taken_away(manager: Client) -> None:
    seat = make_seat()
    later = {"ends_at_0": "2090-01-01", "ends_at_1": "00:00"}
    assert change(manager, seat, later).status_code == HTTPStatus.FOUND
    seat.refresh_from_db()
    assert seat.ends_at is not None
    words = refused_words(change(manager, seat, {"ends_at_0": "", "ends_at_1": ""}))
    assert "can be moved but not taken away" in words


def test_an_unchanged_seat_stays_as_it_is(manager: Client) -> None:
    seat = make_seat()
    assert change(manager, seat, {"ends_at_0": "", "ends_at_1": ""}).status_code == HTTPStatus.FOUND


def test_an_action_that_is_refused_says_so(manager: Client) -> None:
    seat = make_seat(ends_at=NOW.replace(year=2021))
    assert "already ended" in act(manager, seat, "end_now").content.decode()


# Contracts.


def contract_fields(**more: Any) -> dict[str, Any]:
    return {
        "kind": "grant",
        "starts_on": "2026-01-01",
        "ends_on": "2027-01-01",
        "zone": "Europe/Berlin",
        "monthly_minutes": "600",
        "seats_per_project": "2",
        "annual_value_cents": "0",
        "currency": "EUR",
    } | more


def test_a_contract_is_drafted_and_signed(manager: Client, told: list[Contract]) -> None:
    organization, policy = make_organization(), make_policy()
    fields = contract_fields(organization=organization.pk, sla_policy=policy.pk)
    assert add(manager, "contract", fields).status_code == HTTPStatus.FOUND
    contract = Contract.objects.get()
    assert contract.signed_at is None
    assert "Signed:" in act(manager, contract, "sign").content.decode()
    assert told == [contract]
    assert "signed already" in act(manager, contract, "sign").content.decode()


def test_a_contract_that_ends_before_it_starts_is_refused(manager: Client) -> None:
    organization, policy = make_organization(), make_policy()
    fields = contract_fields(organization=organization.pk, sla_policy=policy.pk)
    answer = add(manager, "contract", fields | {"ends_on": "2025-01-01"})
    assert "A contract ends after it starts." in refused_words(answer)


def test_what_only_the_verb_knows_is_said_on_the_form_as_well(manager: Client) -> None:
    organization = make_organization()
    bare = SlaPolicy.objects.create(name="Bare", calendar=make_calendar())
    fields = contract_fields(organization=organization.pk, sla_policy=bare.pk)
    assert "has no version yet" in refused_words(add(manager, "contract", fields))
    assert Contract.objects.count() == 0


# People.


def test_a_new_person_is_mailed_a_link(
    manager: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    organization = make_organization()
    fields = {
        "name": "Ines",
        "email": "Ines@Bank.example",
        "organization": organization.pk,
        "role": "customer",
        "zone": "Europe/Berlin",
    }
    with django_capture_on_commit_callbacks() as callbacks:
        assert add(manager, "user", fields).status_code == HTTPStatus.FOUND
    assert User.objects.get(email="ines@bank.example").organization == organization
    assert len(callbacks) == 1


def test_a_person_is_changed_without_a_mail(
    manager: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    person = make_user()
    fields = {
        "name": "Renamed",
        "email": person.email,
        "organization": person.organization_id,
        "role": "customer",
        "zone": "Asia/Tokyo",
    }
    with django_capture_on_commit_callbacks() as callbacks:
        assert change(manager, person, fields).status_code == HTTPStatus.FOUND
    person.refresh_from_db()
    assert (person.name, person.zone, callbacks) == ("Renamed", "Asia/Tokyo", [])


def test_a_person_is_a_customers_or_ours(manager: Client) -> None:
    fields = {
        "name": "Both",
        "email": "both@example.org",
        "organization": make_organization().pk,
        "role": "manager",
        "zone": "UTC",
    }
    assert "has an organization" in refused_words(add(manager, "user", fields))


def test_accounts_are_closed_and_reopened(manager: Client) -> None:
    person = make_user()
    for action, is_active in (("close", False), ("reopen", True)):
        act(manager, person, action)
        person.refresh_from_db()
        assert person.is_active is is_active


def test_a_link_is_sent_on_demand(manager: Client) -> None:
    person = make_user()
    assert person.email in act(manager, person, "send_link").content.decode()
    assert mail.outbox == []  # a worker sends it


def test_tokens_are_revoked_and_their_digests_never_shown(manager: Client) -> None:
    issued = issue_token(actor=make_user(), name="laptop", now=NOW)
    for name, args in (("changelist", []), ("change", [issued.token.pk])):
        shown = page(manager, f"personaltoken_{name}", *args)
        assert "laptop" in shown
        assert issued.token.digest not in shown
    act(manager, issued.token, "revoke")
    assert find_by_token(secret=issued.secret, now=NOW) is None
    answer = manager.get(reverse("admin:contracts_personaltoken_add"))
    assert answer.status_code == HTTPStatus.FORBIDDEN


# Policies, calendars and their versions.

HOURS = dict.fromkeys(OFFICE_HOURS, "09:00-12:00, 13:00-17:00")


def version_fields(calendar: BusinessCalendar, **more: str) -> dict[str, Any]:
    fields = {"calendar": calendar.pk, "zone": "Europe/Berlin", "closed_dates": "2090-12-25"}
    return fields | {"valid_from_0": "2090-01-01", "valid_from_1": "00:00"} | HOURS | more


def test_calendars_and_policies_are_named(manager: Client) -> None:
    add(manager, "businesscalendar", {"name": "Berlin"})
    calendar = BusinessCalendar.objects.get()
    add(manager, "slapolicy", {"name": "Gold", "calendar": calendar.pk})
    assert SlaPolicy.objects.get().calendar == calendar


def test_a_calendar_version_is_published_in_words(manager: Client) -> None:
    calendar = make_calendar()
    answer = add(manager, "businesscalendarversion", version_fields(calendar))
    assert answer.status_code == HTTPStatus.FOUND
    version = calendar.versions.get(number=2)
    assert version.weekly == {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in OFFICE_HOURS}
    assert version.closed == ["2090-12-25"]


def test_a_calendar_leads_to_its_versions_and_to_the_next(manager: Client) -> None:
    calendar = make_calendar(closed=["2026-12-25"], weekly={"sat": [["10:00", "12:00"]]})
    shown = page(manager, "businesscalendar_change", calendar.pk)
    assert (
        reverse("admin:contracts_businesscalendarversion_change", args=[_first(calendar)]) in shown
    )
    path = reverse("admin:contracts_businesscalendarversion_add")
    assert f"{path}?calendar={calendar.pk}" in shown
    initial = manager.get(f"{path}?calendar={calendar.pk}").context["adminform"].form.initial
    assert {name: initial[name] for name in ("mon", "sat", "closed_dates", "zone")} == {
        "mon": "",
        "sat": "10:00-12:00",
        "closed_dates": ["2026-12-25"],
        "zone": "Europe/Berlin",
    }


def test_a_policy_leads_to_its_versions_and_to_the_next(manager: Client) -> None:
    policy = make_policy(targets={"high": {"first_response": 14400, "update": 5400}})
    shown = page(manager, "slapolicy_change", policy.pk)
    assert reverse("admin:contracts_slapolicyversion_change", args=[_first(policy)]) in shown
    path = reverse("admin:contracts_slapolicyversion_add")
    assert f"{path}?policy={policy.pk}" in shown
    initial = manager.get(f"{path}?policy={policy.pk}").context["adminform"].form.initial
    assert {name: initial[name] for name in ("high", "low", "grace", "thanks_grace")} == {
        "high": "first_response 4h\nupdate 90m",
        "low": "",
        "grace": "",
        "thanks_grace": "24h",
    }
    version = page(manager, "slapolicyversion_change", _first(policy))
    assert "high: first_response 4h, update 90m" in version


@pytest.mark.parametrize("query", ["", "?policy=", "?policy=0", "?policy=x", "?calendar=x"])
def test_a_first_version_begins_from_nothing(manager: Client, query: str) -> None:
    for model in ("slapolicyversion", "businesscalendarversion"):
        answer = manager.get(reverse(f"admin:contracts_{model}_add") + query)
        assert answer.status_code == HTTPStatus.OK


def test_hours_without_an_instant_count_from_now_on(manager: Client) -> None:
    calendar = make_calendar()
    fields = version_fields(calendar, valid_from_0="", valid_from_1="")
    assert add(manager, "businesscalendarversion", fields).status_code == HTTPStatus.FOUND
    began = calendar.versions.get(number=2).valid_from
    assert timedelta(0) <= datetime.now(UTC) - began < timedelta(minutes=5)


REFUSED_HOURS = {
    "a time that is none": ({"mon": "9-17"}, "calendar.weekly.mon[0][0]"),
    "a date that is none": ({"closed_dates": "Christmas"}, "calendar.closed[0]"),
    "a zone that is none": ({"zone": "Berlin"}, "calendar.zone"),
    "the past": ({"valid_from_0": "2021-01-01"}, "cannot change"),
}


@pytest.mark.parametrize("sentence", REFUSED_HOURS)
def test_hours_that_make_no_sense_are_refused_with_the_place(
    sentence: str, manager: Client
) -> None:
    calendar = make_calendar()
    changes, words = REFUSED_HOURS[sentence]
    answer = add(manager, "businesscalendarversion", version_fields(calendar, **changes))
    assert words in refused_words(answer)
    assert calendar.versions.count() == 1


def test_a_policy_version_is_published_in_words(manager: Client) -> None:
    policy = make_policy()
    fields = {
        "policy": policy.pk,
        "high": "first_response 4h\nupdate 90m",
        "thanks_grace": "24h",
        "reopen": "resume",
    }
    assert add(manager, "slapolicyversion", fields).status_code == HTTPStatus.FOUND
    version = policy.versions.get(number=2)
    assert version.targets == {"high": {"first_response": 14400, "update": 5400}}
    assert (version.reopen, version.grace_seconds) == ("resume", None)


@pytest.mark.parametrize(
    ("high", "words"),
    [("first_response", "Write a metric"), ("joy 4h", "policy.targets.high.joy"), ("", "targets")],
)
def test_targets_that_make_no_sense_are_refused(manager: Client, high: str, words: str) -> None:
    policy = make_policy()
    fields = {"policy": policy.pk, "high": high, "thanks_grace": "24h", "reopen": "resume"}
    assert words in refused_words(add(manager, "slapolicyversion", fields))
    assert policy.versions.count() == 1


@pytest.mark.parametrize("model", [BusinessCalendarVersion, SlaPolicyVersion])
def test_a_published_version_is_only_looked_at(manager: Client, model: Any) -> None:
    make_policy()
    version = model.objects.get()
    assert "Save" not in page(manager, f"{model._meta.model_name}_change", version.pk)
    assert change(manager, version, {"number": "9"}).status_code == HTTPStatus.FORBIDDEN


def _first(row: Any) -> int:
    return int(row.versions.get().pk)


def _request_of(client: Client) -> Any:
    return client.get("/admin/").wsgi_request
