"""What reads like a new problem: one's own and public ones, never another customer's."""

import pytest

from support.domain.similar import Similar, similar_problems
from support.models import UpstreamIssue
from tests.factories import make_customer, make_engineer
from tests.support.tickets import make_ticket

pytestmark = pytest.mark.django_db


def make_issue(number: int, title: str) -> UpstreamIssue:
    return UpstreamIssue.objects.create(repository="dask/dask", number=number, title=title)


def test_two_words_in_any_form_are_enough_and_the_most_alike_comes_first() -> None:
    alice = make_customer()
    some = make_ticket(alice, title="to_parquet writes a file twice")
    most = make_ticket(alice, title="Partitions written twice by to_parquet")
    make_ticket(alice, title="Workers never write")
    known = make_issue(7, "to_parquet: partition is written twice")
    make_issue(8, "Bag.groupby loses a name")
    found = similar_problems(title="Parquet: one partition is written twice", asker=alice)
    assert found == Similar(tickets=[most, some], issues=[known])


def test_what_another_customer_has_is_never_among_them() -> None:
    make_ticket(make_customer("Charlie Roe"), title="Gather hangs after retire")
    assert not similar_problems(title="Gather hangs after retire", asker=make_customer())


def test_one_of_ours_sees_those_of_all() -> None:
    ticket = make_ticket(title="Gather hangs after retire")
    found = similar_problems(title="gather hangs", asker=make_engineer())
    assert found.tickets == [ticket]


@pytest.mark.parametrize("title", ["", "hangs", "the and of", "Dask error", "' | & ! (", "x" * 999])
def test_a_title_that_says_too_little_finds_nothing(title: str) -> None:
    alice = make_customer()
    make_ticket(alice, title="Dask error: the hangs")
    assert not similar_problems(title=title, asker=alice)


def test_at_most_three_of_a_kind_are_shown() -> None:
    alice = make_customer()
    newest = [make_ticket(alice, title="Gather hangs") for _ in range(5)][:1:-1]
    assert similar_problems(title="Gather hangs", asker=alice).tickets == newest
