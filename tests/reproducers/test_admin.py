"""Staff may look at every record and change none."""

import pytest
from django.test import Client
from django.urls import reverse

from reproducers.domain.trials import record_trial
from reproducers.models import Artifact, DaskRelease, Experiment, Reproducer, Runner, Trial
from tests.factories import NOW, make_engineer, make_manager
from tests.reproducers.factories import lease, make_experiment, make_releases, report_json

pytestmark = pytest.mark.django_db

MODELS = [DaskRelease, Experiment, Reproducer, Runner, Trial]


@pytest.fixture(autouse=True)
def _records() -> None:
    make_releases("2025.5.1")
    make_experiment()
    trial, token = lease()
    record_trial(
        trial_id=trial.pk,
        lease_token=token,
        report_json=report_json(reason="<script>alert(1)</script>"),
        artifacts={"stdout.txt": b"<b>"},
        now=NOW,
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_engineer_sees_lists_and_records(model: type[Trial], client: Client) -> None:
    client.force_login(make_engineer())
    name = f"admin:reproducers_{model._meta.model_name}"
    pk = model.objects.get().pk

    listed = client.get(reverse(f"{name}_changelist"))
    shown = client.get(reverse(f"{name}_change", args=[pk]))

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "<script>alert(1)</script>" not in shown.content.decode()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_not_even_a_manager_changes_or_deletes_one(model: type[Trial], client: Client) -> None:
    client.force_login(make_manager())
    name = f"admin:reproducers_{model._meta.model_name}"
    pk = model.objects.get().pk
    before = model.objects.values().get(pk=pk)

    answers = [
        client.post(reverse(f"{name}_change", args=[pk]), {}),
        client.post(reverse(f"{name}_delete", args=[pk]), {"post": "yes"}),
        client.post(reverse(f"{name}_add"), {}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert model.objects.values().get(pk=pk) == before


def test_what_a_trial_left_is_named_with_it(client: Client) -> None:
    client.force_login(make_engineer())
    artifact = Artifact.objects.get()

    shown = client.get(reverse("admin:reproducers_trial_change", args=[artifact.trial_id]))

    assert artifact.sha256 in shown.content.decode()
