"""Seats: who may talk to us for a project, and from when until when."""

from datetime import datetime
from http import HTTPStatus

from django.db import transaction
from django.db.models import Q

from contracts.domain.roles import require_manager
from contracts.models import Contract, Project, Seat, User
from web.constraints import refusals
from web.errors import HeadwaterError


class SeatRefused(HeadwaterError):
    """This person cannot sit there, or not then."""

    code = "seat-refused"
    status = HTTPStatus.CONFLICT


class NoSeatLeft(SeatRefused):
    """The contract's seats on that project are all taken."""

    code = "no-seat-left"


def grant_seat(
    *,
    actor: User | None,
    user: User,
    project: Project,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Seat:
    """Seat `user` on `project`, from now on unless told otherwise.

    Raises `NoSeatLeft`, `SeatRefused` and `ManagersOnly`.
    """
    require_manager(actor)
    if user.organization_id != project.organization_id or not user.is_active:
        raise SeatRefused(
            f"{user.name} is no active person of {project.organization}.",
            remedy="Add or reopen their account there first.",
        )
    seat = Seat(user=user, project=project, starts_at=starts_at or now, ends_at=ends_at)
    with transaction.atomic(), refusals(_refusals(seat)):
        Project.objects.select_for_update().get(pk=project.pk)
        _require_room(seat)
        seat.save()
    return seat


def end_seat(*, actor: User | None, seat: Seat, now: datetime, at: datetime | None = None) -> Seat:
    """End a seat now or at a later instant; history stays. Raises `SeatRefused`, `ManagersOnly`."""
    require_manager(actor)
    ends_at = at or now
    with transaction.atomic(), refusals(_refusals(seat)):
        kept = Seat.objects.select_for_update().get(pk=seat.pk)
        if kept.ends_at is not None and kept.ends_at <= now:
            raise SeatRefused("This seat has already ended.", remedy="Grant a new one instead.")
        if ends_at < now:
            raise SeatRefused("A seat cannot end in the past.", remedy="Choose now or later.")
        kept.ends_at = ends_at
        kept.save(update_fields=["ends_at"])
    return kept


def _require_room(seat: Seat) -> None:
    bought = _seats_bought(seat)
    overlapping = seat.project.seats.filter(Q(ends_at=None) | Q(ends_at__gt=seat.starts_at))
    if seat.ends_at is not None:
        overlapping = overlapping.filter(starts_at__lt=seat.ends_at)
    if overlapping.exclude(user=seat.user).count() >= bought:
        raise NoSeatLeft(
            f"{seat.project} has {bought} seat{'' if bought == 1 else 's'}, and all are taken.",
            remedy="End another person's seat first, or amend the contract.",
        )


def _seats_bought(seat: Seat) -> int:
    """By the contract in force when the seat begins, else by the one that begins last."""
    contracts = Contract.objects.filter(organization=seat.project.organization_id)
    in_force = contracts.in_force(seat.starts_at).order_by("-starts_on", "-id").first()
    contract = in_force or contracts.order_by("-starts_on", "-id").first()
    if contract is None:
        raise SeatRefused(
            f"{seat.project.organization} has no contract that seats could come from.",
            remedy="Draft its contract first.",
        )
    return contract.seats_per_project


def _refusals(seat: Seat) -> dict[str, HeadwaterError]:
    return {
        "a_person_holds_a_project_seat_once_at_a_time": SeatRefused(
            f"{seat.user} already holds a seat on {seat.project} at that time.",
            remedy="End that seat first.",
        ),
        "a_seat_ends_after_it_starts": SeatRefused(
            "A seat ends after it starts.", remedy="Choose a later end."
        ),
    }
