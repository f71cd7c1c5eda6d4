"""One answer to "may this person do this now?", with its reason and what to do about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from contracts.domain.contracts import contract_in_force
from contracts.domain.service_levels import current_policy_version
from contracts.models import Organization, Project, Seat, SlaPolicyVersion, User
from contracts.models.organizations import SeatQuerySet
from web.errors import HeadwaterError


class Reason(StrEnum):
    """Why somebody may or may not; the words are part of the API."""

    STAFF = "staff"
    SEAT = "seat"
    NO_SEAT = "no-seat"
    SEAT_ENDED = "seat-ended"
    NO_CONTRACT = "no-contract"
    NOT_THEIRS = "not-theirs"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The answer. `message` and `remedy` are sentences for the person who asked.

    `contacts` are the names of those who hold a seat now, given to people who hold none; `project`
    is the one that the seat is for; `policy_version` is what a ticket opened now is promised under.
    """

    allowed: bool
    reason: Reason
    message: str = ""
    remedy: str = ""
    contacts: tuple[str, ...] = ()
    project: Project | None = None
    policy_version: SlaPolicyVersion | None = None

    def demand(self) -> "Entitlement":
        """This, or `NotEntitled` if the answer is no."""
        if not self.allowed:
            raise NotEntitled(self)
        return self


class NotEntitled(HeadwaterError):
    """Somebody asked for what their seat or contract does not give; `entitlement` says why."""

    code = "not-entitled"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, entitlement: Entitlement) -> None:
        super().__init__(entitlement.message, remedy=entitlement.remedy)
        self.entitlement = entitlement


def may_open_ticket(
    *,
    user: User,
    organization: Organization | None = None,
    project: Project | None = None,
    now: datetime,
) -> Entitlement:
    """Whether `user` may open a ticket for `project`, or else for the one of their oldest seat.

    Staff may open one for any `organization`, whatever its contract.
    """
    organization = project.organization if project else organization or user.organization
    if user.is_staff:
        return _of_ours(user, organization, project, now)
    seats = Seat.objects.filter(project=project) if project else Seat.objects.all()
    return _of_a_customer(user, organization, project, seats, now)


def may_write(
    *, user: User, organization: Organization, project: Project | None = None, now: datetime
) -> Entitlement:
    """Whether `user` may write on a ticket of `organization`: a seat on any project of it will do.

    `project` is the ticket's, whose contacts are named first.
    """
    if user.is_staff:
        return _of_ours(user, organization, project, now)
    return _of_a_customer(user, organization, project, Seat.objects.all(), now)


def contacts_of(
    *, organization: Organization, project: Project | None = None, now: datetime
) -> tuple[str, ...]:
    """Names of who may talk to us now: on the project if anybody is, else in the organization."""
    seats = Seat.objects.held_at(now).filter(
        project__organization=organization, user__is_active=True
    )
    on_it = seats.filter(project=project)
    chosen = on_it if project and on_it.exists() else seats
    return tuple(chosen.order_by("user__name").values_list("user__name", flat=True).distinct())


def _of_ours(
    user: User, organization: Organization | None, project: Project | None, now: datetime
) -> Entitlement:
    if not user.is_active:
        return _INACTIVE
    contract = contract_in_force(organization=organization, now=now) if organization else None
    version = current_policy_version(contract.sla_policy) if contract else None
    return Entitlement(True, Reason.STAFF, project=project, policy_version=version)


def _of_a_customer(
    user: User,
    organization: Organization | None,
    project: Project | None,
    seats: SeatQuerySet,
    now: datetime,
) -> Entitlement:
    if not user.is_active:
        return _INACTIVE
    if organization is None or user.organization_id != organization.pk:
        return _NOT_THEIRS
    ever_held = seats.filter(user=user, project__organization=organization)
    seat = ever_held.held_at(now).select_related("project").order_by("starts_at", "id").first()
    if seat is None:
        return _without_a_seat(organization, project, ended=ever_held.exists(), now=now)
    contract = contract_in_force(organization=organization, now=now)
    if contract is None:
        return _NO_CONTRACT
    return Entitlement(
        True,
        Reason.SEAT,
        project=project or seat.project,
        policy_version=current_policy_version(contract.sla_policy),
    )


def _without_a_seat(
    organization: Organization, project: Project | None, *, ended: bool, now: datetime
) -> Entitlement:
    names = contacts_of(organization=organization, project=project, now=now)
    where = f" on {project.name}" if project else ""
    return Entitlement(
        allowed=False,
        reason=Reason.SEAT_ENDED if ended else Reason.NO_SEAT,
        message=f"Your seat{where} has ended." if ended else f"You hold no seat{where}.",
        remedy=f"Please ask one of your contacts: {', '.join(names)}."
        if names
        else "Please ask your manager to have a seat assigned.",
        contacts=names,
    )


_INACTIVE = Entitlement(
    False, Reason.INACTIVE, "This account is closed.", "Please ask your manager to have it opened."
)
_NOT_THEIRS = Entitlement(
    False,
    Reason.NOT_THEIRS,
    "This is another organization's.",
    "Please choose a project of your own organization.",
)
_NO_CONTRACT = Entitlement(
    False,
    Reason.NO_CONTRACT,
    "There is no contract in force.",
    "Please ask your manager to renew it; what you have sent so far is kept.",
)
