"""Connects an organization's private GitHub repository."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from contracts.models import Organization, Project
from support.domain.trackers import connect_tracker
from support.gateways import github
from web.errors import HeadwaterError


class Command(BaseCommand):
    help = "Mirror OWNER/REPOSITORY for an organization (its slug), or for one of its projects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organization")
        parser.add_argument("repository", metavar="OWNER/REPOSITORY")
        parser.add_argument("--project", help="the slug of a project of the organization")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self._organization(options["organization"])
        project = self._project(organization, options["project"])
        try:
            repository = github.find_repository(options["repository"])
            tracker = connect_tracker(
                organization=organization,
                project=project,
                repository=repository,
                now=timezone.now(),
            )
        except HeadwaterError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{tracker.full_name} is the tracker of {organization}.")

    def _organization(self, slug: str) -> Organization:
        found = Organization.objects.filter(slug=slug).first()
        if found is None:
            known = ", ".join(Organization.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no organization {slug}. There are: {known}.")
        return found

    def _project(self, organization: Organization, slug: str | None) -> Project | None:
        if slug is None:
            return None
        found = organization.projects.filter(slug=slug).first()
        if found is None:
            known = ", ".join(organization.projects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"{organization} has no project {slug}. There are: {known}.")
        return found
