"""Customers and the projects inside them."""

from http import HTTPStatus

from contracts.domain.roles import require_manager
from contracts.models import Organization, Project, User
from web.constraints import refusals
from web.errors import HeadwaterError


class NameTaken(HeadwaterError):
    """Another organization, or another project of the same one, has that name."""

    code = "name-taken"
    status = HTTPStatus.CONFLICT


def save_organization(*, actor: User | None, organization: Organization) -> Organization:
    """Keep an organization as it is filled in, new or changed.

    Raises `NameTaken` and `ManagersOnly`.
    """
    require_manager(actor)
    taken = NameTaken(
        f"There is already an organization called {organization.name}, or with its short name.",
        remedy="Choose another name, or change that one.",
    )
    with refusals(
        {"an_organization_is_named_once": taken, "an_organization_has_its_own_short_name": taken}
    ):
        organization.save()
    return organization


def save_project(*, actor: User | None, project: Project) -> Project:
    """Keep a project as it is filled in, new or changed. Raises `NameTaken` and `ManagersOnly`."""
    require_manager(actor)
    taken = NameTaken(
        f"{project.organization} already has a project with the short name {project.slug}.",
        remedy="Choose another short name.",
    )
    with refusals({"a_project_is_named_once_in_its_organization": taken}):
        project.save()
    return project
