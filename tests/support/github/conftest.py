"""A tracked ticket, and a GitHub that answers on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from support.models import Ticket, TrackedIssue, Tracker
from tests.factories import make_organization
from tests.support.github.fake import FakeGitHub, serving

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
REPOSITORY = "maintainers/customer-tarn"


@pytest.fixture(scope="module")
def github_server() -> Iterator[FakeGitHub]:
    with serving() as fake:
        yield fake


@pytest.fixture
def github(github_server: FakeGitHub, settings: Settings) -> FakeGitHub:
    """An empty GitHub, reached with a personal access token."""
    url = github_server.url
    github_server.__init__(url=url)  # type: ignore[misc]
    settings.GITHUB_API_URL = url
    settings.GITHUB_TOKEN = "pat"
    return github_server


@pytest.fixture
def tracker(db: None, github: FakeGitHub) -> Tracker:
    return Tracker.objects.create(
        organization=make_organization("Tarn Seismic"),
        repository_id=github.add_repository(REPOSITORY),
        full_name=REPOSITORY,
        connected_at=NOW,
    )


@pytest.fixture
def tracked(tracker: Tracker, github: FakeGitHub) -> TrackedIssue:
    """A ticket that is an issue on GitHub already."""
    issue = github.open_issue(REPOSITORY, "ines", "Gather hangs", "It never returns.")
    ticket = Ticket.objects.create(
        organization=tracker.organization,
        title=issue["title"],
        channel="github",
        opened_at=NOW,
        priority="high",
        severity="high",
    )
    return TrackedIssue.objects.create(
        tracker=tracker, issue_id=issue["id"], number=issue["number"], ticket=ticket
    )
