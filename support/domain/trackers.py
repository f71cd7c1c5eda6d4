"""The life of a tracker: connected, paused while GitHub will not have us, renamed."""

from datetime import datetime

from contracts.models import Organization, Project
from support.gateways.github import Repository
from support.gateways.github_access import RepositoryAccess
from support.models import Tracker
from web.errors import HeadwaterError


class TrackerTaken(HeadwaterError):
    """A repository mirrors one organization's problems only."""

    code = "tracker-taken"
    status = 409


class TrackerIsPublic(HeadwaterError):
    """What customers write must not stand in public."""

    code = "tracker-is-public"
    status = 409


def connect_tracker(
    *, organization: Organization, project: Project | None, repository: Repository, now: datetime
) -> Tracker:
    """Mirror this repository for this organization. Again for the same one: nothing changes."""
    if not repository.is_private:
        raise TrackerIsPublic(
            f"{repository.full_name} is public.", remedy="Make it private, then connect it again."
        )
    tracker, _ = Tracker.objects.get_or_create(
        repository_id=repository.id,
        defaults={
            "organization": organization,
            "project": project,
            "full_name": repository.full_name,
            "installation_id": repository.installation_id,
            "connected_at": now,
        },
    )
    if tracker.organization_id != organization.pk:
        raise TrackerTaken(
            f"{repository.full_name} is the tracker of another organization.",
            remedy="Choose a repository that only this organization can read.",
        )
    return tracker


def access_of(tracker: Tracker) -> RepositoryAccess:
    return RepositoryAccess(
        repository_id=tracker.repository_id,
        full_name=tracker.full_name,
        installation_id=tracker.installation_id,
    )


def pause_tracker(*, tracker: Tracker, until: datetime, cause: str) -> None:
    """Leave GitHub alone for this organization until then; others are not concerned."""
    Tracker.objects.filter(pk=tracker.pk).update(paused_until=until, pause_cause=cause[:400])


def note_hint(*, repository_id: int, full_name: str, now: datetime) -> None:
    """A webhook came: keep when, and the name that the repository has now."""
    Tracker.objects.filter(repository_id=repository_id).update(last_hint_at=now)
    if full_name:
        Tracker.objects.filter(repository_id=repository_id).exclude(full_name=full_name).update(
            full_name=full_name
        )
