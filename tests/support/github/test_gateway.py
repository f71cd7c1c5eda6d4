"""The gateway asks GitHub as the App, for one repository at a time, and believes no odd answer."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.core.management import CommandError, call_command
from pytest_django import Settings

from support.gateways import github as gateway
from support.gateways.github_access import RepositoryAccess, is_configured, token_key
from support.gateways.github_errors import (
    ForeignAnswer,
    GitHubAccessLost,
    GitHubGone,
    GitHubLimited,
    GitHubNotConfigured,
    GitHubRefused,
    GitHubUnavailable,
)
from support.models import Tracker
from tests.factories import make_organization, make_project
from tests.support.github.conftest import REPOSITORY
from tests.support.github.fake import FakeGitHub


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture
def access(github: FakeGitHub) -> RepositoryAccess:
    repository_id = github.add_repository(REPOSITORY)
    github.open_issue(REPOSITORY, "ines", "Gather hangs", "It never returns.")
    return RepositoryAccess(repository_id, REPOSITORY, None)


@pytest.fixture
def app_access(access: RepositoryAccess, private_key: str, settings: Settings) -> RepositoryAccess:
    settings.GITHUB_TOKEN = ""
    settings.GITHUB_APP_ID = "4242"
    settings.GITHUB_APP_PRIVATE_KEY = private_key
    return RepositoryAccess(access.repository_id, REPOSITORY, 777)


def test_an_issue_is_read_with_its_author_and_instant(access: RepositoryAccess) -> None:
    issue = gateway.read_issue(access, 1)
    assert (issue.title, issue.author.login, issue.author.is_bot) == ("Gather hangs", "ines", False)
    assert abs((datetime.now(UTC) - issue.created_at).total_seconds()) < 60
    assert not issue.is_pull_request


def test_an_app_token_is_limited_to_the_repository_and_asked_for_once(
    app_access: RepositoryAccess, github: FakeGitHub
) -> None:
    for _ in range(3):
        gateway.read_issue(app_access, 1)
    assert list(github.tokens.values()) == [[app_access.repository_id]]
    asked = [path for _, path, _ in github.requests if path.endswith("access_tokens")]
    assert len(asked) == 1


def test_a_forgotten_token_is_asked_for_again(
    app_access: RepositoryAccess, github: FakeGitHub
) -> None:
    gateway.read_issue(app_access, 1)
    cache.delete(token_key(app_access))
    gateway.read_issue(app_access, 1)
    assert len(github.tokens) == 2


def test_a_token_that_was_revoked_meanwhile_is_replaced(
    app_access: RepositoryAccess, github: FakeGitHub
) -> None:
    gateway.read_issue(app_access, 1)
    github.tokens.clear()
    gateway.write_comment(app_access, 1, "Still here.")
    assert len(github.tokens) == 1
    assert [one.body for one in gateway.read_comments(app_access, 1)] == ["Still here."]


def test_who_is_never_let_in_is_told_so_after_one_new_token(
    app_access: RepositoryAccess, github: FakeGitHub
) -> None:
    github.fail("GET", "/issues/", 401, times=9)
    with pytest.raises(GitHubAccessLost):
        gateway.read_issue(app_access, 1)
    assert len(github.tokens) == 2


def test_a_refused_personal_token_is_not_tried_twice(
    access: RepositoryAccess, github: FakeGitHub
) -> None:
    github.fail("GET", "/issues/", 401, times=9)
    with pytest.raises(GitHubAccessLost):
        gateway.read_issue(access, 1)
    assert len(github.requests) == 1


def test_more_comments_than_a_page_are_all_read(
    access: RepositoryAccess, github: FakeGitHub
) -> None:
    for number in range(230):
        github.comment(REPOSITORY, 1, "ines", f"comment {number}")
    comments = gateway.read_comments(access, 1)
    assert [one.body for one in comments] == [f"comment {number}" for number in range(230)]


def test_a_deleted_account_is_a_ghost(access: RepositoryAccess, github: FakeGitHub) -> None:
    github.issues[REPOSITORY, 1]["user"] = None
    assert gateway.read_issue(access, 1).author == gateway.Author(
        id=None, login="ghost", is_bot=False
    )


@pytest.mark.parametrize(
    ("status", "headers", "message", "error"),
    [
        (404, {}, "Not Found", GitHubGone),
        (410, {}, "Gone", GitHubGone),
        (307, {"Location": "/elsewhere"}, "", GitHubGone),
        (422, {}, "Validation Failed", GitHubRefused),
        (403, {}, "Resource not accessible by integration", GitHubRefused),
        (403, {}, "You have exceeded a secondary rate limit", GitHubLimited),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}, "", GitHubLimited),
        (429, {}, "", GitHubLimited),
        (500, {}, "", GitHubUnavailable),
    ],
)
def test_every_refusal_says_what_helps(
    access: RepositoryAccess,
    github: FakeGitHub,
    status: int,
    headers: dict[str, str],
    message: str,
    error: type[Exception],
) -> None:
    github.fail("GET", "issues/1$", status, headers=headers, message=message)
    with pytest.raises(error):
        gateway.read_issue(access, 1)


def test_no_answer_at_all_is_unknown(access: RepositoryAccess, settings: Settings) -> None:
    settings.GITHUB_API_URL = "http://127.0.0.1:9"
    with pytest.raises(GitHubUnavailable):
        gateway.read_issue(access, 1)


def test_an_answer_of_another_shape_is_not_believed(
    access: RepositoryAccess, github: FakeGitHub
) -> None:
    github.issues[REPOSITORY, 1]["created_at"] = "yesterday"
    with pytest.raises(ForeignAnswer):
        gateway.read_issue(access, 1)


def test_without_configuration_the_remedy_is_named(github: FakeGitHub, settings: Settings) -> None:
    settings.GITHUB_TOKEN = ""
    assert not is_configured()
    with pytest.raises(GitHubNotConfigured, match="Set GITHUB_APP_ID"):
        gateway.find_repository(REPOSITORY)


@pytest.mark.django_db
def test_a_repository_is_connected_by_its_id(app_access: RepositoryAccess) -> None:
    organization = make_organization("Tarn Seismic", slug="tarn")
    make_project(organization, slug="survey")
    for _ in range(2):
        call_command("connect_tracker", "tarn", REPOSITORY, "--project", "survey")
    tracker = Tracker.objects.get()
    assert (tracker.repository_id, tracker.installation_id) == (app_access.repository_id, 777)
    assert tracker.project == organization.projects.get()


@pytest.mark.django_db
def test_a_tracker_is_of_one_organization(access: RepositoryAccess) -> None:
    make_organization("Tarn Seismic", slug="tarn")
    make_organization("Sundial Actuarial", slug="sundial")
    call_command("connect_tracker", "tarn", REPOSITORY)
    with pytest.raises(CommandError, match="another organization"):
        call_command("connect_tracker", "sundial", REPOSITORY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody", REPOSITORY], "There is no organization nobody. There are: tarn."),
        (["tarn", REPOSITORY, "--project", "x"], "Tarn Seismic has no project x."),
        (["tarn", "maintainers/none"], "GitHub does not have it"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_ones(
    access: RepositoryAccess, arguments: list[str], message: str
) -> None:
    make_organization("Tarn Seismic", slug="tarn")
    with pytest.raises(CommandError, match=message):
        call_command("connect_tracker", *arguments)


@pytest.mark.django_db
def test_a_public_repository_is_refused(access: RepositoryAccess, github: FakeGitHub) -> None:
    make_organization("Tarn Seismic", slug="tarn")
    github.are_private = False
    with pytest.raises(CommandError, match="is public"):
        call_command("connect_tracker", "tarn", REPOSITORY)
