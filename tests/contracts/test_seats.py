"""Who is seated where, and until when."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from contracts.domain.roles import ManagersOnly
from contracts.domain.seats import NoSeatLeft, SeatRefused, end_seat, grant_seat
from contracts.models import Contract, Project, Seat, User
from tests.factories import (
    NOW,
    make_contract,
    make_engineer,
    make_manager,
    make_project,
    make_seat,
    make_user,
)

DAY = timedelta(days=1)


def bought(seats: int = 2) -> Project:
    project = make_project()
    make_contract(project.organization, seats_per_project=seats)
    return project


def colleague(project: Project) -> User:
    return make_user(organization=project.organization)


@pytest.mark.django_db
def test_a_seat_begins_now() -> None:
    project = bought()
    seat = grant_seat(actor=make_manager(), user=colleague(project), project=project, now=NOW)
    assert (seat.starts_at, seat.ends_at) == (NOW, None)


@pytest.mark.django_db
def test_a_project_has_as_many_seats_as_were_bought() -> None:
    project = bought(seats=1)
    grant_seat(actor=None, user=colleague(project), project=project, now=NOW)
    with pytest.raises(NoSeatLeft, match="has 1 seat, and all are taken"):
        grant_seat(actor=None, user=colleague(project), project=project, now=NOW)


@pytest.mark.django_db
def test_another_project_has_its_own_seats() -> None:
    project = bought(seats=1)
    other = make_project(project.organization)
    person = colleague(project)
    grant_seat(actor=None, user=person, project=project, now=NOW)
    assert grant_seat(actor=None, user=person, project=other, now=NOW).project == other


@pytest.mark.django_db
def test_a_seat_that_ended_can_be_given_to_somebody_else() -> None:
    project = bought(seats=1)
    seat = grant_seat(actor=None, user=colleague(project), project=project, now=NOW)
    end_seat(actor=make_manager(), seat=seat, now=NOW + DAY)
    successor = grant_seat(actor=None, user=colleague(project), project=project, now=NOW + DAY)
    assert list(project.seats.order_by("starts_at")) == [seat, successor]


@pytest.mark.django_db
def test_a_seat_for_a_time_only_competes_with_seats_of_that_time() -> None:
    project = bought(seats=1)
    later = NOW + 10 * DAY
    grant_seat(actor=None, user=colleague(project), project=project, now=NOW, starts_at=later)
    stand_in = colleague(project)
    seat = grant_seat(actor=None, user=stand_in, project=project, now=NOW, ends_at=later)
    assert seat.ends_at == later
    with pytest.raises(NoSeatLeft):
        grant_seat(actor=None, user=colleague(project), project=project, now=NOW)


@pytest.mark.django_db
def test_nobody_holds_the_same_seat_twice() -> None:
    project = bought()
    person = colleague(project)
    grant_seat(actor=None, user=person, project=project, now=NOW)
    with pytest.raises(SeatRefused, match="already holds a seat"):
        grant_seat(actor=None, user=person, project=project, now=NOW + DAY)
    assert project.seats.count() == 1


@pytest.mark.django_db
def test_a_seat_ends_after_it_starts() -> None:
    project = bought()
    with pytest.raises(SeatRefused, match="ends after it starts"):
        grant_seat(actor=None, user=colleague(project), project=project, now=NOW, ends_at=NOW - DAY)


@pytest.mark.django_db
def test_a_seat_is_for_people_of_the_organization() -> None:
    project = bought()
    closed = colleague(project)
    closed.is_active = False
    for somebody in (make_user(), make_engineer(), closed):
        with pytest.raises(SeatRefused, match="no active person"):
            grant_seat(actor=None, user=somebody, project=project, now=NOW)


@pytest.mark.django_db
def test_seats_come_from_the_contract_in_force_else_from_the_newest() -> None:
    project = make_project()
    with pytest.raises(SeatRefused, match="no contract"):
        grant_seat(actor=None, user=colleague(project), project=project, now=NOW)
    draft = make_contract(project.organization, seats_per_project=1, signed_at=None)
    first = colleague(project)
    grant_seat(actor=None, user=first, project=project, now=NOW)
    with pytest.raises(NoSeatLeft):
        grant_seat(actor=None, user=colleague(project), project=project, now=NOW)
    make_contract(project.organization, seats_per_project=2)
    Contract.objects.filter(pk=draft.pk).update(starts_on=NOW.date())
    assert grant_seat(actor=None, user=colleague(project), project=project, now=NOW).pk


@pytest.mark.django_db
def test_a_seat_may_end_later() -> None:
    seat = make_seat()
    assert end_seat(actor=None, seat=seat, now=NOW, at=NOW + DAY).ends_at == NOW + DAY
    assert end_seat(actor=None, seat=seat, now=NOW, at=NOW + 2 * DAY).ends_at == NOW + 2 * DAY


@pytest.mark.django_db
def test_a_seat_that_has_ended_stays_as_it_was() -> None:
    seat = make_seat(ends_at=NOW - DAY)
    with pytest.raises(SeatRefused, match="already ended"):
        end_seat(actor=None, seat=seat, now=NOW)
    seat.refresh_from_db()
    assert seat.ends_at == NOW - DAY


@pytest.mark.django_db
def test_a_seat_does_not_end_in_the_past() -> None:
    with pytest.raises(SeatRefused, match="in the past"):
        end_seat(actor=None, seat=make_seat(), now=NOW, at=NOW - DAY)


@pytest.mark.django_db
def test_a_seat_that_has_not_begun_cannot_end() -> None:
    seat = make_seat(starts_at=NOW + DAY)
    with pytest.raises(SeatRefused, match="ends after it starts"):
        end_seat(actor=None, seat=seat, now=NOW)


@pytest.mark.django_db
def test_engineers_seat_nobody() -> None:
    project, engineer = bought(), make_engineer()
    seat = make_seat(project=project)
    refused: list[Callable[[], object]] = [
        lambda: grant_seat(actor=engineer, user=colleague(project), project=project, now=NOW),
        lambda: end_seat(actor=engineer, seat=seat, now=NOW),
    ]
    for verb in refused:
        with pytest.raises(ManagersOnly, match="support manager"):
            verb()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_seat_exactly_one_gets_it() -> None:
    project = bought(seats=1)
    people = [colleague(project) for _ in range(4)]
    barrier, refused = Barrier(len(people)), []

    def want(person: User) -> None:
        barrier.wait()
        try:
            grant_seat(actor=None, user=person, project=project, now=NOW)
        except NoSeatLeft:
            refused.append(person)
        finally:
            connection.close()

    threads = [Thread(target=want, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Seat.objects.count() == 1
    assert len(refused) == 3
