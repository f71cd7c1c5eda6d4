"""The admin of support shows everything to staff and lets nobody change anything."""

from http import HTTPStatus

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from reproducers.engine.verdicts import Verdict
from support.domain.upstream import link_upstream
from support.models import Delivery, Ticket
from tests.factories import NOW, make_engineer, make_manager
from tests.support.tickets import SCRIPT, know_releases, make_ticket, report, run_all, track

pytestmark = pytest.mark.django_db
SHOWN = sorted(
    (
        model
        for model in apps.get_app_config("support").get_models()
        if admin.site.is_registered(model)
    ),
    key=lambda model: model.__name__,
)


@pytest.fixture
def ticket() -> Ticket:
    """A ticket that has one of everything."""
    know_releases("2026.8.0")
    ticket = make_ticket(script=SCRIPT)
    track(ticket)
    link_upstream(ticket=ticket, repository="dask/dask", number=1, actor=make_engineer(), now=NOW)
    run_all([report(Verdict.REPRODUCED)])
    Delivery.objects.create(
        endpoint="github", guid="1", event="issues", body=b"{}", received_at=NOW
    )
    return ticket


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(make_manager())
    return client


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_manager_looks_and_changes_nothing(model: type, ticket: Ticket, manager: Client) -> None:
    name = f"admin:support_{model.__name__.lower()}"
    row = model.objects.first()  # type: ignore[attr-defined]
    change = reverse(f"{name}_change", args=[row.pk])
    assert manager.get(reverse(f"{name}_changelist")).status_code == HTTPStatus.OK
    assert manager.get(change).status_code == HTTPStatus.OK
    assert manager.post(change, {}).status_code == HTTPStatus.FORBIDDEN
    assert manager.get(reverse(f"{name}_add")).status_code == HTTPStatus.FORBIDDEN
    assert manager.post(reverse(f"{name}_delete", args=[row.pk])).status_code == (
        HTTPStatus.FORBIDDEN
    )


def test_a_ticket_shows_its_books(ticket: Ticket, manager: Client) -> None:
    page = manager.get(reverse("admin:support_ticket_change", args=[ticket.pk])).content.decode()
    for words in ("customer message", "dask/dask#1", "first_response", "Experiment"):
        assert words in page or words.replace("_", " ").capitalize() in page
