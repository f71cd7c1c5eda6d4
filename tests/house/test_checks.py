"""What the system checks say of an environment."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from config.checks import check_github, check_installation

SECRET = "0123456789abcdef"
NO_GITHUB: dict[str, Any] = {
    "GITHUB_APP_ID": "",
    "GITHUB_APP_PRIVATE_KEY": "",
    "GITHUB_TOKEN": "",
    "GITHUB_WEBHOOK_SECRETS": [],
}
GITHUB: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing is fine": ({}, []),
    "all of it is fine": (
        {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": "k", "GITHUB_WEBHOOK_SECRETS": [SECRET]},
        [],
    ),
    "an App without its key": (
        {"GITHUB_APP_ID": "1", "GITHUB_WEBHOOK_SECRETS": [SECRET]},
        ["headwater.W001"],
    ),
    "a key without its App": ({"GITHUB_APP_PRIVATE_KEY": "k"}, ["headwater.W001"]),
    "a token without secrets": ({"GITHUB_TOKEN": "t"}, ["headwater.W002"]),
    "a secret that can be guessed": (
        {"GITHUB_WEBHOOK_SECRETS": [SECRET, "short"]},
        ["headwater.W003"],
    ),
}
REAL: dict[str, Any] = {
    "IS_EMBEDDED": False,
    "IS_HTTPS": True,
    "PUBLIC_URL": "https://desk.example.org",
    "EMAIL_URL": "smtp://localhost",
}
INSTALLATIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a real one": ({}, []),
    "one on the embedded database": ({"IS_EMBEDDED": True}, ["headwater.W004"]),
    "one without https": ({"IS_HTTPS": False}, ["headwater.W005"]),
    "one without mail is only told so": ({"EMAIL_URL": ""}, ["headwater.I001"]),
}


@pytest.mark.parametrize("sentence", GITHUB)
def test_half_a_connection_to_github_is_named(sentence: str, settings: Settings) -> None:
    changes, ids = GITHUB[sentence]
    for name, value in (NO_GITHUB | changes).items():
        setattr(settings, name, value)
    assert [message.id for message in check_github()] == ids


@pytest.mark.parametrize("sentence", INSTALLATIONS)
def test_what_an_installation_lacks_is_named(sentence: str, settings: Settings) -> None:
    changes, ids = INSTALLATIONS[sentence]
    for name, value in (REAL | changes).items():
        setattr(settings, name, value)
    messages = check_installation()
    assert [message.id for message in messages] == ids
    assert all(message.hint for message in messages)
