"""What of contracts a person may see; anything else is not found."""

from django.db.models import QuerySet

from contracts.models import Organization, PersonalToken, Project, User
from contracts.models.organizations import ProjectQuerySet


def organizations_of(user: User) -> QuerySet[Organization]:
    """All for staff; for a customer their own."""
    if user.is_staff:
        return Organization.objects.all()
    return Organization.objects.filter(people=user)


def projects_of(user: User) -> ProjectQuerySet:
    """All for staff; for a customer those of their own organization."""
    theirs = Project.objects.filter(organization__in=organizations_of(user))
    return theirs.select_related("organization")


def tokens_of(user: User) -> QuerySet[PersonalToken]:
    return user.tokens.all()
